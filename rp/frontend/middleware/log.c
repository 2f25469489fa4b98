#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/frontend/chain.h"

#define US_PER_S 1000000

#define RESOURCE_SEGMENTS 8
struct segment {
    const char *at;
    size_t len;
};

/* The first segments of a clean path. */
static size_t split(const char *path, struct segment ret[RESOURCE_SEGMENTS])
{
    size_t n = 0;
    while (n < RESOURCE_SEGMENTS && *path == '/' && path[1]) {
        path++;
        ret[n] = (struct segment){ path, strcspn(path, "/") };
        path += ret[n++].len;
    }
    return n;
}

static bool segment_is(struct segment s, const char *text)
{
    return strlen(text) == s.len && memcmp(s.at, text, s.len) == 0;
}

static char *segment_give(struct segment s)
{
    return xstrndup(s.at, s.len);
}

/* /subscriptions/SUB/resourcegroups/GROUP/providers/NS/TYPE/NAME..., with /admin before it or not */
static void read_resource(struct request *req)
{
    const char *path = str_starts(req->path, "/admin/") ? req->path + 6 : req->path;
    struct segment p[RESOURCE_SEGMENTS];
    size_t n = split(path, p);
    if (n < 2 || !segment_is(p[0], "subscriptions"))
        return;
    req->subscription_id = segment_give(p[1]);
    if (n < 4 || !segment_is(p[2], "resourcegroups"))
        return;
    req->resource_group = segment_give(p[3]);
    if (n < 8 || !segment_is(p[4], "providers"))
        return;
    req->resource_name = segment_give(p[7]);
    req->resource_id = xstrndup(path, (size_t)(p[7].at + p[7].len - path));
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
    int64_t us = (clock_mono_ns(req->ctx->clock) - req->started_ns) / 1000;
    char read_text[INT_TEXT_MAX], written_text[INT_TEXT_MAX], duration_text[2 * INT_TEXT_MAX],
        status_text[INT_TEXT_MAX];
    int_to_str((int64_t)read, read_text);
    int_to_str((int64_t)http_call_out(req->call)->len, written_text);
    (void)snprintf(duration_text, sizeof(duration_text), "%" PRId64 ".%06" PRId64, us / US_PER_S,
                   us % US_PER_S);
    int_to_str(http_call_get_status(req->call), status_text);
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
