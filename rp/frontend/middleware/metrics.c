#include <stdio.h>

#include "rp/frontend/chain.h"

static void metrics(struct request *req)
{
    char code[16];
    (void)snprintf(code, sizeof(code), "%d", http_call_get_status(req->call));
    const struct statsd_dim dims[] = {
        { "verb", http_call_method(req->call) },
        { "api-version", req->version ? api_version_name(req->version) : "" },
        { "code", code },
        { "route", req->route ? req->route->pattern : "" },
    };
    struct statsd *s = req->f->cfg.statsd;
    int64_t ns = clock_mono_ns(req->ctx->clock) - req->started_ns;
    statsd_gauge(s, "frontend.count", 1, dims, ARRAY_LEN(dims));
    statsd_gauge(s, "frontend.duration", ns / NS_PER_MS, dims, ARRAY_LEN(dims));
}

const struct middleware middleware_metrics = { .name = "Metrics", .after = metrics };
