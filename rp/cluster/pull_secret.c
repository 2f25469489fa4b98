#include "rp/cluster/pull_secret.h"

#include <string.h>

#include "pkg/api/refuse.h"
#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define TELEMETRY_HOST "cloud.openshift.com"
#define CUSTOMER "clusterProfile.pullSecret"

int pull_secret_parse(const char *text, size_t len, json **ret, struct error **err)
{
    cleanup_json_wiped json *parsed = NULL;
    if (!text || len == 0) {
        *ret = json_make("{'auths':{}}");
        return 0;
    }
    if (json_parse_object(text, len, &parsed, err) < 0)
        return error_wrap(err, "pull secret");
    if (!json_get(parsed, "auths"))
        json_put(parsed, "auths", json_new_object());
    if (!json_is_object(json_get(parsed, "auths")))
        return error_set(err, ERR_INVALID, "pull secret: auths: not an object");
    *ret = take(parsed);
    return 0;
}

void pull_secret_put(json *pull_secret, const char *host, const char *username,
                     const struct secret *password)
{
    cleanup_secret_text char *pair = xasprintf("%s:%s", username, secret_reveal(password, NULL));
    cleanup_secret_text char *auth = base64_give(pair, strlen(pair));
    json_put(json_get(pull_secret, "auths"), host, json_make("{'auth':%s}", auth));
}

void pull_secret_merge(json *pull_secret, const json *over)
{
    json *auths = json_get(pull_secret, "auths");
    for (struct json_iter it = json_each(json_get(over, "auths")); json_next(&it);)
        json_put(auths, it.key, json_give_copy(it.value));
    for (struct json_iter it = json_each(over); json_next(&it);)
        if (!str_eq(it.key, "auths"))
            json_put(pull_secret, it.key, json_give_copy(it.value));
}

bool cluster_has_pull_secret(const struct cluster *c)
{
    return *cluster_text_or_empty(c, CUSTOMER) != '\0';
}

static int give_base(const struct cluster *c, json **ret, struct error **err)
{
    size_t len = 0;
    const struct secret *own = rp_env_secret(c->cfg->env, ENV_PULL_SECRET);
    const char *text = own ? secret_reveal(own, &len) : NULL;
    if (pull_secret_parse(text, len, ret, err) < 0)
        return error_wrap(err, "PULL_SECRET");
    return 0;
}

static int merge_customers(struct cluster *c, const struct opctx *ctx, json *pull_secret,
                           struct error **err)
{
    cleanup_secret struct secret *theirs = NULL;
    cleanup_json_wiped json *parsed = NULL;
    size_t len = 0;
    if (cluster_open_secret(c, ctx, CUSTOMER, &theirs, err) < 0)
        return -1;
    const char *text = theirs ? secret_reveal(theirs, &len) : NULL;
    if (pull_secret_parse(text, len, &parsed, NULL) < 0)
        return api_refuse_value(err, "properties." CUSTOMER,
                                "The provided pull secret is invalid.");
    pull_secret_merge(pull_secret, parsed);
    return 0;
}

/* Those without a password yet are of no use. */
static int put_registries(struct cluster *c, const struct opctx *ctx, json *pull_secret,
                          struct error **err)
{
    const json *profiles = json_path(c->doc, PROPERTIES "registryProfiles");
    for (size_t i = 0; i < json_len(profiles); i++) {
        const json *p = json_at(profiles, i);
        const char *host = json_path_str(p, "name"), *username = json_path_str(p, "username");
        cleanup_free char *path = xasprintf("registryProfiles[%zu].password", i);
        cleanup_secret struct secret *password = NULL;
        if (cluster_open_secret(c, ctx, path, &password, err) < 0)
            return -1;
        if (host && username && password)
            pull_secret_put(pull_secret, host, username, password);
    }
    return 0;
}

static int give(struct cluster *c, const struct opctx *ctx, bool with_customers,
                struct secret **ret, struct error **err)
{
    cleanup_json_wiped json *pull_secret = NULL;
    if (give_base(c, &pull_secret, err) < 0 ||
        (with_customers && merge_customers(c, ctx, pull_secret, err) < 0) ||
        put_registries(c, ctx, pull_secret, err) < 0)
        return -1;
    (void)json_del(json_get(pull_secret, "auths"), TELEMETRY_HOST);
    cleanup_secret_text char *text = json_give_text(pull_secret);
    *ret = secret_new(text, strlen(text));
    return 0;
}

int cluster_give_pull_secret(struct cluster *c, const struct opctx *ctx, struct secret **ret,
                             struct error **err)
{
    return give(c, ctx, true, ret, err);
}

int cluster_give_service_pull_secret(struct cluster *c, const struct opctx *ctx,
                                     struct secret **ret, struct error **err)
{
    return give(c, ctx, false, ret, err);
}
