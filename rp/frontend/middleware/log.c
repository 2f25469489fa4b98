#include <stdio.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/frontend/chain.h"

/* /subscriptions/SUB/resourcegroups/GROUP/providers/NS/TYPE/NAME..., with /admin before it or not */
static void read_resource(struct request *req)
{
    const char *path = str_starts(req->path, "/admin/") ? req->path + 6 : req->path;
    cleanup_strv struct strv p = STRV_INIT;
    strv_split(&p, path, "/", false);
    if (p.len < 2 || !str_eq(p.v[0], "subscriptions"))
        return;
    req->subscription_id = xstrdup(p.v[1]);
    if (p.len < 4 || !str_eq(p.v[2], "resourcegroups"))
        return;
    req->resource_group = xstrdup(p.v[3]);
    if (p.len < 8 || !str_eq(p.v[4], "providers"))
        return;
    req->resource_name = xstrdup(p.v[7]);
    req->resource_id = xasprintf("/subscriptions/%s/resourcegroups/%s/providers/%s/%s/%s", p.v[1],
                                 p.v[3], p.v[5], p.v[6], p.v[7]);
}

static void add_fields(struct request *req)
{
    const struct correlation *c = &req->correlation;
    const struct {
        const char *key, *value;
    } fields[] = {
        { "correlation_id", c->correlation_id },
        { "client_request_id", c->client_request_id },
        { "client_principal_name", c->client_principal_name },
        { "operation_id", c->operation_id },
        { "request_id", c->request_id },
        { "subscription_id", req->subscription_id },
        { "resource_group", req->resource_group },
        { "resource_name", req->resource_name },
        { "resource_id", req->resource_id },
    };
    _Static_assert(ARRAY_LEN(fields) <= REQUEST_LOG_FIELDS, "room for every field");
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
        if (!fields[i].value)
            continue;
        req->fields[n] = log_with(req->log, fields[i].key, fields[i].value);
        req->log = &req->fields[n++];
    }
    req->ctx_with_log = opctx_with_log(req->ctx, req->log);
    req->ctx = &req->ctx_with_log;
}

static int begin(struct request *req, struct error **err)
{
    (void)err;
    correlation_init(&req->correlation, http_call_headers(req->call), request_is_admin(req),
                     req->ctx->clock, req->ctx->rng);
    read_resource(req);
    if (!req->log)
        return 0;
    add_fields(req);
    if (!log_enabled(req->log, LOG_INFO))
        return 0;
    struct log method = log_with(req->log, "request_method", http_call_method(req->call));
    struct log path = log_with(&method, "request_path", req->path);
    struct log peer = log_with(&path, "request_remote_addr", http_call_peer_address(req->call));
    struct log agent =
        log_with(&peer, "request_user_agent", http_call_header(req->call, "User-Agent"));
    log_info(&agent, "read request");
    return 0;
}

static void end(struct request *req)
{
    if (!log_enabled(req->log, LOG_INFO))
        return;
    size_t read;
    (void)http_call_body(req->call, &read);
    double seconds = (double)(clock_mono_ns(req->ctx->clock) - req->started_ns) / (double)NS_PER_S;
    cleanup_free char *read_text = xasprintf("%zu", read);
    cleanup_free char *written_text = xasprintf("%zu", http_call_out(req->call)->len);
    cleanup_free char *duration_text = xasprintf("%.6f", seconds);
    cleanup_free char *status_text = xasprintf("%d", http_call_get_status(req->call));
    struct log method = log_with(req->log, "request_method", http_call_method(req->call));
    struct log path = log_with(&method, "request_path", req->path);
    struct log bytes_read = log_with(&path, "body_read_bytes", read_text);
    struct log bytes_written = log_with(&bytes_read, "body_written_bytes", written_text);
    struct log duration = log_with(&bytes_written, "duration", duration_text);
    struct log status = log_with(&duration, "response_status_code", status_text);
    log_info(&status, "sent response");
    if (!req->route || !(req->route->flags & ROUTE_QOS))
        return;
    int code = http_call_get_status(req->call);
    struct log kind = log_with(&status, "logkind", "frontendqos");
    struct log operation = log_with(&kind, "operationType", http_call_method(req->call));
    struct log result = log_with(&operation, "resultType",
                                 code < 400   ? "Success"
                                 : code < 500 ? "UserError"
                                              : "InternalServerError");
    struct log details = log_with(&result, "errorDetails", req->error_details);
    log_info(&details, "quality of service");
}

const struct middleware middleware_log = { .name = "Log", .before = begin, .after = end };
