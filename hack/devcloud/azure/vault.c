/*
 * The data plane of key vaults: secrets and certificates in versions, with soft deletion. A vault is there as soon as somebody calls it; its
 * name is the first part of the host, so that those who dial an address have a vault of their own.
 */
#include "hack/devcloud/azure/vault.h"

#include <stdarg.h>
#include <string.h>

#include "hack/devcloud/azure/vault_certificate.h"
#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/net/url.h"

void vault_refuse(struct vault_call *v, int status, const char *code, const char *inner,
                  const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    cleanup_free char *text = xvasprintf(fmt, ap);
    va_end(ap);
    cleanup_json json *body = json_make("{'error':{'code':%s,'message':%s}}", code, text);
    if (inner)
        json_put(json_get(body, "error"), "innererror", json_make("{'code':%s}", inner));
    sim_reply(v->sim, status, body);
}

static int64_t now_s(const struct vault_call *v)
{
    return clock_wall_ns(v->sim->sim->cfg.clock) / NS_PER_S;
}

/* ---- one secret ---- */

json *vault_give_view(const struct vault_call *v, const char *name, const json *version,
                      bool id_version)
{
    static const char *const copied[] = { "contentType", "tags", "kid", "managed" };
    cleanup_free char *id =
        xasprintf("https://%s/secrets/%s%s%s", sim_host(v->sim), name, id_version ? "/" : "",
                  id_version ? json_path_str(version, "version") : "");
    json *view =
        json_make("{'id':%s,'attributes':%j}", id, json_give_copy(json_get(version, "attributes")));
    (void)json_set_str(view, "attributes.recoveryLevel", "Recoverable+Purgeable", NULL);
    for (size_t i = 0; i < ARRAY_LEN(copied); i++)
        if (json_get(version, copied[i]))
            json_put(view, copied[i], json_give_copy(json_get(version, copied[i])));
    return view;
}

static json *newest(json *versions)
{
    return json_at(versions, json_len(versions) - 1);
}

/* Of the path; NULL after answering. */
static json *find_version(struct vault_call *v)
{
    json *versions = json_get(v->secrets, v->key);
    json *found = versions && !v->more ? newest(versions) : NULL;
    for (size_t i = 0; v->more && versions && i < json_len(versions); i++)
        if (str_eq_nocase(json_path_str(json_at(versions, i), "version"), v->more))
            found = json_at(versions, i);
    if (!found)
        vault_refuse(v, 404, "SecretNotFound", NULL,
                     "A secret with (name/id) %s%s%s was not found in this key vault.", v->name,
                     v->more ? "/" : "", v->more ? v->more : "");
    return found;
}

static void get_secret(struct vault_call *v)
{
    const json *version = find_version(v);
    if (!version)
        return;
    if (!json_path_bool(version, "attributes.enabled", true)) {
        vault_refuse(v, 403, "Forbidden", "SecretDisabled",
                     "Operation get is not allowed on a disabled secret.");
        return;
    }
    cleanup_json json *view = vault_give_view(v, v->name, version, true);
    json_put(view, "value", json_new_str(json_path_str(version, "value")));
    sim_reply(v->sim, 200, view);
}

/* What a body may say about a version. */
static void change(struct vault_call *v, json *version)
{
    static const char *const open[] = { "contentType", "tags" };
    static const char *const attributes[] = { "enabled", "nbf", "exp" };
    const json *body = v->sim->body;
    for (size_t i = 0; i < ARRAY_LEN(open); i++)
        if (json_get(body, open[i]))
            json_put(version, open[i], json_give_copy(json_get(body, open[i])));
    for (size_t i = 0; i < ARRAY_LEN(attributes); i++) {
        json *value = json_get(json_get(body, "attributes"), attributes[i]);
        if (value)
            json_put(json_get(version, "attributes"), attributes[i], json_give_copy(value));
    }
    json_put(json_get(version, "attributes"), "updated", json_new_int(now_s(v)));
}

static void put_secret(struct vault_call *v)
{
    const char *value = json_path_str(v->sim->body, "value");
    if (!value) {
        vault_refuse(v, 400, "BadParameter", NULL, "Property value has invalid value");
        return;
    }
    if (json_get(v->deleted, v->key)) {
        vault_refuse(v, 409, "Conflict", "ObjectIsDeletedButRecoverable",
                     "Secret %s is currently in a deleted but recoverable state, and its name "
                     "cannot be reused; in this state, the secret can only be recovered or purged.",
                     v->name);
        return;
    }
    unsigned char bytes[16];
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (unsigned char)rng_below(v->sim->sim->cfg.rng, 256);
    cleanup_free char *name = hex_give(bytes, sizeof(bytes));
    json *version =
        json_make("{'version':%s,'value':%s,'attributes':{'enabled':true,'created':%ld}}", name,
                  value, now_s(v));
    change(v, version);
    if (!json_get(v->secrets, v->key))
        json_put(v->secrets, v->key, json_new_array());
    json_append(json_get(v->secrets, v->key), version);
    cleanup_json json *view = vault_give_view(v, v->name, version, true);
    json_put(view, "value", json_new_str(value));
    sim_reply(v->sim, 200, view);
}

static void patch_secret(struct vault_call *v)
{
    json *version = find_version(v);
    if (!version)
        return;
    change(v, version);
    cleanup_json json *view = vault_give_view(v, v->name, version, true);
    sim_reply(v->sim, 200, view);
}

/* ---- lists ---- */

static void list_secrets(struct vault_call *v)
{
    json *list = json_new_array();
    for (struct json_iter it = json_each(v->secrets); json_next(&it);)
        json_append(list, vault_give_view(v, it.key, newest(it.value), false));
    sim_reply_list(v->sim, list);
}

static void list_versions(struct vault_call *v)
{
    json *versions = json_get(v->secrets, v->key), *list = json_new_array();
    for (size_t i = 0; versions && i < json_len(versions); i++)
        json_append(list, vault_give_view(v, v->name, json_at(versions, i), true));
    sim_reply_list(v->sim, list);
}

/* ---- routes ---- */

static void serve_secrets(struct vault_call *v)
{
    struct sim_call *c = v->sim;
    if (!v->name && sim_is(c, "GET"))
        list_secrets(v);
    else if (v->name && str_eq_nocase(v->more, "versions") && sim_is(c, "GET"))
        list_versions(v);
    else if (v->name && sim_is(c, "GET"))
        get_secret(v);
    else if (v->name && !v->more && sim_is(c, "PUT"))
        put_secret(v);
    else if (v->name && sim_is(c, "PATCH"))
        patch_secret(v);
    else if (v->name && !v->more && sim_is(c, "DELETE"))
        vault_delete_secret(v);
    else
        vault_refuse(v, 405, "MethodNotAllowed", NULL, "The method is not supported here.");
}

static json *table(json *owner, const char *key)
{
    if (!json_is_object(json_get(owner, key)))
        json_put(owner, key, json_new_object());
    return json_get(owner, key);
}

static bool has_api_version(const struct sim_call *c)
{
    cleanup_free char *version = query_give(sim_query(c), "api-version");
    return version && *version;
}

static void serve(struct sim_call *c, void (*route)(struct vault_call *v), const char *rest)
{
    bool is_vault = str_matches_nocase("*.vault.*", c->host);
    cleanup_free char *vault =
        xstrndup(c->host, is_vault ? strcspn(c->host, ".") : strlen(c->host));
    json *state = table(table(c->sim->state, "vaults"), vault);
    cleanup_strv struct strv parts = STRV_INIT;
    strv_split(&parts, rest, "/", false);
    struct vault_call v = {
        .sim = c,
        .secrets = table(state, "secrets"),
        .deleted = table(state, "deletedsecrets"),
        .certificates = table(state, "certificates"),
        .deleted_certificates = table(state, "deletedcertificates"),
        .name = parts.len > 0 ? parts.v[0] : NULL,
        .key = parts.len > 0 ? str_give_lower(parts.v[0]) : NULL,
        .more = parts.len > 1 ? parts.v[1] : NULL,
    };
    if (parts.len > 2)
        vault_refuse(&v, 404, "NotFound", NULL, "There is nothing here.");
    else if (!has_api_version(c))
        vault_refuse(&v, 400, "BadParameter", NULL, "api-version must be specified");
    else
        route(&v);
    free(v.key);
}

bool vault_serve(struct sim_call *c)
{
    static const struct {
        const char *prefix;
        void (*route)(struct vault_call *v);
    } rows[] = {
        { "/secrets", serve_secrets },
        { "/deletedsecrets", vault_serve_deleted },
        { "/certificates", vault_serve_certificates },
        { "/deletedcertificates", vault_serve_deleted_certificates },
    };
    size_t i = 0, len = strcspn(c->path + 1, "/") + 1;
    while (i < ARRAY_LEN(rows) &&
           (strlen(rows[i].prefix) != len || strncasecmp(rows[i].prefix, c->path, len) != 0))
        i++;
    if (i == ARRAY_LEN(rows))
        return false;
    if (directory_authenticate(c, SERVICE_VAULT))
        serve(c, rows[i].route, c->path + len);
    return true;
}
