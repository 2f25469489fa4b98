#include <string.h>

#include "pkg/base/buf.h"
#include "test/unit/support/pkg/kube/kube_fixture.h"
#include "test/unit/support/test.h"

#define POD "https://api.test:6443/api/v1/namespaces/a/pods/p"
#define ACCEPT "\nAccept: application/json\n"
#define JSON_BODY ACCEPT "Content-Type: application/json\n\n"
#define EVICTION(version) \
    "POST " POD "/eviction" JSON_BODY "{\"apiVersion\":\"" version \
    "\",\"kind\":\"Eviction\",\"metadata\":{\"name\":\"p\",\"namespace\":\"a\"}}"
#define STATUS(code, reason, message) \
    "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"message\":\"" message \
    "\",\"reason\":\"" reason "\",\"code\":" #code "}"
#define UNKNOWN \
    STATUS(400, "BadRequest", \
           "no kind \\\"Eviction\\\" is registered for version \\\"policy/v1\\\" in scheme")

/* ERR_INTERNAL is 0, which stands for success in the tables. */
#define INTERNAL ERR_KINDS

static void assert_kind(const struct error *e, enum err_kind want)
{
    assert_string_equal(err_kind_name(error_kind(e)),
                        err_kind_name(want == INTERNAL ? ERR_INTERNAL : want));
}

struct evict_case {
    const char *name;
    struct script_step steps[2];
    size_t len;
    enum err_kind fails;
};

/* clang-format off */
static struct evict_case evict_cases[] = {
    { "evict posts an Eviction", { { .request = EVICTION("policy/v1"), .status = 201 } }, 1, 0 },
    { "a pod that is gone counts as evicted", { { .request = EVICTION("policy/v1"), .status = 404, .reply = STATUS(404, "NotFound", "m") } }, 1, 0 },
    { "a disruption budget's 429 is returned at once", { { .request = EVICTION("policy/v1"), .status = 429, .headers = "Retry-After: 10",
        .reply = STATUS(429, "TooManyRequests", "m") } }, 1, ERR_THROTTLED },
    { "several disruption budgets are a server error", { { .request = EVICTION("policy/v1"), .status = 500,
        .reply = STATUS(500, "InternalError", "m") } }, 1, INTERNAL },
    { "an old server gets policy/v1beta1", { { .request = EVICTION("policy/v1"), .status = 400, .reply = UNKNOWN },
        { .request = EVICTION("policy/v1beta1"), .status = 201 } }, 2, 0 },
    { "an old server's answer to policy/v1beta1 counts", { { .request = EVICTION("policy/v1"), .status = 400, .reply = UNKNOWN },
        { .request = EVICTION("policy/v1beta1"), .status = 429 } }, 2, ERR_THROTTLED },
    { "another bad request is one", { { .request = EVICTION("policy/v1"), .status = 400, .reply = STATUS(400, "BadRequest", "m") } }, 1, ERR_INVALID },
};
/* clang-format on */

static void check_evict(void **state)
{
    const struct evict_case *c = *state;
    struct kube_fixture f;
    kube_fixture_init(&f, c->steps, c->len);
    kube_fixture_start(&f);
    cleanup_error struct error *err = NULL;

    int rc = kube_evict(f.client, &f.ctx, "a", "p", &err);

    assert_int_equal(rc, c->fails ? -1 : 0);
    if (c->fails)
        assert_kind(err, c->fails);
    kube_fixture_finish(&f);
}

static void test_old_server_is_remembered(void **state)
{
    (void)state;
    const struct script_step steps[] = {
        { .request = EVICTION("policy/v1"), .status = 400, .reply = UNKNOWN },
        { .request = EVICTION("policy/v1beta1"), .status = 201 },
        { .request = EVICTION("policy/v1beta1"), .status = 201 },
    };
    struct kube_fixture f;
    kube_fixture_init(&f, steps, ARRAY_LEN(steps));
    kube_fixture_start(&f);
    assert_int_equal(kube_evict(f.client, &f.ctx, "a", "p", NULL), 0);
    assert_int_equal(kube_evict(f.client, &f.ctx, "a", "p", NULL), 0);
    kube_fixture_finish(&f);
}

static void test_scale(void **state)
{
    (void)state;
    const struct script_step step = {
        .request =
            "PATCH https://api.test:6443/apis/apps/v1/namespaces/a/deployments/d/scale" ACCEPT
            "Content-Type: application/merge-patch+json\n\n{\"spec\":{\"replicas\":3}}"
    };
    struct kube_fixture f;
    kube_fixture_init(&f, &step, 1);
    kube_fixture_start(&f);
    assert_int_equal(kube_scale(f.client, &f.ctx, KUBE_REF(&GVR_DEPLOYMENTS, "a", "d"), 3, NULL),
                     0);
    kube_fixture_finish(&f);
}

static void test_request_token(void **state)
{
    (void)state;
#define TOKEN_URL "POST https://api.test:6443/api/v1/namespaces/a/serviceaccounts/s/token" JSON_BODY
#define TOKEN_HEAD \
    "{\"apiVersion\":\"authentication.k8s.io/v1\",\"kind\":\"TokenRequest\",\"spec\":"
    const struct script_step steps[] = {
        { .request = TOKEN_URL TOKEN_HEAD "{\"audiences\":[\"x\"],\"expirationSeconds\":600}}",
          .status = 201,
          .reply = "{\"status\":{\"token\":\"t\"}}" },
        { .request = TOKEN_URL TOKEN_HEAD "{}}", .status = 201, .reply = "{}" },
    };
    struct kube_fixture f;
    kube_fixture_init(&f, steps, ARRAY_LEN(steps));
    kube_fixture_start(&f);
    cleanup_json json *token = NULL;
    cleanup_json json *other = NULL;
    assert_int_equal(kube_request_token(f.client, &f.ctx, "a", "s", "x", 600, &token, NULL), 0);
    assert_string_equal(json_path_str(token, "status.token"), "t");
    assert_int_equal(kube_request_token(f.client, &f.ctx, "a", "s", NULL, 0, &other, NULL), 0);
    kube_fixture_finish(&f);
}

/* ---- logs ---- */

struct log_sink_buf {
    struct http_sink base;
    struct buf got;
};

static int log_data(struct http_sink *sink, const char *data, size_t len, struct error **err)
{
    (void)err;
    buf_add(&container_of(sink, struct log_sink_buf, base)->got, data, len);
    return 0;
}

struct log_case {
    const char *name;
    struct kube_log_options opt;
    struct script_step step;
    enum err_kind fails;
    const char *text;
};

#define LOG(query) "GET " POD "/log" query "\nAccept: */*\n@traffic: log\n"
#define LOG_TIMED(query) LOG(query) "@timeout_ms: 5000\n"

/* clang-format off */
static struct log_case log_cases[] = {
    { "logs accept any media type", { .tail_lines = -1 },
      { .request = LOG_TIMED("?timeout=5s"), .reply = "one\ntwo\n" }, 0, "one\ntwo\n" },
    { "every option becomes a parameter; following has no time-out",
      { .container = "c", .follow = true, .previous = true, .timestamps = true, .since_s = 60, .tail_lines = 0, .limit_bytes = 9 },
      { .request = LOG("?container=c&follow=true&previous=true&timestamps=true&sinceSeconds=60&tailLines=0&limitBytes=9"),
        .reply = "x", .piece = 1 }, 0, "x" },
    { "an empty log is legal", { .tail_lines = -1 }, { .request = LOG_TIMED("?timeout=5s") }, 0, "" },
    { "a log that is cut off is an error", { .tail_lines = -1 },
      { .status = 200, .reply = "half", .fail = ERR_CONN, .fail_code = HTTP_ERR_EOF }, ERR_CONN, "half" },
    { "text that looks like a Status is a log", { .tail_lines = -1 },
      { .reply = STATUS(500, "InternalError", "m") }, 0, STATUS(500, "InternalError", "m") },
    { "an unknown container is a bad request", { .tail_lines = -1 },
      { .status = 400, .reply = STATUS(400, "BadRequest", "m") }, ERR_INVALID, "" },
};
/* clang-format on */

static void check_log(void **state)
{
    const struct log_case *c = *state;
    struct kube_fixture f;
    kube_fixture_init(&f, &c->step, 1);
    f.options.request_timeout_ms = 5000;
    kube_fixture_start(&f);
    struct log_sink_buf sink = { .base.on_data = log_data, .got = BUF_INIT(BUF_UNBOUNDED) };
    cleanup_error struct error *err = NULL;

    int rc = kube_logs(f.client, &f.ctx, "a", "p", &c->opt, &sink.base, &err);

    assert_int_equal(rc, c->fails ? -1 : 0);
    if (c->fails)
        assert_kind(err, c->fails);
    assert_string_equal(buf_str(&sink.got), c->text);
    buf_release(&sink.got);
    kube_fixture_finish(&f);
}

/* ---- conflicts ---- */

struct attempts {
    int conflicts; /* first so many tries end in one */
    enum err_kind then;
    int calls, last_attempt;
};

static int try_it(void *arg, const struct opctx *ctx, int attempt, struct error **err)
{
    (void)ctx;
    struct attempts *a = arg;
    a->calls++;
    a->last_attempt = attempt;
    if (a->calls <= a->conflicts)
        return error_set(err, ERR_CONFLICT, "conflict %d", a->calls);
    return a->then ? error_set(err, a->then, "other") : 0;
}

struct conflict_case {
    const char *name;
    struct attempts attempts;
    int calls;
    enum err_kind fails;
    const char *text;
};

static struct conflict_case conflict_cases[] = {
    { "what succeeds is not repeated", { .conflicts = 0 }, 1, 0, NULL },
    { "a conflict is tried again", { .conflicts = 4 }, 5, 0, NULL },
    { "the fifth conflict is returned", { .conflicts = 9 }, 5, ERR_CONFLICT, "conflict 5" },
    { "another error is returned at once",
      { .conflicts = 1, .then = ERR_FORBIDDEN },
      2,
      ERR_FORBIDDEN,
      "other" },
};

static void check_conflict(void **state)
{
    const struct conflict_case *c = *state;
    struct kube_fixture f;
    kube_fixture_init(&f, NULL, 0);
    struct attempts a = c->attempts;
    cleanup_error struct error *err = NULL;

    int rc = kube_retry_on_conflict(&f.ctx, try_it, &a, &err);

    assert_int_equal(rc, c->fails ? -1 : 0);
    assert_int_equal(a.calls, c->calls);
    assert_int_equal(a.last_attempt, c->calls - 1);
    if (c->fails) {
        assert_int_equal(error_kind(err), c->fails);
        assert_string_equal(error_text(err), c->text);
    }
    int64_t waited_ms = (clock_mono_ns(&f.clock.base) - FAKE_MONO_NS) / NS_PER_MS;
    assert_in_range(waited_ms, (c->calls - 1) * 10, (c->calls - 1) * 11);
    kube_fixture_finish(&f);
}

static void test_conflict_outlives_deadline(void **state)
{
    (void)state;
    struct kube_fixture f;
    kube_fixture_init(&f, NULL, 0);
    f.ctx = opctx_with_timeout_ms(&f.ctx, 15);
    struct attempts a = { .conflicts = 9 };
    cleanup_error struct error *err = NULL;

    assert_int_equal(kube_retry_on_conflict(&f.ctx, try_it, &a, &err), -1);

    assert_int_equal(a.calls, 2);
    assert_string_equal(error_text(err), "conflict 2");
    kube_fixture_finish(&f);
}

int main(void)
{
    static const struct CMUnitTest single[] = {
        CASE("an old server is remembered", test_old_server_is_remembered),
        CASE("scale patches the subresource", test_scale),
        CASE("a token is requested with audience and expiry where given", test_request_token),
        CASE("a deadline ends the tries with the last conflict", test_conflict_outlives_deadline),
    };
    struct CMUnitTest tests[ARRAY_LEN(single) + ARRAY_LEN(evict_cases) + ARRAY_LEN(log_cases) +
                            ARRAY_LEN(conflict_cases)];
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(evict_cases); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(evict_cases[i].name, check_evict, &evict_cases[i]);
    for (size_t i = 0; i < ARRAY_LEN(log_cases); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(log_cases[i].name, check_log, &log_cases[i]);
    for (size_t i = 0; i < ARRAY_LEN(conflict_cases); i++)
        tests[n++] =
            (struct CMUnitTest)CASE_OF(conflict_cases[i].name, check_conflict, &conflict_cases[i]);
    for (size_t i = 0; i < ARRAY_LEN(single); i++)
        tests[n++] = single[i];
    return RUN_CASES("verbs_sub", tests);
}
