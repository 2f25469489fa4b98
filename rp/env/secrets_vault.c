#include "rp/env/secrets_vault.h"

#include "pkg/azure/keyvault.h"
#include "pkg/base/map.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/thread.h"

/* In which vault a secret lies; the first prefix that fits. */
static const struct {
    const char *secrets, *suffix;
} rows[] = {
    { "portal-", "-por" },
    { "", "-svc" },
};

struct vaults {
    struct rp_secrets base;
    struct key_vault *of_row[ARRAY_LEN(rows)];
    char *place_of_row[ARRAY_LEN(rows)]; /* "key vault aro-svc" */
    pthread_mutex_t mu;
    struct map *values; /* "NAME/VERSION" -> secret, guarded by mu: a version never changes */
};

static const struct vaults *vaults_of(const struct rp_secrets *s)
{
    return (const struct vaults *)s; /* base is the first member */
}

static size_t row_of(const char *name)
{
    size_t i = 0;
    while (!str_starts(name, rows[i].secrets))
        i++;
    return i;
}

static char *give_place(const struct rp_secrets *s, const char *name, const char *version)
{
    const char *vault = vaults_of(s)->place_of_row[row_of(name)];
    return xasprintf("%s: %s%s%s", vault, name, version ? "/" : "", version ? version : "");
}

/* ---- versions that were read before ---- */

static struct secret *find_value(struct vaults *v, const char *key)
{
    pthread_mutex_lock(&v->mu);
    struct secret *found = map_get(v->values, key);
    if (found)
        (void)secret_ref(found);
    pthread_mutex_unlock(&v->mu);
    return found;
}

static void keep_value(struct vaults *v, const char *key, struct secret *value)
{
    pthread_mutex_lock(&v->mu);
    map_set(v->values, key, secret_ref(value));
    pthread_mutex_unlock(&v->mu);
}

static void value_free(void *value)
{
    secret_unref(value);
}

/* ---- the source ---- */

static int fetch(struct vaults *v, const struct opctx *ctx, const char *name, const char *version,
                 struct secret **ret, struct error **err)
{
    cleanup_vault_secret struct vault_secret found = { 0 };
    size_t len;
    if (key_vault_get_secret(v->of_row[row_of(name)], ctx, name, version, &found, err) < 0)
        return -1;
    (void)secret_reveal(found.value, &len);
    if (len > SECRET_MAX_BYTES)
        return error_set(err, ERR_TOO_LARGE, "it is longer than %zu bytes", SECRET_MAX_BYTES);
    *ret = take(found.value);
    return 0;
}

static int get(struct rp_secrets *s, const struct opctx *ctx, const char *name, const char *version,
               struct secret **ret, struct error **err)
{
    struct vaults *v = container_of(s, struct vaults, base);
    cleanup_free char *place = give_place(s, name, version);
    cleanup_free char *key = version ? xasprintf("%s/%s", name, version) : NULL;
    struct secret *value = key ? find_value(v, key) : NULL;
    if (!value) {
        if (fetch(v, ctx, name, version, &value, err) < 0)
            return error_wrap(err, "%s", place);
        if (key)
            keep_value(v, key, value);
    }
    *ret = value;
    return 0;
}

static int list(struct rp_secrets *s, const struct opctx *ctx, const char *name,
                struct rp_secret_versions *ret, struct error **err)
{
    struct vaults *v = container_of(s, struct vaults, base);
    cleanup_vault_secrets struct vault_secrets found = { 0 };
    cleanup_free char *place = give_place(s, name, NULL);
    if (key_vault_list_versions(v->of_row[row_of(name)], ctx, name, &found, err) < 0)
        return error_wrap(err, "%s", place);
    for (size_t i = 0; i < found.len; i++)
        rp_secret_versions_add(ret, take(found.v[i].version), found.v[i].created_s,
                               !found.v[i].enabled);
    return 0;
}

static void vaults_free(struct rp_secrets *s)
{
    struct vaults *v = container_of(s, struct vaults, base);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        key_vault_free(v->of_row[i]);
        free(v->place_of_row[i]);
    }
    map_free(v->values);
    (void)pthread_mutex_destroy(&v->mu);
    free(v);
}

static const struct rp_secrets_ops ops = { get, list, give_place, vaults_free };

struct rp_secrets *rp_secrets_new_vaults(const struct rp_vaults_config *cfg)
{
    struct vaults *v = xnew(struct vaults);
    v->base.ops = &ops;
    v->values = map_new(value_free);
    mutex_init(&v->mu);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        cleanup_free char *name = xasprintf("%s%s", cfg->prefix, rows[i].suffix);
        const struct key_vault_config vault = {
            .transport = cfg->transport,
            .tokens = cfg->tokens,
            .cloud = cfg->cloud,
            .name = name,
            .user_agent = "aro-rp",
            .clock = cfg->clock,
            .rng = cfg->rng,
        };
        v->of_row[i] = key_vault_new(&vault);
        v->place_of_row[i] = xasprintf("key vault %s", name);
    }
    return &v->base;
}
