/* Which attempts of a request tell that the server is away. */
#include <string.h>

#include "pkg/kube/client_impl.h"
#include "test/unit/support/pkg/kube/kube_fixture.h"
#include "test/unit/support/test.h"

#define RESET .fail = ERR_CONN, .fail_code = HTTP_ERR_RESET
#define REFUSED .fail = ERR_CONN, .fail_code = HTTP_ERR_REFUSED

struct outage_case {
    const char *name;
    struct script_step steps[3];
    size_t len;
    int64_t timeout_ms; /* of the caller; 0: none */
    bool quiet;
    const char *told;     /* NULL: nothing */
    bool explains, ended; /* the error is the outage's; its end is told */
};
static struct outage_case cases[] = {
    { "a refused connection tells",
      { { REFUSED } },
      1,
      0,
      false,
      "https://api.test:6443 cannot be reached: GET /x",
      true,
      false },
    { "another client of the server keeps quiet", { { REFUSED } }, 1, 0, true, NULL, false, false },
    { "a kept connection that had ended tells nothing",
      { { RESET }, { .status = 200 } },
      2,
      0,
      false,
      NULL,
      false,
      false },
    { "a connection that breaks again tells, and so does the answer",
      { { RESET }, { RESET }, { .status = 200 } },
      3,
      0,
      false,
      "cannot be reached",
      false,
      true },
    { "an impatient caller tells nothing",
      { { .hang = true } },
      1,
      5000,
      false,
      NULL,
      false,
      false },
    { "a reply that is too large is one",
      { { .fail = ERR_TOO_LARGE } },
      1,
      0,
      false,
      NULL,
      false,
      false },
    { "a refusal is an answer", { { .status = 403 } }, 1, 0, false, NULL, false, false },
    { "expired credentials tell",
      { { .status = 401 } },
      1,
      0,
      false,
      "https://api.test:6443 refuses our credentials",
      true,
      false },
};

static void check(void **state)
{
    const struct outage_case *c = *state;
    struct kube_fixture f;
    cleanup_error struct error *e = NULL;
    int status = 0;
    kube_fixture_init(&f, c->steps, c->len);
    f.options.quiet_outages = c->quiet;
    kube_fixture_start(&f);
    if (c->timeout_ms)
        f.ctx = opctx_with_timeout_ms(&f.ctx, c->timeout_ms);

    (void)kube_fixture_send(&f, &(struct kube_raw){ .method = "GET", .path = "/x" }, &status, &e);

    assert_int_equal(c->told != NULL, log_capture_has(&f.capture, "level=warning"));
    if (c->told)
        assert_true(log_capture_has(&f.capture, c->told));
    assert_int_equal(c->explains, e && kube_client_told_outage(f.client, e));
    assert_int_equal(c->ended, log_capture_has(&f.capture, "answers again"));
    kube_fixture_finish(&f);
}

/* The head of a watch is an answer; its end may be minutes away. */
struct seen {
    struct http_sink base;
    struct kube_fixture *f;
    bool ended;
};

static bool on_head(struct http_sink *sink, const struct http_response *head)
{
    struct seen *s = container_of(sink, struct seen, base);
    s->ended = log_capture_has(&s->f->capture, "answers again");
    return head->status == 200;
}

static int on_data(struct http_sink *sink, const char *data, size_t len, struct error **err)
{
    (void)sink, (void)data, (void)len, (void)err;
    return 0;
}

static void head(void **state)
{
    (void)state;
    struct kube_fixture f;
    struct seen seen = { .base = { .on_head = on_head, .on_data = on_data }, .f = &f };
    const struct script_step steps[] = { { REFUSED }, { .status = 200, .reply = "x" } };
    const struct kube_raw watch = {
        .method = "GET", .path = "/x", .traffic = HTTP_CLASS_WATCH, .sink = &seen.base
    };
    int status;
    kube_fixture_init(&f, steps, ARRAY_LEN(steps));
    kube_fixture_start(&f);

    assert_int_equal(-1, kube_fixture_send(&f, &watch, &status, NULL));
    assert_int_equal(0, kube_fixture_send(&f, &watch, &status, NULL));

    assert_true(seen.ended);
    kube_fixture_finish(&f);
}

int main(void)
{
    struct CMUnitTest tests[1 + ARRAY_LEN(cases)] = {
        CASE("the head of a watch tells that the server is back", head),
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[1 + i] = (struct CMUnitTest)CASE_OF(cases[i].name, check, &cases[i]);
    return RUN_CASES("request_outage", tests);
}
