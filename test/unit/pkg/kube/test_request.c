/* Limiter, headers, metrics and logs of the request under all verbs. */
#include <string.h>

#include "pkg/base/buf.h"
#include "pkg/base/mem.h"
#include "pkg/kube/client_impl.h"
#include "test/unit/support/pkg/kube/kube_fixture.h"
#include "test/unit/support/pkg/kube/temp_dir.h"
#include "test/unit/support/test.h"

#define SERVER "https://api.test:6443"
#define GET_X "GET " SERVER "/x\nAccept: application/json\n"
#define RETRY_1 .headers = "Retry-After: 1"

#define RESET .fail = ERR_CONN, .fail_code = HTTP_ERR_RESET
#define LOST .fail = ERR_CONN, .fail_code = HTTP_ERR_LOST

/* ---- the limiter ---- */

static void test_limiter(void **state)
{
    (void)state;
    const struct script_step steps[] = { { 0 }, { 0 }, { 0 } };
    struct kube_fixture f;
    kube_fixture_init(&f, steps, ARRAY_LEN(steps));
    f.options.qps = 0.5;
    f.options.burst = 1;
    kube_fixture_start(&f);
    struct kube_raw raw = { .method = "GET", .path = "/x" };
    int status;

    assert_int_equal(kube_fixture_send(&f, &raw, &status, NULL), 0);
    assert_int_equal(kube_fixture_elapsed_ms(&f), 0);
    assert_int_equal(kube_fixture_send(&f, &raw, &status, NULL), 0);
    assert_int_equal(kube_fixture_elapsed_ms(&f), 2000);
    raw.unthrottled_first_try = true;
    assert_int_equal(kube_fixture_send(&f, &raw, &status, NULL), 0);
    assert_int_equal(kube_fixture_elapsed_ms(&f), 2000);

    assert_true(log_capture_has(&f.capture, "level=info msg=\"waited 2000 ms"));
    kube_fixture_finish(&f);
}

static void test_retry_of_unthrottled_is_throttled(void **state)
{
    (void)state;
    const struct script_step steps[] = { { 0 }, { RESET }, { 0 } };
    struct kube_fixture f;
    kube_fixture_init(&f, steps, ARRAY_LEN(steps));
    f.options.qps = 0.1;
    f.options.burst = 1;
    kube_fixture_start(&f);
    struct kube_raw raw = { .method = "GET", .path = "/x" };
    int status;

    assert_int_equal(kube_fixture_send(&f, &raw, &status, NULL), 0);
    raw.unthrottled_first_try = true;
    assert_int_equal(kube_fixture_send(&f, &raw, &status, NULL), 0);

    assert_int_equal(kube_fixture_elapsed_ms(&f), 10000); /* 1 s for the reset is part of it */
    kube_fixture_finish(&f);
}

static void test_deadline_before_token(void **state)
{
    (void)state;
    const struct script_step steps[] = { { 0 } };
    struct kube_fixture f;
    kube_fixture_init(&f, steps, ARRAY_LEN(steps));
    f.options.qps = 0.1;
    f.options.burst = 1;
    kube_fixture_start(&f);
    struct kube_raw raw = { .method = "GET", .path = "/x" };
    int status;
    assert_int_equal(kube_fixture_send(&f, &raw, &status, NULL), 0);
    f.ctx = opctx_with_timeout_ms(&f.ctx, 5000);
    cleanup_error struct error *err = NULL;

    assert_int_equal(kube_fixture_send(&f, &raw, &status, &err), -1);

    assert_int_equal(error_kind(err), ERR_TIMEOUT);
    assert_int_equal(kube_fixture_elapsed_ms(&f), 0);
    kube_fixture_finish(&f);
}

/* ---- what is sent ---- */

struct sent_case {
    const char *name;
    char *server;
    int64_t timeout_ms;
    bool disable_compression;
    struct kube_raw raw;
    unsigned flags;
    const char *request;
};

static int ignore_data(struct http_sink *sink, const char *data, size_t len, struct error **err)
{
    (void)sink;
    (void)data;
    (void)len;
    (void)err;
    return 0;
}

static struct http_sink any_sink = { .on_data = ignore_data };

/* clang-format off */
static struct sent_case sent_cases[] = {
    { "a path is appended to the server", NULL, 0, false, { .method = "GET", .path = "/x" }, 0, GET_X },
    { "a prefix of the server is kept, its last slash is not", (char[]){ "https://h:1/a/b/" }, 0, false,
      { .method = "GET", .path = "/x", .query = "q=1" }, 0,
      "GET https://h:1/a/b/x?q=1\nAccept: application/json\n" },
    { "media types of the caller are used", NULL, 0, false,
      { .method = "PUT", .path = "/x", .accept = "a/b", .content_type = "c/d", .body = "z", .body_len = 1 }, 0,
      "PUT " SERVER "/x\nAccept: a/b\nContent-Type: c/d\n\nz" },
    { "an empty body is sent as one", NULL, 0, false,
      { .method = "POST", .path = "/x", .body = "", .body_len = 0 }, 0,
      "POST " SERVER "/x\nAccept: application/json\nContent-Type: application/json\n\n" },
    { "the client's time-out is told to the server", NULL, 32000, false, { .method = "GET", .path = "/x" }, 0,
      "GET " SERVER "/x?timeout=32s\nAccept: application/json\n@timeout_ms: 32000\n" },
    { "a time-out of part of a second is told in milliseconds", NULL, 1500, false,
      { .method = "GET", .path = "/x", .query = "a=b" }, 0,
      "GET " SERVER "/x?a=b&timeout=1500ms\nAccept: application/json\n@timeout_ms: 1500\n" },
    { "a watch has no time-out", NULL, 32000, false,
      { .method = "GET", .path = "/x", .query = "watch=true", .traffic = HTTP_CLASS_WATCH, .sink = &any_sink }, 0,
      "GET " SERVER "/x?watch=true\nAccept: application/json\n@traffic: watch\n" },
    { "a followed log has no time-out", NULL, 32000, false,
      { .method = "GET", .path = "/x", .traffic = HTTP_CLASS_LOG }, CALL_NO_TIMEOUT,
      "GET " SERVER "/x\nAccept: application/json\n@traffic: log\n" },
    { "compression is asked for where the caller wants it", NULL, 0, false,
      { .method = "GET", .path = "/x", .gzip = true }, 0, GET_X "@gzip: true\n" },
    { "compression can be disabled", NULL, 0, true, { .method = "GET", .path = "/x", .gzip = true }, 0, GET_X },
};
/* clang-format on */

static void check_sent(void **state)
{
    const struct sent_case *c = *state;
    const struct script_step step = { .request = c->request };
    struct kube_fixture f;
    kube_fixture_init(&f, &step, 1);
    if (c->server)
        f.cfg.server = c->server;
    f.cfg.disable_compression = c->disable_compression;
    f.options.request_timeout_ms = c->timeout_ms;
    kube_fixture_start(&f);
    cleanup_response struct http_response r = { 0 };

    assert_int_equal(request_send(f.client, &f.ctx, &c->raw, c->flags, &r, NULL), 0);

    kube_fixture_finish(&f);
}

static void test_relative_path_is_refused(void **state)
{
    (void)state;
    struct kube_fixture f;
    kube_fixture_init(&f, NULL, 0);
    kube_fixture_start(&f);
    cleanup_error struct error *err = NULL;
    int status;
    assert_int_equal(
        kube_fixture_send(&f, &(struct kube_raw){ .method = "GET", .path = "x" }, &status, &err),
        -1);
    assert_int_equal(error_kind(err), ERR_INVALID);
    assert_int_equal(kube_fixture_send(&f, &(struct kube_raw){ .method = "GET" }, &status, NULL),
                     -1);
    kube_fixture_finish(&f);
}

/* ---- silence ---- */

struct silence_transport {
    struct http_transport base;
    int64_t silence_ms;
};

static int note_silence(struct http_transport *t, const struct opctx *ctx,
                        const struct http_request *req, struct http_response *ret,
                        struct error **err)
{
    (void)ctx;
    (void)err;
    container_of(t, struct silence_transport, base)->silence_ms = req->silence_ms;
    *ret = (struct http_response){ .status = 200 };
    return 0;
}

/* The API server sends a bookmark each minute. */
static void test_only_watches_must_not_be_silent(void **state)
{
    (void)state;
    struct silence_transport t = { .base.send = note_silence, .silence_ms = -1 };
    struct kube_fixture f;
    kube_fixture_init(&f, NULL, 0);
    struct kube_client *k = NULL;
    assert_int_equal(kube_client_new_over(&t.base, &f.cfg, &f.options, &k, NULL), 0);
    struct kube_raw raw = { .method = "GET", .path = "/x", .sink = &any_sink };
    struct http_response r = { 0 };

    assert_int_equal(kube_send_raw(k, &f.ctx, &raw, &r, NULL), 0);
    assert_int_equal(t.silence_ms, 0);
    raw.traffic = HTTP_CLASS_WATCH;
    assert_int_equal(kube_send_raw(k, &f.ctx, &raw, &r, NULL), 0);
    assert_in_range(t.silence_ms, 61000, 89000);

    kube_client_free(k);
    kube_fixture_start(&f);
    kube_fixture_finish(&f);
}

/* ---- leadership, statuses, warnings, metrics ---- */

static int refuse_write(void *arg, struct error **err)
{
    ++*(int *)arg;
    return error_set(err, ERR_CONFLICT, "not the leader");
}

static void test_write_guard(void **state)
{
    (void)state;
    const struct script_step steps[] = { { .request = GET_X } };
    struct kube_fixture f;
    kube_fixture_init(&f, steps, ARRAY_LEN(steps));
    int asked = 0;
    f.options.before_write = refuse_write;
    f.options.before_write_arg = &asked;
    kube_fixture_start(&f);
    cleanup_error struct error *err = NULL;
    int status;

    assert_int_equal(
        kube_fixture_send(&f, &(struct kube_raw){ .method = "GET", .path = "/x" }, &status, NULL),
        0);
    assert_int_equal(asked, 0);
    assert_int_equal(kube_fixture_send(&f, &(struct kube_raw){ .method = "DELETE", .path = "/x" },
                                       &status, &err),
                     -1);

    assert_int_equal(asked, 1);
    assert_string_equal(error_text(err), "not the leader");
    kube_fixture_finish(&f);
}

static void test_success_codes(void **state)
{
    (void)state;
    const struct script_step steps[] = {
        { .status = 200 }, { .status = 201, .reply = "{}" }, { .status = 202 }, { .status = 204 }
    };
    struct kube_fixture f;
    kube_fixture_init(&f, steps, ARRAY_LEN(steps));
    kube_fixture_start(&f);
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        int status = 0;
        assert_int_equal(kube_fixture_send(&f, &(struct kube_raw){ .method = "POST", .path = "/x" },
                                           &status, NULL),
                         0);
        assert_int_equal(status, steps[i].status);
    }
    kube_fixture_finish(&f);
}

static void test_warnings_are_logged_once(void **state)
{
    (void)state;
    const struct script_step step = { .headers = "Warning: 299 - \"v1 is old\"" };
    const struct script_step steps[] = { step, step };
    struct kube_fixture f;
    kube_fixture_init(&f, steps, ARRAY_LEN(steps));
    kube_fixture_start(&f);
    int status;
    for (size_t i = 0; i < ARRAY_LEN(steps); i++)
        kube_fixture_send(&f, &(struct kube_raw){ .method = "GET", .path = "/x" }, &status, NULL);
    assert_true(
        log_capture_has(&f.capture, "level=warning msg=\"the API server warns: v1 is old\""));
    assert_int_equal(log_capture_len(&f.capture), 1);
    kube_fixture_finish(&f);
}

static void test_flow_schema_is_logged(void **state)
{
    (void)state;
    const struct script_step step = { .status = 429,
                                      .headers = "X-Kubernetes-PF-FlowSchema-UID: fs-1" };
    struct kube_fixture f;
    kube_fixture_init(&f, &step, 1);
    kube_fixture_start(&f);
    int status;
    kube_fixture_send(&f, &(struct kube_raw){ .method = "GET", .path = "/x" }, &status, NULL);
    assert_true(log_capture_has(&f.capture, "fs-1"));
    kube_fixture_finish(&f);
}

static double count(struct kube_fixture *f, const char *family, struct metric_labels labels)
{
    cleanup_buf struct buf text = BUF_INIT(BUF_UNBOUNDED);
    metrics_write(f->metrics, &text);
    cleanup_free char *with_code =
        xasprintf("\n%s{code=\"%s\",%s=\"%s\",host=\"%s\"} ", family, labels.v[0],
                  strcmp(family, "rest_client_requests_total") == 0 ? "method" : "verb",
                  labels.v[1], labels.v[2]);
    const char *at = strstr(buf_str(&text), with_code);
    return at ? strtod(at + strlen(with_code), NULL) : 0;
}

static void test_metrics_count_attempts(void **state)
{
    (void)state;
    const struct script_step steps[] = {
        { .status = 503, RETRY_1 }, { LOST }, { .reply = "{}" }, { .fail = ERR_CONN }
    };
    struct kube_fixture f;
    kube_fixture_init(&f, steps, ARRAY_LEN(steps));
    kube_fixture_start(&f);
    struct kube_raw raw = { .method = "GET", .path = "/secret/path" };
    int status;

    assert_int_equal(kube_fixture_send(&f, &raw, &status, NULL), 0);
    assert_int_equal(kube_fixture_send(&f, &raw, &status, NULL), -1);

    const char *all = "rest_client_requests_total", *again = "rest_client_request_retries_total";
    const char *host = "api.test:6443";
    assert_true(count(&f, all, METRIC_LABELS("503", "GET", host)) == 1);
    assert_true(count(&f, all, METRIC_LABELS("<error>", "GET", host)) == 2);
    assert_true(count(&f, all, METRIC_LABELS("200", "GET", host)) == 1);
    assert_true(count(&f, again, METRIC_LABELS("503", "GET", host)) == 0);
    assert_true(count(&f, again, METRIC_LABELS("<error>", "GET", host)) == 1);
    assert_true(count(&f, again, METRIC_LABELS("200", "GET", host)) == 1);
    cleanup_buf struct buf text = BUF_INIT(BUF_UNBOUNDED);
    metrics_write(f.metrics, &text);
    assert_non_null(strstr(buf_str(&text), "kr_conn_lost_total{host=\"api.test:6443\"} 1\n"));
    assert_null(strstr(buf_str(&text), "secret"));
    kube_fixture_finish(&f);
}

static void add_attempt(void *arg, const struct kube_attempt *a)
{
    buf_addf(arg, "%s %s %d%s %lld ms\n", a->method, a->path, a->status,
             a->given_up ? " given up" : "", (long long)(a->duration_ns / NS_PER_MS));
}

static void test_attempts_are_told(void **state)
{
    (void)state;
    const struct script_step steps[] = {
        { .status = 503, RETRY_1 }, { .reply = "{}" }, { .fail = ERR_CONN }, { .hang = true }
    };
    struct kube_fixture f;
    cleanup_buf struct buf told = BUF_INIT(BUF_UNBOUNDED);
    kube_fixture_init(&f, steps, ARRAY_LEN(steps));
    f.options.on_attempt = add_attempt;
    f.options.on_attempt_arg = &told;
    kube_fixture_start(&f);
    struct kube_raw raw = { .method = "GET", .path = "/x", .query = "q=1" };
    int status;

    assert_int_equal(kube_fixture_send(&f, &raw, &status, NULL), 0);
    raw.method = "POST";
    assert_int_equal(kube_fixture_send(&f, &raw, &status, NULL), -1);
    f.ctx = opctx_with_timeout_ms(&f.ctx, 1500);
    assert_int_equal(kube_fixture_send(&f, &raw, &status, NULL), -1);

    assert_string_equal(buf_str(&told), "GET /x 503 0 ms\nGET /x 200 0 ms\nPOST /x 0 0 ms\n"
                                        "POST /x 0 given up 1500 ms\n");
    kube_fixture_finish(&f);
}

/* ---- credentials ---- */

static void test_bearer_and_impersonation(void **state)
{
    (void)state;
    const struct script_step step = { .request = GET_X "Authorization: Bearer t0ken\n"
                                                       "Impersonate-User: jane\n"
                                                       "Impersonate-Group: g1\n"
                                                       "Impersonate-Group: g2\n" };
    struct kube_fixture f;
    kube_fixture_init(&f, &step, 1);
    f.cfg.token = secret_new("t0ken", 5);
    f.cfg.as_user = (char[]){ "jane" };
    strv_add(&f.cfg.as_groups, "g1");
    strv_add(&f.cfg.as_groups, "g2");
    kube_fixture_start(&f);
    int status;

    assert_int_equal(
        kube_fixture_send(&f, &(struct kube_raw){ .method = "GET", .path = "/x" }, &status, NULL),
        0);

    kube_fixture_finish(&f);
    strv_release(&f.cfg.as_groups);
    secret_unref(f.cfg.token);
}

static void test_secrets_stay_out_of_logs(void **state)
{
    (void)state;
    const struct script_step steps[] = { { .status = 429, .reply = "x", RETRY_1 },
                                         { RESET },
                                         { .fail = ERR_CONN } };
    struct kube_fixture f;
    kube_fixture_init(&f, steps, ARRAY_LEN(steps));
    f.cfg.token = secret_new("t0ken", 5);
    kube_fixture_start(&f);
    cleanup_error struct error *err = NULL;
    int status;

    assert_int_equal(
        kube_fixture_send(&f, &(struct kube_raw){ .method = "GET", .path = "/x" }, &status, &err),
        -1);

    assert_null(strstr(error_text(err), "t0ken"));
    assert_false(log_capture_has(&f.capture, "t0ken"));
    kube_fixture_finish(&f);
    secret_unref(f.cfg.token);
}

static void test_token_file_after_401(void **state)
{
    (void)state;
    char *dir = temp_dir_give();
    cleanup_free char *path = temp_dir_write(dir, "token", "one");
    struct script_step steps[] = {
        { .request = GET_X "Authorization: Bearer one\n" },
        { .request = GET_X "Authorization: Bearer one\n", .status = 401 },
        { .request = GET_X "Authorization: Bearer two\n" },
    };
    struct kube_fixture f;
    kube_fixture_init(&f, steps, ARRAY_LEN(steps));
    f.cfg.token_file = path;
    kube_fixture_start(&f);
    struct kube_raw raw = { .method = "GET", .path = "/x" };
    cleanup_error struct error *err = NULL;
    int status;

    assert_int_equal(kube_fixture_send(&f, &raw, &status, NULL), 0);
    fake_clock_advance_ms(&f.clock, 1);
    free(temp_dir_write(dir, "token", "two")); /* the copy is fresh: not looked at yet */
    assert_int_equal(kube_fixture_send(&f, &raw, &status, &err), -1);
    assert_int_equal(error_kind(err), ERR_UNAUTHORIZED);
    assert_int_equal(kube_fixture_send(&f, &raw, &status, NULL), 0);

    kube_fixture_finish(&f);
    temp_dir_free(dir);
}

int main(void)
{
    static const struct CMUnitTest single[] = {
        CASE("the limiter holds back all but the opening of a watch", test_limiter),
        CASE("retries are throttled even where the first try is not",
             test_retry_of_unthrottled_is_throttled),
        CASE("a deadline nearer than the next token fails at once", test_deadline_before_token),
        CASE("a path without a leading slash is refused", test_relative_path_is_refused),
        CASE("a write can be refused before it is sent, a read never", test_write_guard),
        CASE("200, 201, 202 and 204 succeed, with and without a body", test_success_codes),
        CASE("watches, and only they, must not be silent for much more than a minute",
             test_only_watches_must_not_be_silent),
        CASE("a warning of the server is logged once per text", test_warnings_are_logged_once),
        CASE("a 429 logs the flow schema", test_flow_schema_is_logged),
        CASE("every attempt is counted, by code, method and host", test_metrics_count_attempts),
        CASE("every attempt is told to who wants to know", test_attempts_are_told),
        CASE("bearer token and impersonation become headers", test_bearer_and_impersonation),
        CASE("a 401 has the token file read again for the next request", test_token_file_after_401),
        CASE("a token stays out of errors and logs", test_secrets_stay_out_of_logs),
    };
    struct CMUnitTest tests[ARRAY_LEN(single) + ARRAY_LEN(sent_cases)];
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(sent_cases); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(sent_cases[i].name, check_sent, &sent_cases[i]);
    for (size_t i = 0; i < ARRAY_LEN(single); i++)
        tests[n++] = single[i];
    return RUN_CASES("request", tests);
}
