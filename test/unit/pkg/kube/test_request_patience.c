/* What a client with patience sends again while the server is away, and when it gives up. */
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/kube/client_impl.h"
#include "test/unit/support/pkg/kube/kube_fixture.h"
#include "test/unit/support/test.h"

#define PATIENCE_MS 60000
#define INTERNAL ERR_KINDS /* ERR_INTERNAL is 0, which stands for success in the table */

#define STEPS(...) \
    .steps = { __VA_ARGS__ }, \
    .len = sizeof((struct script_step[]){ __VA_ARGS__ }) / sizeof(struct script_step)
#define LOST .fail = ERR_CONN, .fail_code = HTTP_ERR_RESET
#define REFUSED .fail = ERR_CONN, .fail_code = HTTP_ERR_REFUSED
#define FINE .reply = "{}"
#define TOO_LARGE_VERSION \
    "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"reason\":\"Timeout\"," \
    "\"message\":\"Timeout: Too large resource version: 9, current: 8\",\"code\":504}"

struct patience_case {
    const char *name, *method;
    struct script_step steps[3];
    size_t len;
    enum err_kind fails; /* 0: succeeds */
    int64_t waits_ms;
};

/* clang-format off */
static struct patience_case cases[] = {
    { "a refused connection is waited out for GET", "GET",
      STEPS({ REFUSED }, { REFUSED }, { FINE }), .waits_ms = 10000 },
    { "a refused connection is waited out for POST: nothing was sent", "POST",
      STEPS({ REFUSED }, { REFUSED }, { FINE }), .waits_ms = 10000 },
    { "a lost answer is asked for again for PUT", "PUT", STEPS({ LOST }, { FINE }), .waits_ms = 5000 },
    { "a lost answer is asked for again for DELETE", "DELETE", STEPS({ LOST }, { FINE }), .waits_ms = 5000 },
    { "a lost answer is an error for POST: it may be done", "POST", STEPS({ LOST }), ERR_CONN },
    { "a time-out is an error for POST: it may be done", "POST", STEPS({ .fail = ERR_TIMEOUT }), ERR_TIMEOUT },
    { "a balancer without a server is an error for POST: it may be done", "POST",
      STEPS({ .status = 502 }), ERR_UNAVAILABLE },
    { "a throttled POST is sent again", "POST", STEPS({ .status = 429 }, { FINE }), .waits_ms = 5000 },
    { "a time-out of the attempt is waited out", "GET", STEPS({ .fail = ERR_TIMEOUT }, { FINE }), .waits_ms = 5000 },
    { "a balancer without a server is waited out", "GET",
      STEPS({ .status = 502 }, { .status = 503 }, { FINE }), .waits_ms = 10000 },
    { "a server's own time-out is waited out", "GET", STEPS({ .status = 504 }, { FINE }), .waits_ms = 5000 },
    { "what the server asks for comes first, and the usual pause after it", "GET",
      STEPS({ .status = 503, .headers = "Retry-After: 2" }, { REFUSED }, { FINE }), .waits_ms = 7000 },
    { "a defect of the server is an error", "GET", STEPS({ .status = 500 }), INTERNAL },
    { "a certificate that is no good is an error", "GET",
      STEPS({ .fail = ERR_CONN, .fail_code = HTTP_ERR_TLS }), ERR_CONN },
    { "a refusal is an error", "GET", STEPS({ .status = 403 }), ERR_FORBIDDEN },
    { "a conflict is an error", "PUT", STEPS({ .status = 409 }), ERR_CONFLICT },
    { "a resourceVersion that is not reached yet is not asked for again", "GET",
      STEPS({ .status = 504, .reply = TOO_LARGE_VERSION }), ERR_TIMEOUT },
};
/* clang-format on */

static void start(struct kube_fixture *f, const struct script_step *steps, size_t len,
                  int64_t patience_ms)
{
    kube_fixture_init(f, steps, len);
    f->options.patience_ms = patience_ms;
    kube_fixture_start(f);
}

static void check(void **state)
{
    const struct patience_case *c = *state;
    const struct kube_raw raw = { .method = c->method, .path = "/x" };
    struct kube_fixture f;
    cleanup_error struct error *e = NULL;
    int status;
    start(&f, c->steps, c->len, PATIENCE_MS);

    int rc = kube_fixture_send(&f, &raw, &status, &e);

    assert_int_equal(rc, c->fails ? -1 : 0);
    if (c->fails)
        assert_int_equal(error_kind(e), c->fails == INTERNAL ? ERR_INTERNAL : c->fails);
    assert_int_equal(kube_fixture_elapsed_ms(&f), c->waits_ms);
    kube_fixture_finish(&f);
}

static int get(struct kube_fixture *f, struct error **err)
{
    int status;
    return kube_fixture_send(f, &(struct kube_raw){ .method = "GET", .path = "/x" }, &status, err);
}

static void it_ends(void **state)
{
    (void)state;
    const struct script_step steps[] = { { REFUSED }, { REFUSED }, { REFUSED } };
    struct kube_fixture f;
    cleanup_error struct error *e = NULL;
    start(&f, steps, ARRAY_LEN(steps), 12000);

    assert_int_equal(get(&f, &e), -1);

    assert_true(error_is(e, ERR_CONN));
    assert_int_equal(kube_fixture_elapsed_ms(&f), 10000); /* 15 s would be too long */
    assert_true(log_capture_has(&f.capture, "sent again for up to 12 s: GET /x"));
    kube_fixture_finish(&f);
}

static void request_stop(void *arg)
{
    stop_request(arg);
}

static void a_stop_ends_it(void **state)
{
    (void)state;
    struct script_step steps[] = { { REFUSED }, { .status = 503, .hook = request_stop } };
    struct kube_fixture f;
    cleanup_error struct error *e = NULL;
    kube_fixture_init(&f, steps, ARRAY_LEN(steps));
    steps[1].hook_arg = f.stop;
    f.options.patience_ms = PATIENCE_MS;
    kube_fixture_start(&f);

    assert_int_equal(get(&f, &e), -1);

    assert_true(error_is(e, ERR_CANCELLED));
    assert_int_equal(kube_fixture_elapsed_ms(&f), 5000);
    kube_fixture_finish(&f);
}

static void a_deadline_ends_it(void **state)
{
    (void)state;
    const struct script_step steps[] = { { REFUSED }, { REFUSED } };
    struct kube_fixture f;
    cleanup_error struct error *e = NULL;
    start(&f, steps, ARRAY_LEN(steps), PATIENCE_MS);
    f.ctx = opctx_with_timeout_ms(&f.ctx, 8000);

    assert_int_equal(get(&f, &e), -1);

    assert_true(error_is(e, ERR_TIMEOUT));
    assert_non_null(strstr(error_text(e), "the attempt before failed: GET /x"));
    assert_int_equal(kube_fixture_elapsed_ms(&f), 5000); /* not waited for in vain */
    kube_fixture_finish(&f);
}

static int drop(struct http_sink *sink, const char *data, size_t len, struct error **err)
{
    (void)sink, (void)data, (void)len, (void)err;
    return 0;
}

static void a_watch_is_its_owners_to_open_again(void **state)
{
    (void)state;
    const struct script_step steps[] = { { REFUSED } };
    struct http_sink sink = { .on_data = drop };
    const struct kube_raw raw = {
        .method = "GET", .path = "/x", .traffic = HTTP_CLASS_WATCH, .sink = &sink
    };
    struct kube_fixture f;
    cleanup_error struct error *e = NULL;
    int status;
    start(&f, steps, ARRAY_LEN(steps), PATIENCE_MS);

    assert_int_equal(kube_fixture_send(&f, &raw, &status, &e), -1);

    assert_true(error_is(e, ERR_CONN));
    kube_fixture_finish(&f);
}

#define EXISTS \
    "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"reason\":\"AlreadyExists\",\"code\":409}"

/* Only who is content with an object that exists can have it made twice. */
static void a_lost_creation_is_repeated_for_who_takes_what_exists(void **state)
{
    (void)state;
    static const struct script_step steps[] = { { LOST }, { .status = 409, .reply = EXISTS } };
    static const struct {
        struct kube_write_options opt;
        size_t sent;
        enum err_kind want;
    } ways[] = { { { .existing_will_do = true }, 2, ERR_EXISTS }, { { 0 }, 1, ERR_CONN } };
    cleanup_json json *object =
        give_tree("{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"m\"}}");
    for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
        struct kube_fixture f;
        cleanup_error struct error *e = NULL;
        start(&f, steps, ways[i].sent, PATIENCE_MS);

        assert_int_equal(kube_create(f.client, &f.ctx, KUBE_REF(&GVR_CONFIGMAPS, "n", "m"), object,
                                     &ways[i].opt, NULL, &e),
                         -1);

        assert_true(error_is(e, ways[i].want));
        kube_fixture_finish(&f);
    }
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 5] = {
        CASE("patience ends", it_ends),
        CASE("a stop ends patience", a_stop_ends_it),
        CASE("a deadline ends patience", a_deadline_ends_it),
        CASE("a watch is its owner's to open again", a_watch_is_its_owners_to_open_again),
        CASE("a lost creation is repeated for who takes what exists",
             a_lost_creation_is_repeated_for_who_takes_what_exists),
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[5 + i] = (struct CMUnitTest)CASE_OF(cases[i].name, check, &cases[i]);
    return RUN_CASES("request_patience", tests);
}
