#include "pkg/azure/dns.h"

#include "pkg/azure/api_versions.h"
#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"

struct change {
    const char *method, *etag;
    const json *body;
    bool only_new;
};

static int send_change(struct arm *a, const struct opctx *ctx, const struct dns_name *name,
                       const struct change *c, json **ret, struct error **err)
{
    cleanup_free char *relative = percent_give_keeping(name->relative, "*@");
    cleanup_free char *path = xasprintf("%s/A/%s", name->zone_id, relative);
    const struct arm_call call = {
        .method = c->method,
        .path = path,
        .api_version = API_VERSION_DNS,
        .body = c->body,
        .if_match = c->etag,
        .if_none_match = c->only_new,
    };
    return arm_send(a, ctx, &call, ret, err);
}

int dns_a_get(struct arm *a, const struct opctx *ctx, const struct dns_name *name, json **ret,
              struct error **err)
{
    const struct change c = { .method = "GET" };
    json *set = NULL;
    if (send_change(a, ctx, name, &c, &set, err) < 0)
        return -1;
    if (!json_is_object(set)) {
        json_free(set);
        return error_set(err, ERR_INTERNAL, "%s: Azure answered no record set", name->relative);
    }
    *ret = set;
    return 0;
}

int dns_a_create(struct arm *a, const struct opctx *ctx, const struct dns_name *name,
                 const json *set, struct error **err)
{
    const struct change c = { .method = "PUT", .body = set, .only_new = true };
    return send_change(a, ctx, name, &c, NULL, err);
}

int dns_a_put(struct arm *a, const struct opctx *ctx, const struct dns_name *name, const json *set,
              const char *etag, struct error **err)
{
    const struct change c = { .method = "PUT", .etag = etag, .body = set };
    return send_change(a, ctx, name, &c, NULL, err);
}

int dns_a_delete(struct arm *a, const struct opctx *ctx, const struct dns_name *name,
                 const char *etag, struct error **err)
{
    const struct change c = { .method = "DELETE", .etag = etag };
    struct error *e = NULL;
    if (send_change(a, ctx, name, &c, NULL, &e) < 0 && !error_is(e, ERR_NOT_FOUND))
        return error_move(err, &e);
    error_free(e);
    return 0;
}
