#include "pkg/azure/keyvault.h"

#include <string.h>

#include "pkg/azure/keyvault_impl.h"
#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"

#define VERSION KEY_VAULT_VERSION

struct key_vault *key_vault_new(const struct key_vault_config *cfg)
{
    cleanup_free char *endpoint = xasprintf("https://%s.%s/", cfg->name, cfg->cloud->vaults);
    cleanup_free char *scope = xasprintf("https://%s/.default", cfg->cloud->vaults);
    const struct arm_config rest = {
        .transport = cfg->transport,
        .tokens = cfg->tokens,
        .cloud = cfg->cloud,
        .endpoint = endpoint,
        .scope = scope,
        .user_agent = cfg->user_agent,
        .clock = cfg->clock,
        .rng = cfg->rng,
    };
    struct key_vault *v = xnew(struct key_vault);
    v->rest = arm_new(&rest);
    return v;
}

void key_vault_free(struct key_vault *v)
{
    if (!v)
        return;
    arm_free(v->rest);
    free(v);
}

/* ---- answers ---- */

void vault_secret_release(struct vault_secret *s)
{
    free(s->version);
    secret_unref(s->value);
    free(s->content_type);
    *s = (struct vault_secret){ 0 };
}

void vault_secrets_release(struct vault_secrets *l)
{
    for (size_t i = 0; i < l->len; i++)
        vault_secret_release(&l->v[i]);
    free(l->v);
    *l = (struct vault_secrets){ 0 };
}

/* Name and version are told in the id only: "https://VAULT/secrets/NAME/VERSION". */
static int read_secret(const json *body, struct vault_secret *ret, struct error **err)
{
    const char *id, *value = json_path_str(body, "value");
    if (json_need_str(body, "id", &id, err) < 0)
        return -1;
    const char *slash = strrchr(id, '/');
    const char *type = json_path_str(body, "contentType");
    *ret = (struct vault_secret){
        .version = xstrdup(slash ? slash + 1 : id),
        .value = value ? secret_new(value, strlen(value)) : NULL,
        .content_type = type ? xstrdup(type) : NULL,
        .created_s = json_path_int(body, "attributes.created", 0),
        .enabled = json_path_bool(body, "attributes.enabled", true),
    };
    return 0;
}

/* ---- requests ---- */

char *key_vault_give_path(const char *kind, const char *name, const char *more)
{
    cleanup_free char *escaped = percent_give(name);
    return xasprintf("/%s/%s%s%s", kind, escaped, more ? "/" : "", more ? more : "");
}

static char *give_path(const char *name, const char *more)
{
    return key_vault_give_path("secrets", name, more);
}

int key_vault_get_secret(struct key_vault *v, const struct opctx *ctx, const char *name,
                         const char *version, struct vault_secret *ret, struct error **err)
{
    cleanup_free char *path = give_path(name, version);
    const struct arm_call call = { .method = "GET", .path = path, .api_version = VERSION };
    cleanup_json_wiped json *body = NULL;
    cleanup_vault_secret struct vault_secret s = { 0 };
    if (arm_send(v->rest, ctx, &call, &body, err) < 0)
        return -1;
    if (read_secret(body, &s, err) < 0)
        return error_wrap(err, "%s", path);
    if (!s.value)
        return error_set(err, ERR_INTERNAL, "%s: the key vault answered without a value", path);
    *ret = s;
    s = (struct vault_secret){ 0 };
    return 0;
}

int key_vault_list_versions(struct key_vault *v, const struct opctx *ctx, const char *name,
                            struct vault_secrets *ret, struct error **err)
{
    cleanup_free char *path = give_path(name, "versions");
    cleanup_json json *values = NULL;
    cleanup_vault_secrets struct vault_secrets list = { 0 };
    cleanup_error struct error *e = NULL;
    if (arm_list(v->rest, ctx, path, VERSION, &values, &e) < 0 && !error_is(e, ERR_NOT_FOUND))
        return error_move(err, &e);
    list.v = xcalloc(json_len(values) + 1, sizeof(*list.v));
    for (; list.len < json_len(values); list.len++)
        if (read_secret(json_at(values, list.len), &list.v[list.len], err) < 0)
            return error_wrap(err, "%s", path);
    *ret = list;
    list = (struct vault_secrets){ 0 };
    return 0;
}

int key_vault_set_secret(struct key_vault *v, const struct opctx *ctx, const char *name,
                         const struct secret *value, const char *content_type, struct error **err)
{
    cleanup_free char *path = give_path(name, NULL);
    cleanup_json_wiped json *body = json_make("{'value':%s}", secret_reveal(value, NULL));
    if (content_type)
        json_put(body, "contentType", json_new_str(content_type));
    const struct arm_call call = {
        .method = "PUT", .path = path, .api_version = VERSION, .body = body
    };
    cleanup_json_wiped json *answer = NULL;
    return arm_send(v->rest, ctx, &call, &answer, err);
}
