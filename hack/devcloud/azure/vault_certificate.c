/* Certificates in key vaults: what there is of them. */
#include "hack/devcloud/azure/vault_certificate.h"

#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

json *vault_certificate(const struct vault_call *v)
{
    return v->key ? json_get(v->certificates, v->key) : NULL;
}

static json *newest(const json *certificate)
{
    json *versions = json_get(certificate, "versions");
    return json_at(versions, json_len(versions) - 1);
}

/* ---- what is shown ---- */

static char *give_id(const struct vault_call *v, const char *kind, const char *name,
                     const json *version)
{
    const char *of = json_path_str(version, "version");
    return xasprintf("https://%s/%s/%s%s%s", sim_host(v->sim), kind, name, of ? "/" : "",
                     of ? of : "");
}

static json *give_policy(const struct vault_call *v, const char *name, const json *certificate)
{
    cleanup_free char *id = xasprintf("https://%s/certificates/%s/policy", sim_host(v->sim), name);
    json *policy = json_give_copy(json_get(certificate, "policy"));
    json_put(policy, "id", json_new_str(id));
    return policy;
}

static json *give_entry(const struct vault_call *v, const char *name, const json *version)
{
    cleanup_free char *id = give_id(v, "certificates", name, version);
    json *view = json_make("{'id':%s}", id);
    static const char *const copied[] = { "x5t", "attributes", "tags" };
    for (size_t i = 0; i < ARRAY_LEN(copied); i++)
        if (json_get(version, copied[i]))
            json_put(view, copied[i], json_give_copy(json_get(version, copied[i])));
    if (!json_get(view, "attributes"))
        json_put(view, "attributes", json_make("{'enabled':false}"));
    json_put(json_get(view, "attributes"), "recoveryLevel", json_new_str("Recoverable+Purgeable"));
    return view;
}

json *vault_give_certificate(const struct vault_call *v, const char *name, const json *certificate,
                             const json *version)
{
    if (!version && json_len(json_get(certificate, "versions")) > 0)
        version = newest(certificate);
    json *view = give_entry(v, name, version);
    cleanup_free char *kid = give_id(v, "keys", name, version);
    cleanup_free char *sid = give_id(v, "secrets", name, version);
    json_put(view, "kid", json_new_str(kid));
    json_put(view, "sid", json_new_str(sid));
    if (json_path_str(version, "cer"))
        json_put(view, "cer", json_new_str(json_path_str(version, "cer")));
    json_put(view, "policy", give_policy(v, name, certificate));
    if (json_get(certificate, "pending")) {
        cleanup_free char *pending =
            xasprintf("https://%s/certificates/%s/pending", sim_host(v->sim), name);
        json_put(view, "pending", json_make("{'id':%s}", pending));
    }
    return view;
}

/* ---- reading ---- */

static void refuse_absent(struct vault_call *v)
{
    vault_refuse(v, 404, "CertificateNotFound", NULL,
                 "A certificate with (name/id) %s%s%s was not found in this key vault. If you "
                 "recently deleted this certificate you may be able to recover it using the "
                 "correct recovery command.",
                 v->name, v->more ? "/" : "", v->more ? v->more : "");
}

/* Of the path; NULL: there is none. */
static json *find_version(const struct vault_call *v, const json *certificate)
{
    json *versions = json_get(certificate, "versions");
    for (size_t i = 0; i < json_len(versions); i++)
        if (str_eq_nocase(json_path_str(json_at(versions, i), "version"), v->more))
            return json_at(versions, i);
    return NULL;
}

static void get_one(struct vault_call *v, const json *certificate)
{
    const json *version = v->more ? find_version(v, certificate) : NULL;
    if (!certificate || (v->more && !version)) {
        refuse_absent(v);
        return;
    }
    cleanup_json json *view =
        vault_give_certificate(v, json_path_str(certificate, "name"), certificate, version);
    sim_reply(v->sim, 200, view);
}

static void list(struct vault_call *v)
{
    json *found = json_new_array();
    for (struct json_iter it = json_each(v->certificates); json_next(&it);)
        if (json_len(json_get(it.value, "versions")) > 0) {
            json *entry = give_entry(v, json_path_str(it.value, "name"), newest(it.value));
            cleanup_free char *id = xasprintf("https://%s/certificates/%s", sim_host(v->sim),
                                              json_path_str(it.value, "name"));
            json_put(entry, "id", json_new_str(id));
            json_append(found, entry);
        }
    sim_reply_list(v->sim, found);
}

static void list_versions(struct vault_call *v, const json *certificate)
{
    const json *versions = json_get(certificate, "versions");
    json *found = json_new_array();
    for (size_t i = 0; i < json_len(versions); i++)
        json_append(found, give_entry(v, v->name, json_at(versions, i)));
    sim_reply_list(v->sim, found);
}

/* ---- changes ---- */

static void serve_policy(struct vault_call *v, json *certificate)
{
    struct sim_call *c = v->sim;
    if (!certificate) {
        refuse_absent(v);
        return;
    }
    if (sim_is(c, "PATCH")) {
        cleanup_json json *wanted =
            json_give_merged(json_give_copy(json_get(certificate, "policy")), c->body);
        json_del(wanted, "id");
        if (!vault_policy_is_good(v, wanted))
            return;
        json_put(certificate, "policy", take(wanted));
    } else if (!sim_is(c, "GET")) {
        vault_refuse(v, 405, "MethodNotAllowed", NULL, "The method is not supported here.");
        return;
    }
    cleanup_json json *view = give_policy(v, json_path_str(certificate, "name"), certificate);
    sim_reply(c, 200, view);
}

static void patch(struct vault_call *v, json *certificate)
{
    json *version = v->more       ? find_version(v, certificate)
                    : certificate ? newest(certificate)
                                  : NULL;
    const json *body = v->sim->body;
    if (!version) {
        refuse_absent(v);
        return;
    }
    if (json_is_object(json_get(body, "tags")))
        json_put(version, "tags", json_give_copy(json_get(body, "tags")));
    if (json_is_object(json_get(body, "attributes")))
        json_put(version, "attributes",
                 json_give_merged(json_give_copy(json_get(version, "attributes")),
                                  json_get(body, "attributes")));
    cleanup_json json *view =
        vault_give_certificate(v, json_path_str(certificate, "name"), certificate, version);
    sim_reply(v->sim, 200, view);
}

void vault_serve_certificates(struct vault_call *v)
{
    struct sim_call *c = v->sim;
    json *certificate = vault_certificate(v);
    if (!v->name && sim_is(c, "GET"))
        list(v);
    else if (v->name && str_eq_nocase(v->more, "create") && sim_is(c, "POST"))
        vault_create_certificate(v);
    else if (v->name && str_eq_nocase(v->more, "pending"))
        vault_serve_pending(v);
    else if (v->name && str_eq_nocase(v->more, "policy"))
        serve_policy(v, certificate);
    else if (v->name && str_eq_nocase(v->more, "versions") && sim_is(c, "GET"))
        list_versions(v, certificate);
    else if (v->name && sim_is(c, "GET"))
        get_one(v, certificate);
    else if (v->name && sim_is(c, "PATCH"))
        patch(v, certificate);
    else if (v->name && !v->more && sim_is(c, "DELETE"))
        vault_delete_certificate(v);
    else
        vault_refuse(v, 405, "MethodNotAllowed", NULL, "The method is not supported here.");
}
