#include <string.h>

#include "pkg/controller/controller.h"
#include "test/unit/support/pkg/controller/controller_fixture.h"
#include "test/unit/support/test.h"

static int act_ok(struct controller_fixture *f, const struct opctx *ctx, int n, struct result *ret,
                  struct error **err)
{
    (void)f, (void)ctx, (void)n, (void)ret, (void)err;
    return 0;
}

static int act_after(struct controller_fixture *f, const struct opctx *ctx, int n,
                     struct result *ret, struct error **err)
{
    (void)f, (void)ctx, (void)err;
    if (n == 1)
        ret->requeue_after_ms = 60000;
    return 0;
}

static int act_error(struct controller_fixture *f, const struct opctx *ctx, int n,
                     struct result *ret, struct error **err)
{
    (void)f, (void)ctx, (void)ret;
    return n == 1 ? error_set(err, ERR_UNAVAILABLE, "no luck") : 0;
}

static int act_invalid(struct controller_fixture *f, const struct opctx *ctx, int n,
                       struct result *ret, struct error **err)
{
    (void)f, (void)ctx, (void)ret;
    return n == 1 ? error_set(err, ERR_INVALID, "bad content") : 0;
}

static int act_both(struct controller_fixture *f, const struct opctx *ctx, int n,
                    struct result *ret, struct error **err)
{
    (void)f, (void)ctx;
    if (n > 1)
        return 0;
    ret->requeue_after_ms = 60000;
    return error_set(err, ERR_INTERNAL, "no luck");
}

static int act_terminal(struct controller_fixture *f, const struct opctx *ctx, int n,
                        struct result *ret, struct error **err)
{
    (void)f, (void)ctx, (void)n, (void)ret;
    error_set(err, ERR_INTERNAL, "hopeless");
    error_mark_terminal(err);
    return -1;
}

static int act_conflict(struct controller_fixture *f, const struct opctx *ctx, int n,
                        struct result *ret, struct error **err)
{
    (void)f, (void)ctx, (void)ret;
    return n == 1 ? error_set(err, ERR_CONFLICT, "changed meanwhile") : 0;
}

static int act_cancelled(struct controller_fixture *f, const struct opctx *ctx, int n,
                         struct result *ret, struct error **err)
{
    (void)f, (void)ctx, (void)ret;
    return n == 1 ? error_set(err, ERR_CANCELLED, "cancelled") : 0;
}

struct result_case {
    const char *name;
    int (*act)(struct controller_fixture *, const struct opctx *, int, struct result *,
               struct error **);
    int64_t rerun_ms; /* time from the first run to the second; 0: none */
    double success, after, error, terminal;
    const char *logged, *not_logged;
};
static struct result_case result_cases[] = {
    { "success is counted and not run again", act_ok, 0, 1, 0, 0, 0, NULL, "level=error" },
    { "requeue_after runs again after exactly that", act_after, 60000, 1, 1, 0, 0, NULL,
      "level=error" },
    { "an error is logged and run again after the back-off", act_error, 5, 1, 0, 1, 0,
      "level=warning msg=\"reconcile failed, it will be run again\"", "level=error" },
    { "a kind of error that is no use to retry is still retried", act_invalid, 5, 1, 0, 1, 0,
      "level=warning", "level=error" },
    { "an error beats requeue_after, with a warning", act_both, 5, 1, 0, 1, 0,
      "level=warning msg=\"an error beats", NULL },
    { "an error that is marked terminal is not run again", act_terminal, 0, 0, 0, 1, 1,
      "level=error", NULL },
    { "a conflict is retried and not logged as an error", act_conflict, 5, 1, 0, 1, 0,
      "level=info msg=\"reconcile met", "level=error" },
    { "a cancellation is retried and not logged as an error", act_cancelled, 5, 1, 0, 1, 0,
      "level=debug msg=\"reconcile was cancelled\"", "level=error" },
};

static void check_result(void **state)
{
    const struct result_case *c = *state;
    struct controller_fixture f;
    controller_set_up(&f);
    f.act = c->act;
    f.source.keys[0] = "cluster";

    controller_start(&f);
    controller_await_runs(&f, 1);
    controller_await_idle(&f);
    if (c->rerun_ms) {
        fake_clock_advance_ms(&f.clock, c->rerun_ms - 1);
        controller_await_idle(&f);
        assert_int_equal(f.runs.len, 1);
        fake_clock_advance_ms(&f.clock, 1);
        controller_await_runs(&f, 2);
        controller_await_idle(&f);
    } else {
        fake_clock_advance_ms(&f.clock, INT64_C(1000) * 3600);
        controller_await_idle(&f);
        assert_int_equal(f.runs.len, 1);
    }
    controller_finish(&f);

    assert_int_equal(f.rcode, 0);
    assert_true(controller_counter(&f, "controller_runtime_reconcile_total", "success") ==
                c->success);
    assert_true(controller_counter(&f, "controller_runtime_reconcile_total", "requeue_after") ==
                c->after);
    assert_true(controller_counter(&f, "controller_runtime_reconcile_total", "error") == c->error);
    assert_true(controller_counter(&f, "controller_runtime_reconcile_errors_total", NULL) ==
                c->error);
    assert_true(controller_counter(&f, "controller_runtime_terminal_reconcile_errors_total",
                                   NULL) == c->terminal);
    if (c->logged)
        assert_true(log_capture_has(&f.capture, c->logged));
    if (c->not_logged)
        assert_false(log_capture_has(&f.capture, c->not_logged));
    controller_tear_down(&f);
}

static int act_fail_thrice(struct controller_fixture *f, const struct opctx *ctx, int n,
                           struct result *ret, struct error **err)
{
    (void)f, (void)ctx, (void)ret;
    return n == 4 ? 0 : error_set(err, ERR_INTERNAL, "no luck");
}

static void check_backoff(void **state)
{
    (void)state;
    struct controller_fixture f;
    controller_set_up(&f);
    f.act = act_fail_thrice;
    f.source.keys[0] = "cluster";
    static const int64_t delays_ms[] = { 5, 10, 20 };

    controller_start(&f);
    for (size_t i = 0; i < ARRAY_LEN(delays_ms); i++) {
        controller_await_runs(&f, i + 1);
        controller_await_idle(&f);
        assert_int_equal(workqueue_failures(controller_queue(f.c), "cluster"), (int)i + 1);
        fake_clock_advance_ms(&f.clock, delays_ms[i]);
    }
    controller_await_runs(&f, 4);
    controller_await_idle(&f);
    assert_int_equal(workqueue_failures(controller_queue(f.c), "cluster"), 0);
    controller_finish(&f);
    controller_tear_down(&f);
}

/* ---- what keeps failing ---- */

static int act_forbidden(struct controller_fixture *f, const struct opctx *ctx, int n,
                         struct result *ret, struct error **err)
{
    (void)f, (void)ctx, (void)n, (void)ret;
    return error_set(err, ERR_FORBIDDEN, "not allowed");
}

static int act_no_server(struct controller_fixture *f, const struct opctx *ctx, int n,
                         struct result *ret, struct error **err)
{
    (void)f, (void)ctx, (void)n, (void)ret;
    return error_set(err, ERR_CONN, "nobody listens");
}

struct persistent_case {
    const char *name;
    int (*act)(struct controller_fixture *, const struct opctx *, int, struct result *,
               struct error **);
    size_t errors; /* of 16 runs */
};
static struct persistent_case persistent_cases[] = {
    { "what fails for more than a minute becomes an error", act_forbidden, 2 },
    { "a peer that is away never does", act_no_server, 0 },
};

static size_t count_lines(const struct controller_fixture *f, const char *part)
{
    size_t n = 0;
    for (size_t i = 0; i < f->capture.lines.len; i++)
        n += strstr(f->capture.lines.v[i], part) != NULL;
    return n;
}

static void check_persistent(void **state)
{
    const struct persistent_case *c = *state;
    struct controller_fixture f;
    controller_set_up(&f);
    f.act = c->act;
    f.source.keys[0] = "cluster";

    controller_start(&f);
    for (size_t n = 1; n < 16; n++) {
        controller_await_runs(&f, n);
        controller_await_idle(&f);
        fake_clock_advance_ms(&f.clock, INT64_C(5) << (n - 1));
    }
    controller_await_runs(&f, 16);
    controller_await_idle(&f);
    controller_finish(&f);

    assert_int_equal(count_lines(&f, "level=error msg=\"reconcile keeps failing"), c->errors);
    assert_int_equal(count_lines(&f, "level=warning msg=\"reconcile failed, it will be run again"),
                     16 - c->errors);
    controller_tear_down(&f);
}

static int act_keep_priority(struct controller_fixture *f, const struct opctx *ctx, int n,
                             struct result *ret, struct error **err)
{
    (void)ctx;
    f->seen[n - 1] = ret->priority;
    if (n == 1)
        return error_set(err, ERR_INTERNAL, "no luck");
    if (n == 2)
        *ret = (struct result){ .requeue_after_ms = 10, .priority = 5 };
    return 0;
}

static void check_priority(void **state)
{
    (void)state;
    struct controller_fixture f;
    controller_set_up(&f);
    f.act = act_keep_priority;
    f.source.keys[0] = "cluster";

    controller_start(&f);
    for (size_t n = 1; n <= 3; n++) {
        controller_await_runs(&f, n);
        controller_await_idle(&f);
        fake_clock_advance_ms(&f.clock, 10);
    }
    controller_finish(&f);

    assert_int_equal(f.seen[0], PRIORITY_LOW);
    assert_int_equal(f.seen[1], PRIORITY_LOW);
    assert_int_equal(f.seen[2], 5);
    controller_tear_down(&f);
}

static int act_log(struct controller_fixture *f, const struct opctx *ctx, int n, struct result *ret,
                   struct error **err)
{
    (void)f, (void)n, (void)ret, (void)err;
    log_info(ctx->log, "at work");
    return 0;
}

static void check_log_fields(void **state)
{
    (void)state;
    struct controller_fixture f;
    controller_set_up(&f);
    f.act = act_log;
    f.source.keys[0] = "ns/one";
    f.source.keys[1] = "two";

    controller_start(&f);
    controller_await_runs(&f, 2);
    controller_await_idle(&f);
    controller_finish(&f);

    char ids[2][UUID_LEN + 1] = { "" };
    size_t n = 0;
    for (size_t i = 0; i < f.capture.lines.len; i++) {
        const char *line = f.capture.lines.v[i];
        if (!strstr(line, "at work"))
            continue;
        assert_non_null(strstr(line, "controller=Banner"));
        assert_non_null(strstr(line, n == 0 ? "key=ns/one" : "key=two"));
        const char *id = strstr(line, "reconcileID=");
        assert_non_null(id);
        (void)snprintf(ids[n++], sizeof(ids[0]), "%s", id + strlen("reconcileID="));
    }
    assert_int_equal(n, 2);
    assert_int_equal(strlen(ids[0]), UUID_LEN);
    assert_string_not_equal(ids[0], ids[1]);
    controller_tear_down(&f);
}

/* ---- deadlines ---- */

static int act_until_deadline(struct controller_fixture *f, const struct opctx *ctx, int n,
                              struct result *ret, struct error **err)
{
    (void)f, (void)ret;
    if (n > 1)
        return 0;
    f->seen[0] = opctx_remaining_ms(ctx);
    fake_clock_advance_ms(&f->clock, 1000);
    return opctx_check(ctx, err);
}

static int act_other_timeout(struct controller_fixture *f, const struct opctx *ctx, int n,
                             struct result *ret, struct error **err)
{
    (void)ctx, (void)ret;
    fake_clock_advance_ms(&f->clock, 999);
    return n == 1 ? error_set(err, ERR_TIMEOUT, "the peer was slow") : 0;
}

struct deadline_case {
    const char *name;
    int (*act)(struct controller_fixture *, const struct opctx *, int, struct result *,
               struct error **);
    double timeouts;
    int64_t remaining_ms; /* of the run that looks at it */
};
static struct deadline_case deadline_cases[] = {
    { "a run's own deadline is counted as a timeout", act_until_deadline, 1, 1000 },
    { "somebody else's timeout is not counted", act_other_timeout, 0, 0 },
};

static void check_deadline(void **state)
{
    const struct deadline_case *c = *state;
    struct controller_fixture f;
    controller_set_up(&f);
    f.cfg.reconcile_timeout_ms = 1000;
    f.act = c->act;
    f.source.keys[0] = "cluster";

    controller_start(&f);
    controller_await_runs(&f, 1);
    controller_await_idle(&f);
    fake_clock_advance_ms(&f.clock, 5);
    controller_await_runs(&f, 2);
    controller_await_idle(&f);
    controller_finish(&f);

    assert_true(controller_counter(&f, "controller_runtime_reconcile_timeouts_total", NULL) ==
                c->timeouts);
    assert_int_equal(f.seen[0], c->remaining_ms);
    assert_true(controller_counter(&f, "controller_runtime_reconcile_errors_total", NULL) == 1);
    controller_tear_down(&f);
}

int main(void)
{
    struct CMUnitTest tests[20] = {
        CASE("the back-off grows until a run has no error", check_backoff),
        CASE("a retry keeps its priority unless the result says otherwise", check_priority),
        CASE("a run's log names controller, key and run", check_log_fields),
    };
    size_t n = 3;
    for (size_t i = 0; i < ARRAY_LEN(result_cases); i++)
        tests[n++] =
            (struct CMUnitTest)CASE_OF(result_cases[i].name, check_result, &result_cases[i]);
    for (size_t i = 0; i < ARRAY_LEN(deadline_cases); i++)
        tests[n++] =
            (struct CMUnitTest)CASE_OF(deadline_cases[i].name, check_deadline, &deadline_cases[i]);
    for (size_t i = 0; i < ARRAY_LEN(persistent_cases); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(persistent_cases[i].name, check_persistent,
                                                &persistent_cases[i]);
    return _cmocka_run_group_tests("controller", tests, n, NULL, NULL);
}
