#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/kube/outage.h"
#include "test/unit/support/fake_clock.h"
#include "test/unit/support/log_capture.h"
#include "test/unit/support/test.h"

#define SERVER "https://k:6443"

struct fixture {
    struct fake_clock clock;
    struct log_capture capture;
    struct log log;
    struct outage outage;
    int ends; /* that were told */
};

static void count_end(void *arg)
{
    struct fixture *f = arg;
    f->ends++;
}

static void set_up(struct fixture *f)
{
    f->ends = 0;
    fake_clock_init(&f->clock);
    log_capture_init(&f->capture, &f->clock.base);
    f->log = log_root(&f->capture.base);
    outage_init(&f->outage, SERVER, &f->clock.base, &f->log, count_end, f);
}

static void tear_down(struct fixture *f)
{
    outage_release(&f->outage);
    log_capture_release(&f->capture);
    fake_clock_release(&f->clock);
}

static size_t count(const struct fixture *f, const char *part)
{
    size_t n = 0;
    for (size_t i = 0; i < f->capture.lines.len; i++)
        n += strstr(f->capture.lines.v[i], part) != NULL;
    return n;
}

/* One attempt that takes a millisecond and ends without an answer. */
static void keep_silent(struct fixture *f, enum err_kind kind)
{
    cleanup_error struct error *e = NULL;
    int64_t began_ns = clock_mono_ns(&f->clock.base);
    fake_clock_advance_ms(&f->clock, 1);
    (void)error_set(&e, kind, "nobody listens");
    outage_note_silence(&f->outage, began_ns, e);
}

static void answer(struct fixture *f, int status, const char *type, enum err_kind kind)
{
    cleanup_error struct error *e = NULL;
    cleanup_response struct http_response r = { .status = status };
    buf_init(&r.body, BUF_UNBOUNDED);
    if (type)
        http_headers_add(&r.headers, "Content-Type", type);
    if (status > 299)
        (void)error_set(&e, kind, "refused");
    int64_t began_ns = clock_mono_ns(&f->clock.base);
    fake_clock_advance_ms(&f->clock, 1);
    outage_note_answer(&f->outage, began_ns, &r, e);
}

static bool explains(struct fixture *f, enum err_kind kind)
{
    cleanup_error struct error *e = NULL;
    (void)error_set(&e, kind, "x");
    return outage_explains(&f->outage, e);
}

static void one_voice(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f);

    for (int i = 0; i < 30; i++)
        keep_silent(&f, ERR_CONN);

    assert_int_equal(1, f.capture.lines.len);
    assert_true(log_capture_has(&f.capture, "level=warning msg=\"the API server " SERVER
                                            " cannot be reached: nobody listens\""));
    assert_true(explains(&f, ERR_CONN));
    assert_true(explains(&f, ERR_TIMEOUT));
    assert_false(explains(&f, ERR_FORBIDDEN));
    tear_down(&f);
}

static void progress_and_end(void **state)
{
    (void)state;
    struct fixture f;
    char began[TIME_TEXT_MAX];
    set_up(&f);

    keep_silent(&f, ERR_CONN);
    time_rfc3339(clock_wall_ns(&f.clock.base), began);
    cleanup_free char *still = xasprintf("still cannot be reached, since %s (", began);
    for (int i = 0; i < 5; i++) {
        fake_clock_advance_ms(&f.clock, 29999);
        keep_silent(&f, ERR_TIMEOUT);
    }
    answer(&f, 200, NULL, ERR_INTERNAL);
    answer(&f, 200, NULL, ERR_INTERNAL);

    assert_int_equal(2, count(&f, still));
    assert_int_equal(1, count(&f, "(60 s)"));
    assert_int_equal(1, count(&f, "(120 s)"));
    assert_int_equal(
        1, count(&f, "level=info msg=\"the API server " SERVER " answers again, after 150 s\""));
    assert_false(explains(&f, ERR_CONN));
    tear_down(&f);
}

static void others_hear(void **state)
{
    (void)state;
    struct fixture f;
    cleanup_error struct error *e = NULL;
    set_up(&f);
    int64_t began_ns = clock_mono_ns(&f.clock.base);
    fake_clock_advance_ms(&f.clock, 10);

    answer(&f, 403, "application/json", ERR_FORBIDDEN);
    (void)error_set(&e, ERR_CONN, "reset");
    outage_note_silence(&f.outage, began_ns, e);

    assert_int_equal(0, f.capture.lines.len);
    assert_false(explains(&f, ERR_CONN));
    tear_down(&f);
}

static void quiet(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f);
    f.outage.log = NULL;

    keep_silent(&f, ERR_CONN);

    assert_true(explains(&f, ERR_CONN));
    assert_int_equal(0, f.capture.lines.len);
    tear_down(&f);
}

static void end_of_long_one(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f);

    keep_silent(&f, ERR_CONN);
    fake_clock_advance_ms(&f.clock, OUTAGE_LONG_NS / NS_PER_MS);
    keep_silent(&f, ERR_CONN);
    assert_int_equal(0, f.ends);
    answer(&f, 200, NULL, ERR_INTERNAL);
    answer(&f, 200, NULL, ERR_INTERNAL);

    assert_int_equal(1, f.ends);
    tear_down(&f);
}

static void end_of_short_ones(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f);

    for (int i = 0; i < 10; i++) {
        keep_silent(&f, ERR_CONN);
        fake_clock_advance_ms(&f.clock, OUTAGE_LONG_NS / NS_PER_MS - 10);
        answer(&f, 200, NULL, ERR_INTERNAL);
    }

    assert_int_equal(0, f.ends);
    tear_down(&f);
}

static struct answer_case {
    const char *name, *type, *told;
    int status;
    enum err_kind kind;
    bool out;
} answers[] = {
    { "refused credentials concern everybody", "application/json", "refuses our credentials", 401,
      ERR_UNAUTHORIZED, true },
    { "a balancer without a server concerns everybody", "text/html", "is not available", 503,
      ERR_UNAVAILABLE, true },
    { "so does a bad gateway that says nothing", NULL, "is not available", 502, ERR_UNAVAILABLE,
      true },
    { "a kind that is not available concerns that kind", "application/json", NULL, 503,
      ERR_UNAVAILABLE, false },
    { "a missing right concerns that right", "application/json", NULL, 403, ERR_FORBIDDEN, false },
    { "a slow storage is no outage", "text/plain", NULL, 504, ERR_TIMEOUT, false },
};

static void check_answer(void **state)
{
    const struct answer_case *c = *state;
    struct fixture f;
    set_up(&f);

    answer(&f, c->status, c->type, c->kind);
    answer(&f, c->status, c->type, c->kind);

    assert_int_equal(c->out, f.capture.lines.len);
    assert_int_equal(c->out, explains(&f, c->kind));
    if (c->told)
        assert_true(log_capture_has(&f.capture, c->told));
    tear_down(&f);
}

static void another_kind(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f);

    keep_silent(&f, ERR_CONN);
    answer(&f, 401, NULL, ERR_UNAUTHORIZED);

    assert_int_equal(2, count(&f, "level=warning"));
    assert_true(explains(&f, ERR_UNAUTHORIZED));
    assert_false(explains(&f, ERR_CONN));
    tear_down(&f);
}

static void alternating(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f);

    for (int i = 0; i < 20; i++) {
        keep_silent(&f, ERR_CONN);
        answer(&f, 503, NULL, ERR_UNAVAILABLE);
    }

    assert_int_equal(2, count(&f, "level=warning"));
    assert_true(explains(&f, ERR_UNAVAILABLE));
    answer(&f, 200, NULL, ERR_INTERNAL);
    keep_silent(&f, ERR_CONN);
    assert_int_equal(3, count(&f, "level=warning")); /* another outage */
    tear_down(&f);
}

int main(void)
{
    struct CMUnitTest tests[8 + ARRAY_LEN(answers)] = {
        CASE("thirty failures are one warning", one_voice),
        CASE("an outage is told of once a minute, and its end once", progress_and_end),
        CASE("a server that others heard meanwhile is there", others_hear),
        CASE("without a log an outage is known all the same", quiet),
        CASE("an outage that changes its kind is told of again", another_kind),
        CASE("an outage of two kinds by turns is told of once for each", alternating),
        CASE("the end of a long outage is told to who wants to know, once", end_of_long_one),
        CASE("a server that comes and goes has no end to tell of", end_of_short_ones),
    };
    for (size_t i = 0; i < ARRAY_LEN(answers); i++)
        tests[8 + i] = (struct CMUnitTest)CASE_OF(answers[i].name, check_answer, &answers[i]);
    return RUN_CASES("outage", tests);
}
