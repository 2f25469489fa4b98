/* What the request under all verbs does again, and what it does not. */
#include <string.h>

#include "pkg/base/buf.h"
#include "pkg/base/mem.h"
#include "pkg/kube/client_impl.h"
#include "test/unit/support/pkg/kube/kube_fixture.h"
#include "test/unit/support/test.h"

#define SERVER "https://api.test:6443"
#define GET_X "GET " SERVER "/x\nAccept: application/json\n"
#define RETRY_1 .headers = "Retry-After: 1"

/* A sink that keeps what it gets; on_data can refuse. */
struct keep_sink {
    struct http_sink base;
    struct buf got;
    bool saw_head, refuses;
};

static bool keep_head(struct http_sink *sink, const struct http_response *head)
{
    struct keep_sink *s = container_of(sink, struct keep_sink, base);
    s->saw_head = true;
    return head->status == 200;
}

static int keep_data(struct http_sink *sink, const char *data, size_t len, struct error **err)
{
    struct keep_sink *s = container_of(sink, struct keep_sink, base);
    if (s->refuses)
        return error_set(err, ERR_INVALID, "not wanted");
    buf_add(&s->got, data, len);
    return 0;
}

static void keep_init(struct keep_sink *s)
{
    *s = (struct keep_sink){ .base = { .on_head = keep_head, .on_data = keep_data } };
    buf_init(&s->got, BUF_UNBOUNDED);
}

/* ---- what is retried ---- */

/* ERR_INTERNAL is 0, which stands for success in the tables. */
#define INTERNAL ERR_KINDS

enum shape { SHAPE_GET, SHAPE_POST, SHAPE_SINK, SHAPE_WATCH };

struct retry_case {
    const char *name;
    enum shape shape;
    struct script_step steps[3]; /* ends with an empty one */
    size_t len;
    enum err_kind fails; /* ERR_INTERNAL: succeeds */
    int64_t waits_ms;
    const char *code; /* of the error; NULL: any */
};

#define STEPS(...) \
    .steps = { __VA_ARGS__ }, \
    .len = sizeof((struct script_step[]){ __VA_ARGS__ }) / sizeof(struct script_step)
#define RESET .fail = ERR_CONN, .fail_code = HTTP_ERR_RESET
#define EOF_ .fail = ERR_CONN, .fail_code = HTTP_ERR_EOF
#define LOST .fail = ERR_CONN, .fail_code = HTTP_ERR_LOST
#define REFUSED .fail = ERR_CONN, .fail_code = HTTP_ERR_REFUSED

/* clang-format off */
static struct retry_case retry_cases[] = {
    { "a 429 with Retry-After is repeated after exactly that long", SHAPE_GET,
      STEPS({ .status = 429, .headers = "Retry-After: 7" }, { .reply = "{}" }), .waits_ms = 7000 },
    { "a 503 with Retry-After is repeated, whatever the method", SHAPE_POST,
      STEPS({ .status = 503, .headers = "Retry-After: 2" }, { .reply = "{}" }), .waits_ms = 2000 },
    { "Retry-After 0 repeats at once", SHAPE_GET,
      STEPS({ .status = 500, .headers = "Retry-After: 0" }, { .reply = "{}" }), .waits_ms = 0 },
    { "Retry-After may be a date", SHAPE_GET,
      STEPS({ .status = 503, .headers = "Retry-After: Sat, 03 Feb 2024 04:05:11 GMT" }, { .reply = "{}" }), .waits_ms = 5000 },
    { "a 429 without Retry-After is an error", SHAPE_GET, STEPS({ .status = 429 }), ERR_THROTTLED },
    { "a 500 without Retry-After is an error", SHAPE_GET, STEPS({ .status = 504 }), ERR_TIMEOUT },
    { "Retry-After that is no number is an error", SHAPE_GET,
      STEPS({ .status = 503, .headers = "Retry-After: soon" }), ERR_UNAVAILABLE },
    { "a 404 with Retry-After is an error", SHAPE_GET, STEPS({ .status = 404, RETRY_1 }), ERR_NOT_FOUND },
    { "a reset connection is tried again after a second for GET", SHAPE_GET,
      STEPS({ RESET }, { .reply = "{}" }), .waits_ms = 1000 },
    { "an unexpected end is tried again for GET", SHAPE_GET, STEPS({ EOF_ }, { .reply = "{}" }), .waits_ms = 1000 },
    { "a lost connection is tried again for GET", SHAPE_GET, STEPS({ LOST }, { .reply = "{}" }), .waits_ms = 1000 },
    { "a body that was cut off is tried again for GET", SHAPE_GET,
      STEPS({ .status = 200, .reply = "{\"a", EOF_ }, { .reply = "{}" }), .waits_ms = 1000 },
    { "a reset connection is an error for POST", SHAPE_POST, STEPS({ RESET }), ERR_CONN },
    { "a refused connection is an error for GET", SHAPE_GET, STEPS({ REFUSED }), ERR_CONN },
    { "a time-out is an error for GET", SHAPE_GET, STEPS({ .fail = ERR_TIMEOUT }), ERR_TIMEOUT },
    { "a stream that had not begun is tried again", SHAPE_SINK, STEPS({ RESET }, { .reply = "data" }), .waits_ms = 1000 },
    { "a stream that was refused with Retry-After is tried again", SHAPE_SINK,
      STEPS({ .status = 429, RETRY_1, .reply = "busy" }, { .reply = "data" }), .waits_ms = 1000 },
    { "a stream that had begun is never tried again", SHAPE_SINK,
      STEPS({ .status = 200, .reply = "da", RESET }), ERR_CONN },
    { "opening a watch is tried again after a time-out", SHAPE_WATCH,
      STEPS({ .fail = ERR_TIMEOUT }, { .reply = "data" }), .waits_ms = 1000 },
    { "a 504 with Retry-After that does not end is the server's error, not ours", SHAPE_GET,
      STEPS({ .status = 504, RETRY_1 }, { .status = 504 }), ERR_TIMEOUT, 1000, "Timeout" },
    { "a resourceVersion that is not reached yet is not asked for again", SHAPE_GET,
      STEPS({ .status = 504, RETRY_1, .reply = "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"reason\":\"Timeout\",\"message\":\"Timeout: Too large resource version: 9, current: 8\",\"code\":504}" }),
      ERR_TIMEOUT, 0, "Timeout" },
    { "a watch that is gone is an error", SHAPE_WATCH, STEPS({ .status = 410 }), ERR_GONE },
    { "a watch without credentials is an error", SHAPE_WATCH, STEPS({ .status = 401 }), ERR_UNAUTHORIZED },
    { "a watch that the server cannot serve is an error", SHAPE_WATCH, STEPS({ .status = 500 }), INTERNAL },
};
/* clang-format on */

static struct kube_raw raw_of(enum shape shape, struct keep_sink *sink)
{
    struct kube_raw raw = { .method = "GET", .path = "/x" };
    if (shape == SHAPE_POST) {
        raw.method = "POST";
        raw.body = "{\"k\":1}";
        raw.body_len = 7;
    } else if (shape == SHAPE_SINK || shape == SHAPE_WATCH) {
        raw.sink = &sink->base;
        raw.traffic = shape == SHAPE_WATCH ? HTTP_CLASS_WATCH : HTTP_CLASS_LOG;
    }
    return raw;
}

static void check_retry(void **state)
{
    const struct retry_case *c = *state;
    struct kube_fixture f;
    kube_fixture_init(&f, c->steps, c->len);
    kube_fixture_start(&f);
    struct keep_sink sink;
    keep_init(&sink);
    struct kube_raw raw = raw_of(c->shape, &sink);
    cleanup_error struct error *err = NULL;
    int status;

    int rc = kube_fixture_send(&f, &raw, &status, &err);

    assert_int_equal(rc, c->fails ? -1 : 0);
    if (c->fails)
        assert_int_equal(error_kind(err), c->fails == INTERNAL ? ERR_INTERNAL : c->fails);
    if (c->code)
        assert_string_equal(error_get_code(err), c->code);
    if (!c->fails && raw.sink)
        assert_string_equal(buf_str(&sink.got), "data");
    assert_int_equal(kube_fixture_elapsed_ms(&f), c->waits_ms);
    for (size_t i = 1; i < f.transport.requests.len; i++) /* the body, too, is the same again */
        assert_string_equal(f.transport.requests.v[i], f.transport.requests.v[0]);
    buf_release(&sink.got);
    kube_fixture_finish(&f);
}

static void fill(struct script_step *steps, size_t n, struct script_step with)
{
    for (size_t i = 0; i < n; i++)
        steps[i] = with;
}

static void test_eleven_tries(void **state)
{
    (void)state;
    struct script_step steps[KUBE_RETRIES_MAX + 1];
    fill(steps, ARRAY_LEN(steps), (struct script_step){ .status = 503, RETRY_1 });
    struct kube_fixture f;
    kube_fixture_init(&f, steps, ARRAY_LEN(steps));
    kube_fixture_start(&f);
    cleanup_error struct error *err = NULL;
    int status;

    assert_int_equal(
        kube_fixture_send(&f, &(struct kube_raw){ .method = "GET", .path = "/x" }, &status, &err),
        -1);

    assert_int_equal(error_kind(err), ERR_UNAVAILABLE);
    assert_int_equal(error_get_retry_after(err), 1000);
    assert_int_equal(kube_fixture_elapsed_ms(&f), KUBE_RETRIES_MAX * 1000);
    kube_fixture_finish(&f);
}

static void test_watch_that_never_opens_is_empty(void **state)
{
    (void)state;
    struct script_step steps[KUBE_RETRIES_MAX + 1];
    fill(steps, ARRAY_LEN(steps), (struct script_step){ EOF_ });
    struct kube_fixture f;
    kube_fixture_init(&f, steps, ARRAY_LEN(steps));
    kube_fixture_start(&f);
    struct keep_sink sink;
    keep_init(&sink);
    struct kube_raw raw = raw_of(SHAPE_WATCH, &sink);
    int status;

    assert_int_equal(kube_fixture_send(&f, &raw, &status, NULL), 0);

    assert_int_equal(status, 200);
    assert_false(sink.saw_head);
    kube_fixture_finish(&f);
}

static void request_stop(void *arg)
{
    stop_request(arg);
}

static void test_stop_ends_retries(void **state)
{
    (void)state;
    struct kube_fixture f;
    struct script_step steps[] = {
        { .status = 503,
          .reply = "overloaded",
          .headers = "Content-Type: text/plain\nRetry-After: 1",
          .hook = request_stop },
    };
    kube_fixture_init(&f, steps, ARRAY_LEN(steps));
    steps[0].hook_arg = f.stop;
    kube_fixture_start(&f);
    cleanup_error struct error *err = NULL;
    int status;

    assert_int_equal(
        kube_fixture_send(&f, &(struct kube_raw){ .method = "GET", .path = "/x" }, &status, &err),
        -1);

    assert_int_equal(error_kind(err), ERR_CANCELLED);
    assert_non_null(strstr(error_text(err), "overloaded"));
    kube_fixture_finish(&f);
}

static void test_deadline_ends_retries(void **state)
{
    (void)state;
    const struct script_step steps[] = { { .status = 503, RETRY_1 },
                                         { .status = 429, .headers = "Retry-After: 60" } };
    struct kube_fixture f;
    kube_fixture_init(&f, steps, ARRAY_LEN(steps));
    kube_fixture_start(&f);
    f.ctx = opctx_with_timeout_ms(&f.ctx, 10000);
    cleanup_error struct error *err = NULL;
    int status;

    assert_int_equal(
        kube_fixture_send(&f, &(struct kube_raw){ .method = "GET", .path = "/x" }, &status, &err),
        -1);

    assert_int_equal(error_kind(err), ERR_TIMEOUT);
    assert_non_null(strstr(error_text(err), "too many requests"));
    assert_int_equal(kube_fixture_elapsed_ms(&f), 1000); /* not waited for in vain */
    kube_fixture_finish(&f);
}

static void test_stop_during_request(void **state)
{
    (void)state;
    struct kube_fixture f;
    struct script_step steps[] = { { .status = 503, RETRY_1 },
                                   { .hang = true, .hook = request_stop } };
    kube_fixture_init(&f, steps, ARRAY_LEN(steps));
    steps[1].hook_arg = f.stop;
    kube_fixture_start(&f);
    cleanup_error struct error *err = NULL;
    int status;

    assert_int_equal(
        kube_fixture_send(&f, &(struct kube_raw){ .method = "GET", .path = "/x" }, &status, &err),
        -1);

    assert_int_equal(error_kind(err), ERR_CANCELLED);
    assert_non_null(strstr(error_text(err), "unable to handle"));
    kube_fixture_finish(&f);
}

/* ---- servers that accept and never answer ---- */

struct hang_case {
    const char *sentence;
    int64_t timeout_ms; /* of the client */
    enum shape shape;
    unsigned flags;
    int64_t context_ms;
    int64_t takes_ms;
};
static struct hang_case hang_cases[] = {
    { "a request that is never answered ends after 65 s", 0, SHAPE_GET, 0, 600000, 65000 },
    { "a write that is never answered ends after 65 s", 0, SHAPE_POST, 0, 600000, 65000 },
    { "the context may end a request earlier", 0, SHAPE_GET, 0, 5000, 5000 },
    { "a client without any time-out waits for the context", -1, SHAPE_GET, 0, 600000, 600000 },
    { "a watch waits for its context", 0, SHAPE_WATCH, 0, 300000, 300000 },
    { "a followed log waits for its context", 0, SHAPE_SINK, CALL_NO_TIMEOUT, 300000, 300000 },
};

static void check_hang(void **state)
{
    const struct hang_case *c = *state;
    const struct script_step step = { .hang = true };
    struct kube_fixture f;
    kube_fixture_init(&f, &step, 1);
    f.options.request_timeout_ms = c->timeout_ms;
    kube_fixture_start(&f);
    struct opctx ctx = opctx_with_timeout_ms(&f.ctx, c->context_ms);
    struct keep_sink sink;
    keep_init(&sink);
    struct kube_raw raw = raw_of(c->shape, &sink);
    cleanup_error struct error *err = NULL;
    cleanup_response struct http_response r = { 0 };

    assert_int_equal(request_send(f.client, &ctx, &raw, c->flags, &r, &err), -1);

    assert_int_equal(error_kind(err), ERR_TIMEOUT);
    assert_int_equal(kube_fixture_elapsed_ms(&f), c->takes_ms);
    kube_fixture_finish(&f);
}

/* ---- two servers ---- */

struct other_server {
    struct kube_fixture *f;
    struct kube_client *client;
    int64_t took_ms;
    int status;
};

/* While one client is about to wait for its server, the other asks its own. */
static void ask_other_server(void *arg)
{
    struct other_server *o = arg;
    int64_t begin_ms = kube_fixture_elapsed_ms(o->f);
    cleanup_response struct http_response r = { 0 };
    for (int i = 0; i < 2; i++) {
        http_response_release(&r);
        (void)kube_send_raw(o->client, &o->f->ctx,
                            &(struct kube_raw){ .method = "GET", .path = "/x" }, &r, NULL);
    }
    o->status = r.status;
    o->took_ms = kube_fixture_elapsed_ms(o->f) - begin_ms;
}

static void test_servers_are_waited_for_apart(void **state)
{
    (void)state;
    const struct script_step fine[] = { { .reply = "{}" }, { .reply = "{}" } };
    struct scripted_transport transport;
    scripted_transport_init(&transport, fine, ARRAY_LEN(fine));
    struct other_server other = { .took_ms = -1 };
    const struct script_step busy[] = {
        { .status = 429, .headers = "Retry-After: 30" },
        { .status = 429,
          .headers = "Retry-After: 30",
          .hook = ask_other_server,
          .hook_arg = &other },
        { .reply = "{}" },
    };
    struct kube_fixture f;
    kube_fixture_init(&f, busy, ARRAY_LEN(busy));
    f.options.qps = 1;
    f.options.burst = 2; /* the first client's are used up by then */
    kube_fixture_start(&f);
    struct kube_config cfg = f.cfg;
    cfg.server = (char[]){ "https://other.test:6443" };
    other.f = &f;
    assert_int_equal(kube_client_new_over(&transport.base, &cfg, &f.options, &other.client, NULL),
                     0);
    int status;

    assert_int_equal(
        kube_fixture_send(&f, &(struct kube_raw){ .method = "GET", .path = "/x" }, &status, NULL),
        0);

    assert_int_equal(kube_fixture_elapsed_ms(&f), 60000);
    assert_int_equal(other.status, 200);
    assert_int_equal(other.took_ms, 0);
    kube_client_free(other.client);
    scripted_transport_check(&transport);
    scripted_transport_release(&transport);
    kube_fixture_finish(&f);
}

static void test_sink_error_is_final(void **state)
{
    (void)state;
    const struct script_step step = { .reply = "data", .piece = 1 };
    struct kube_fixture f;
    kube_fixture_init(&f, &step, 1);
    kube_fixture_start(&f);
    struct keep_sink sink;
    keep_init(&sink);
    sink.refuses = true;
    struct kube_raw raw = raw_of(SHAPE_WATCH, &sink);
    cleanup_error struct error *err = NULL;
    int status;

    assert_int_equal(kube_fixture_send(&f, &raw, &status, &err), -1);

    assert_int_equal(error_kind(err), ERR_INVALID);
    kube_fixture_finish(&f);
}

static void test_error_body_stays_away_from_sink(void **state)
{
    (void)state;
    const struct script_step step = { .status = 404,
                                      .reply = "gone fishing",
                                      .headers = "Content-Type: text/plain" };
    struct kube_fixture f;
    kube_fixture_init(&f, &step, 1);
    kube_fixture_start(&f);
    struct keep_sink sink;
    keep_init(&sink);
    struct kube_raw raw = raw_of(SHAPE_SINK, &sink);
    cleanup_error struct error *err = NULL;
    int status;

    assert_int_equal(kube_fixture_send(&f, &raw, &status, &err), -1);

    assert_false(sink.saw_head);
    assert_non_null(strstr(error_text(err), "gone fishing"));
    kube_fixture_finish(&f);
}

int main(void)
{
    static const struct CMUnitTest single[] = {
        CASE("a call is tried eleven times at most", test_eleven_tries),
        CASE("a watch that never opens ends as empty", test_watch_that_never_opens_is_empty),
        CASE("a stop ends the wait before a retry and tells the error before",
             test_stop_ends_retries),
        CASE("a deadline nearer than Retry-After fails at once and tells the error before",
             test_deadline_ends_retries),
        CASE("a stop during a retry tells the error before", test_stop_during_request),
        CASE("a server that is waited for holds up no other", test_servers_are_waited_for_apart),
        CASE("a sink's own error is final", test_sink_error_is_final),
        CASE("an error body is not given to the sink", test_error_body_stays_away_from_sink),
    };
    struct CMUnitTest tests[ARRAY_LEN(single) + ARRAY_LEN(retry_cases) + ARRAY_LEN(hang_cases)];
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(retry_cases); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(retry_cases[i].name, check_retry, &retry_cases[i]);
    for (size_t i = 0; i < ARRAY_LEN(hang_cases); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(hang_cases[i].sentence, check_hang, &hang_cases[i]);
    for (size_t i = 0; i < ARRAY_LEN(single); i++)
        tests[n++] = single[i];
    return RUN_CASES("request_retry", tests);
}
