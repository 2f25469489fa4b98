#include "pkg/kube/request_metrics.h"

#include <stdio.h>
#include <string.h>

#include "pkg/base/clock.h"
#include "pkg/base/mem.h"

static const double seconds[] = { .005, .025, .1, .25, .5, 1, 2, 4, 8, 15, 30, 60 };
static const double sizes[] = { 64,       256,       512,        1 << 10,    4 << 10,    16 << 10,
                                64 << 10, 256 << 10, 1024 << 10, 4096 << 10, 16384 << 10 };

#define BUCKETS(a) .type = METRIC_HISTOGRAM, .buckets = (a), .buckets_len = ARRAY_LEN(a)

static const struct metric_desc requests_desc = {
    .name = "rest_client_requests_total",
    .help = "Number of HTTP requests, partitioned by status code, method, and host.",
    .type = METRIC_COUNTER,
    .labels = { "code", "method", "host" },
};
static const struct metric_desc retries_desc = {
    .name = "rest_client_request_retries_total",
    .help = "Number of request retries, partitioned by status code, verb, and host.",
    .type = METRIC_COUNTER,
    .labels = { "code", "verb", "host" },
};
static const struct metric_desc duration_desc = {
    .name = "rest_client_request_duration_seconds",
    .help = "Request latency in seconds. Broken down by verb, and host.",
    BUCKETS(seconds),
    .labels = { "verb", "host" },
};
static const struct metric_desc limiter_desc = {
    .name = "rest_client_rate_limiter_duration_seconds",
    .help = "Client side rate limiter latency in seconds. Broken down by verb, and host.",
    BUCKETS(seconds),
    .labels = { "verb", "host" },
};
static const struct metric_desc dns_desc = {
    .name = "rest_client_dns_resolution_duration_seconds",
    .help = "DNS resolver latency in seconds. Broken down by verb, and host.",
    BUCKETS(seconds),
    .labels = { "verb", "host" },
};
static const struct metric_desc request_size_desc = {
    .name = "rest_client_request_size_bytes",
    .help = "Request size in bytes. Broken down by verb and host.",
    BUCKETS(sizes),
    .labels = { "verb", "host" },
};
static const struct metric_desc response_size_desc = {
    .name = "rest_client_response_size_bytes",
    .help = "Response size in bytes. Broken down by verb and host.",
    BUCKETS(sizes),
    .labels = { "verb", "host" },
};
static const struct metric_desc lost_desc = {
    .name = "kr_conn_lost_total",
    .help = "Requests that ended because their connection's peer was found dead.",
    .type = METRIC_COUNTER,
    .labels = { "host" },
};

/* "https://host:port/prefix" -> "host:port" */
static char *give_host(const char *server)
{
    const char *scheme = strstr(server, "://");
    const char *host = scheme ? scheme + 3 : server;
    return xstrndup(host, strcspn(host, "/"));
}

void request_metrics_init(struct request_metrics *m, struct metrics *registry, const char *server)
{
    *m = (struct request_metrics){
        .requests = metrics_family(registry, &requests_desc),
        .retries = metrics_family(registry, &retries_desc),
        .duration = metrics_family(registry, &duration_desc),
        .limiter = metrics_family(registry, &limiter_desc),
        .dns = metrics_family(registry, &dns_desc),
        .request_size = metrics_family(registry, &request_size_desc),
        .response_size = metrics_family(registry, &response_size_desc),
        .lost = metrics_family(registry, &lost_desc),
        .host = give_host(server),
    };
}

void request_metrics_release(struct request_metrics *m)
{
    free(m->host);
}

void request_metrics_add(struct request_metrics *m, const struct request_sample *s)
{
    char code[16] = "<error>";
    if (s->status)
        (void)snprintf(code, sizeof(code), "%d", s->status);
    struct metric_labels by_verb = METRIC_LABELS(s->method, m->host);
    metric_add(m->requests, 1, METRIC_LABELS(code, s->method, m->host));
    if (s->attempt > 0)
        metric_add(m->retries, 1, METRIC_LABELS(code, s->method, m->host));
    if (s->lost)
        metric_add(m->lost, 1, METRIC_LABELS(m->host));
    metric_observe(m->duration, (double)s->duration_ns / (double)NS_PER_S, by_verb);
    if (s->dns_ns > 0)
        metric_observe(m->dns, (double)s->dns_ns / (double)NS_PER_S, by_verb);
    metric_observe(m->request_size, (double)s->request_bytes, by_verb);
    metric_observe(m->response_size, (double)s->response_bytes, by_verb);
}

void request_metrics_add_wait(struct request_metrics *m, const char *method, int64_t waited_ms)
{
    metric_observe(m->limiter, (double)waited_ms / 1000, METRIC_LABELS(method, m->host));
}
