#include <string.h>

#include "pkg/base/clock.h"
#include "pkg/kube/request_metrics.h"
#include "test/unit/support/test.h"

static const struct request_sample sample = {
    .method = "GET",
    .status = 200,
    .duration_ns = 3 * NS_PER_S,
    .request_bytes = 100,
    .response_bytes = 70000,
};

static void assert_written(struct metrics *m, const char *line)
{
    cleanup_buf struct buf text = BUF_INIT(BUF_UNBOUNDED);
    metrics_write(m, &text);
    if (!strstr(buf_str(&text), line))
        fail_msg("no %s in:\n%s", line, buf_str(&text));
}

static void test_first_attempt(void **state)
{
    (void)state;
    cleanup_metrics struct metrics *registry = metrics_new();
    struct request_metrics m;
    request_metrics_init(&m, registry, "https://h:1/prefix");

    request_metrics_add(&m, &sample);
    request_metrics_add_wait(&m, "GET", 300);

#define BY "verb=\"GET\",host=\"h:1\""
    assert_written(registry,
                   "rest_client_requests_total{code=\"200\",method=\"GET\",host=\"h:1\"} 1\n");
    assert_written(registry, "rest_client_request_duration_seconds_bucket{" BY ",le=\"2\"} 0\n");
    assert_written(registry, "rest_client_request_duration_seconds_bucket{" BY ",le=\"4\"} 1\n");
    assert_written(registry,
                   "rest_client_rate_limiter_duration_seconds_bucket{" BY ",le=\"0.25\"} 0\n");
    assert_written(registry,
                   "rest_client_rate_limiter_duration_seconds_bucket{" BY ",le=\"0.5\"} 1\n");
    assert_written(registry, "rest_client_request_size_bytes_bucket{" BY ",le=\"64\"} 0\n");
    assert_written(registry, "rest_client_request_size_bytes_bucket{" BY ",le=\"256\"} 1\n");
    assert_written(registry, "rest_client_response_size_bytes_bucket{" BY ",le=\"65536\"} 0\n");
    assert_written(registry, "rest_client_response_size_bytes_bucket{" BY ",le=\"262144\"} 1\n");
    request_metrics_release(&m);
}

static void test_name_resolution(void **state)
{
    (void)state;
    cleanup_metrics struct metrics *registry = metrics_new();
    struct request_metrics m;
    request_metrics_init(&m, registry, "https://h:1");
    struct request_sample s = sample;

    request_metrics_add(&m, &s); /* on a connection that is there */
    s.dns_ns = 30 * NS_PER_MS;
    request_metrics_add(&m, &s);

#define DNS "rest_client_dns_resolution_duration_seconds_"
    assert_written(registry, DNS "bucket{" BY ",le=\"0.025\"} 0\n");
    assert_written(registry, DNS "bucket{" BY ",le=\"0.1\"} 1\n");
    assert_written(registry, DNS "count{" BY "} 1\n");
    request_metrics_release(&m);
}

static void test_retry_and_loss(void **state)
{
    (void)state;
    cleanup_metrics struct metrics *registry = metrics_new();
    struct request_metrics m;
    request_metrics_init(&m, registry, "http://h");
    struct request_sample s = sample;
    s.status = 0;
    s.attempt = 1;
    s.lost = true;

    request_metrics_add(&m, &s);

    assert_written(
        registry,
        "rest_client_request_retries_total{code=\"<error>\",verb=\"GET\",host=\"h\"} 1\n");
    assert_written(registry, "kr_conn_lost_total{host=\"h\"} 1\n");
    request_metrics_release(&m);
}

static void test_nobody_measures(void **state)
{
    (void)state;
    struct request_metrics m;
    request_metrics_init(&m, NULL, "https://h");
    request_metrics_add(&m, &sample);
    request_metrics_add_wait(&m, "GET", 1);
    request_metrics_release(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("an attempt falls into the buckets of its time and sizes", test_first_attempt),
        CASE("only requests that resolved a name count for that", test_name_resolution),
        CASE("retries and lost connections are counted apart", test_retry_and_loss),
        CASE("a client without a registry measures nothing", test_nobody_measures),
    };
    return RUN_CASES("request_metrics", tests);
}
