#include "rp/frontend/request.h"

#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/net/url.h"

void request_init(struct request *req, struct frontend *f, struct http_call *call,
                  const struct opctx *ctx, bool is_plain)
{
    *req = (struct request){
        .f = f,
        .call = call,
        .ctx = ctx,
        .is_plain = is_plain,
        .api_version = query_give(http_call_query(call), "api-version"),
        .log = ctx->log,
        .started_ns = clock_mono_ns(ctx->clock),
        .home_tenant_id = http_call_header(call, "x-ms-home-tenant-id"),
        .identity_url = http_call_header(call, "x-ms-identity-url"),
    };
}

void request_release(struct request *req)
{
    error_free(req->route_error);
    free(req->original_path);
    free(req->path);
    free(req->api_version);
    free(req->referer);
    free(req->error_details);
    json_free(req->system_data);
    free(req->subscription_id);
    free(req->resource_group);
    free(req->resource_name);
    free(req->resource_id);
}

const char *request_param(const struct request *req, const char *name)
{
    const char *value = http_call_param(req->call, name);
    return value ? value : "";
}

char *request_give_query(const struct request *req, const char *name)
{
    return query_give(http_call_query(req->call), name);
}

bool request_is_admin(const struct request *req)
{
    return str_eq(req->api_version, "admin") || (req->path && str_starts(req->path, "/admin"));
}

char *request_give_original_segment(const struct request *req, size_t from_end)
{
    cleanup_strv struct strv parts = STRV_INIT;
    strv_split(&parts, req->original_path, "/", false);
    return from_end <= parts.len ? xstrdup(parts.v[parts.len - from_end]) : NULL;
}
