#include "rp/env/secrets.h"

#include "pkg/base/mem.h"
#include "pkg/crypt/crypt.h"

void rp_secret_versions_add(struct rp_secret_versions *l, char *id, int64_t created_s,
                            bool disabled)
{
    if (l->len == l->cap) {
        l->cap = l->cap ? l->cap * 2 : 8;
        l->v = xreallocarray(l->v, l->cap, sizeof(*l->v));
    }
    l->v[l->len++] = (struct rp_secret_version){ id, created_s, disabled };
}

void rp_secret_versions_release(struct rp_secret_versions *l)
{
    for (size_t i = 0; i < l->len; i++)
        free(l->v[i].id);
    free(l->v);
    *l = (struct rp_secret_versions){ 0 };
}

void rp_secrets_free(struct rp_secrets *s)
{
    if (s)
        s->ops->free(s);
}

int rp_secrets_get(struct rp_secrets *s, const struct opctx *ctx, const char *name,
                   struct secret **ret, struct error **err)
{
    return s->ops->get(s, ctx, name, NULL, ret, err);
}

int rp_secrets_get_pair(struct rp_secrets *s, const struct opctx *ctx, const char *name,
                        char **ret_cert_pem, struct secret **ret_key_pem, struct error **err)
{
    cleanup_secret struct secret *bundle = NULL;
    cleanup_free char *place = s->ops->give_place(s, name, NULL);
    if (rp_secrets_get(s, ctx, name, &bundle, err) < 0)
        return -1;
    if (pem_split_bundle(secret_reveal(bundle, NULL), ret_cert_pem, ret_key_pem, err) < 0)
        return error_wrap(err, "%s", place);
    return 0;
}

/* ---- sealing keys ---- */

static int add_version(struct rp_secrets *s, const struct opctx *ctx, const char *name,
                       const struct rp_secret_version *v, enum aead_format format,
                       struct aead_keys *keys, struct error **err)
{
    cleanup_free char *place = s->ops->give_place(s, name, v->id);
    struct secret *value;
    if (v->disabled)
        return 0;
    if (s->ops->get(s, ctx, name, v->id, &value, err) < 0)
        return -1;
    if (aead_keys_add(keys, format, value, v->created_s, false, err) < 0)
        return error_wrap(err, "%s", place);
    return 0;
}

static int add_versions(struct rp_secrets *s, const struct opctx *ctx, const char *name,
                        enum aead_format format, struct aead_keys *keys, struct error **err)
{
    cleanup_secret_versions struct rp_secret_versions versions = { 0 };
    if (s->ops->list(s, ctx, name, &versions, err) < 0)
        return -1;
    for (size_t i = 0; i < versions.len; i++)
        if (add_version(s, ctx, name, &versions.v[i], format, keys, err) < 0)
            return -1;
    return 0;
}

static int list_keys(struct aead_source *source, const struct opctx *ctx, struct aead_keys *ret,
                     struct error **err)
{
    const struct rp_key_source *k = container_of(source, struct rp_key_source, base);
    cleanup_free char *v2 = xasprintf("%s-v2", k->name);
    if (add_versions(k->secrets, ctx, v2, AEAD_V2, ret, err) < 0)
        return -1;
    return add_versions(k->secrets, ctx, k->name, AEAD_LEGACY, ret, err);
}

void rp_key_source_init(struct rp_key_source *k, struct rp_secrets *s, const char *name)
{
    *k = (struct rp_key_source){ .base.list = list_keys, .secrets = s, .name = name };
}
