#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/steps/steps.h"
#include "test/unit/support/fake_clock.h"
#include "test/unit/support/fake_rng.h"
#include "test/unit/support/log_capture.h"
#include "test/unit/support/test.h"

/* What the steps of a case do, call by call; and what was heard of them. */
struct rig {
    struct fake_clock clock;
    struct fake_rng rng;
    struct log_capture capture;
    struct log log;
    struct stop *stop;
    struct opctx ctx;
    const char *script; /* one letter a call, the last one repeats */
    size_t calls;
    struct strv heard;
    bool refresh_fails;
    int64_t waited_ms; /* by earlier runs */
    struct error *err;
};

static void set_up(struct rig *r, const char *script)
{
    *r = (struct rig){ .script = script };
    fake_clock_init(&r->clock);
    atomic_store(&r->clock.auto_advance, true);
    fake_rng_init(&r->rng, 1);
    log_capture_init(&r->capture, &r->clock.base);
    r->log = log_root(&r->capture.base);
    r->stop = stop_new(NULL);
    r->ctx = opctx_root(&r->clock.base, &r->rng.base, r->stop, &r->log);
}

static void tear_down(struct rig *r)
{
    error_free(r->err);
    stop_unref(r->stop);
    strv_release(&r->heard);
    log_capture_release(&r->capture);
    fake_clock_release(&r->clock);
}

/* y: yes, n: not yet, c: connection lost, f: forbidden, b: bad, s: yes, but a stop comes meanwhile. */
static int call(struct rig *r, bool *ret, struct error **err)
{
    char c = r->script[r->calls];
    if (r->script[r->calls + 1])
        r->calls++;
    *ret = c == 'y';
    switch (c) {
    case 'c':
        return error_set(err, ERR_CONN, "lost");
    case 'f':
        return error_set(err, ERR_FORBIDDEN, "not allowed");
    case 'b':
        return error_set(err, ERR_INVALID, "bad");
    case 's':
        stop_request(r->stop);
        return error_set(err, ERR_CANCELLED, "stopped");
    default:
        return 0;
    }
}

static int act(void *arg, const struct opctx *ctx, struct error **err)
{
    bool yes;
    (void)ctx;
    return call(arg, &yes, err);
}

static int holds(void *arg, const struct opctx *ctx, bool *ret, struct error **err)
{
    (void)ctx;
    return call(arg, ret, err);
}

static bool may_heal(void *arg, const struct error *e)
{
    (void)arg;
    return error_is(e, ERR_FORBIDDEN);
}

static int refresh(void *arg, const struct opctx *ctx, struct error **err)
{
    struct rig *r = arg;
    (void)ctx;
    strv_add(&r->heard, "refresh");
    return r->refresh_fails ? error_set(err, ERR_UNAUTHORIZED, "no token") : 0;
}

static int64_t waited_ms(void *arg, const struct step *s)
{
    (void)s;
    return ((struct rig *)arg)->waited_ms;
}

static void on_begin(void *arg, const struct step *s)
{
    strv_add(&((struct rig *)arg)->heard, s->name);
}

static void on_end(void *arg, const struct step *s, int64_t took_ms, const struct error *e)
{
    cleanup_free char *metric = step_give_metric(s);
    cleanup_free char *line =
        xasprintf("%s %llds %s", metric, (long long)took_ms / 1000, e ? error_text(e) : "ok");
    strv_add(&((struct rig *)arg)->heard, line);
}

static int run(struct rig *r, const struct step *steps, size_t len)
{
    const struct steps_config cfg = { .steps = steps,
                                      .len = len,
                                      .arg = r,
                                      .may_heal = may_heal,
                                      .refresh = refresh,
                                      .waited_ms = waited_ms,
                                      .on_begin = on_begin,
                                      .on_end = on_end };
    return steps_run(&cfg, &r->ctx, &r->err);
}

static struct step_case {
    const char *name, *script;
    struct step first;
    const char *heard; /* of the first step and "last", joined by "; " */
    const char *error; /* NULL: all went well */
} cases[] = {
    { "an action is called once",
      "y",
      { .kind = STEP_ACTION, .act = act },
      "first; action.first 0s ok; last; action.last 0s ok",
      NULL },
    { "an action's error ends the run",
      "c",
      { .kind = STEP_ACTION, .act = act },
      "first; action.first 0s lost",
      "lost" },
    { "a retrying action is repeated every 30 s with fresh credentials",
      "ffy",
      { .kind = STEP_RETRYING, .act = act },
      "first; refresh; refresh; authorizationretryingaction.first 60s ok; last; action.last 0s ok",
      NULL },
    { "what cannot heal is not repeated",
      "fb",
      { .kind = STEP_RETRYING, .act = act },
      "first; refresh; authorizationretryingaction.first 30s bad",
      "bad" },
    { "repeating ends in time with the action's own error",
      "f",
      { .kind = STEP_RETRYING, .act = act, .timeout_ms = 70000 },
      "first; refresh; refresh; authorizationretryingaction.first 60s not allowed",
      "not allowed" },
    { "a condition is asked at once and every 10 s",
      "nny",
      { .kind = STEP_CONDITION, .holds = holds },
      "first; condition.first 20s ok; last; action.last 0s ok",
      NULL },
    { "a condition that cannot look now is asked again",
      "ccy",
      { .kind = STEP_CONDITION, .holds = holds, .poll_ms = 1000 },
      "first; condition.first 2s ok; last; action.last 0s ok",
      NULL },
    { "a condition's own error ends the run",
      "nb",
      { .kind = STEP_CONDITION, .holds = holds },
      "first; condition.first 10s bad",
      "bad" },
    { "a condition that does not come to hold fails by name",
      "n",
      { .kind = STEP_CONDITION, .holds = holds, .timeout_ms = 60000 },
      "first; condition.first 60s condition step failed: first",
      "condition step failed: first" },
    { "or with its sentence, and with what stood in the way",
      "c",
      { .kind = STEP_CONDITION,
        .holds = holds,
        .timeout_ms = 60000,
        .timeout_text = "Workers are not ready." },
      "first; condition.first 60s Workers are not ready. (lost)",
      "Workers are not ready. (lost)" },
    { "a condition that may fail is passed over",
      "ny",
      { .kind = STEP_CONDITION, .holds = holds, .timeout_ms = 5000, .may_fail = true },
      "first; condition.first 0s ok; last; action.last 0s ok",
      NULL },
    { "but not its errors",
      "b",
      { .kind = STEP_CONDITION, .holds = holds, .may_fail = true },
      "first; condition.first 0s bad",
      "bad" },
    { "a stop during a step ends the run",
      "s",
      { .kind = STEP_RETRYING, .act = act },
      "first; authorizationretryingaction.first 0s stopped",
      "stopped" },
};

static void check(void **state)
{
    const struct step_case *c = *state;
    struct rig r;
    set_up(&r, c->script);
    struct step steps[] = { c->first, { .kind = STEP_ACTION, .name = "last", .act = act } };
    steps[0].name = "first";

    int rcode = run(&r, steps, ARRAY_LEN(steps));

    assert_int_equal(rcode, c->error ? -1 : 0);
    cleanup_free char *heard = strv_give_joined(&r.heard, "; ");
    assert_string_equal(heard, c->heard);
    assert_string_equal(error_text(r.err), c->error ? c->error : "");
    tear_down(&r);
}

static void timeout_is_terminal(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r, "n");
    const struct step step = { .kind = STEP_CONDITION, .name = "apiReady", .holds = holds };

    assert_int_equal(run(&r, &step, 1), -1);

    assert_true(error_is(r.err, ERR_TIMEOUT));
    assert_true(error_is_marked_terminal(r.err));
    assert_string_equal(error_get_code(r.err), "DeploymentFailed");
    assert_int_equal((clock_mono_ns(&r.clock.base) - FAKE_MONO_NS) / NS_PER_S, 600);
    tear_down(&r);
}

static void refresh_failure(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r, "f");
    r.refresh_fails = true;
    const struct step step = { .kind = STEP_RETRYING, .name = "dns", .act = act };

    assert_int_equal(run(&r, &step, 1), -1);

    assert_string_equal(error_text(r.err), "not allowed\nno token");
    assert_true(error_is(r.err, ERR_FORBIDDEN));
    tear_down(&r);
}

static void stopped_before(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r, "y");
    const struct step step = { .kind = STEP_ACTION, .name = "dns", .act = act };
    stop_request(r.stop);

    assert_int_equal(run(&r, &step, 1), -1);

    assert_true(error_is(r.err, ERR_CANCELLED));
    assert_int_equal(r.heard.len, 0);
    tear_down(&r);
}

static void stop_in_pause(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r, "n");
    const struct step step = { .kind = STEP_CONDITION, .name = "api", .holds = holds };
    r.ctx = opctx_with_timeout_ms(&r.ctx, 25000); /* the caller's own end */

    assert_int_equal(run(&r, &step, 1), -1);

    assert_true(error_is(r.err, ERR_TIMEOUT));
    assert_false(error_is_marked_terminal(r.err)); /* the condition had time left */
    tear_down(&r);
}

static void defaults(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r, "cy");
    const struct step step = { .kind = STEP_RETRYING, .name = "dns", .act = act };
    const struct steps_config cfg = { .steps = &step, .len = 1, .arg = &r };

    assert_int_equal(steps_run(&cfg, &r.ctx, NULL), 0);

    assert_true(log_capture_has(&r.capture, "step dns is tried again: lost"));
    assert_true(log_capture_has(&r.capture, "running authorizationretryingaction step"));
    assert_true(log_capture_has(&r.capture, "step=dns"));
    tear_down(&r);
}

/* Whoever takes an operation up does not begin a condition's time anew. */
static void what_earlier_runs_waited_counts(void **state)
{
    (void)state;
    static const struct {
        int64_t timeout_ms, waited_ms;
        const char *want; /* how long this run waits */
    } waits[] = {
        { 1800000, 0, "condition.first 1800s" },
        { 1800000, 1500000, "condition.first 300s" },
        { 1800000, 7200000, "condition.first 60s" },    /* a new process has a minute */
        { 30000, 30000, "condition.first 30s" },        /* but no more than it ever had */
        { 1800000, -3600000, "condition.first 1800s" }, /* a clock that went back */
    };
    for (size_t i = 0; i < ARRAY_LEN(waits); i++) {
        struct rig r;
        set_up(&r, "n");
        r.waited_ms = waits[i].waited_ms;
        const struct step s = { .kind = STEP_CONDITION,
                                .name = "first",
                                .holds = holds,
                                .timeout_ms = waits[i].timeout_ms };

        assert_int_equal(run(&r, &s, 1), -1);

        assert_non_null(strstr(r.heard.v[1], waits[i].want));
        tear_down(&r);
    }
}

int main(void)
{
    struct CMUnitTest tests[6 + ARRAY_LEN(cases)] = {
        CASE("waiting in vain is the end, with the code of a failed deployment",
             timeout_is_terminal),
        CASE("credentials that cannot be refreshed end the run with both errors", refresh_failure),
        CASE("nothing runs after a stop", stopped_before),
        CASE("the caller's deadline is not the condition's", stop_in_pause),
        CASE("what earlier runs waited counts", what_earlier_runs_waited_counts),
        CASE("without callbacks, what is retriable is retried", defaults),
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[6 + i] = (struct CMUnitTest)CASE_OF(cases[i].name, check, &cases[i]);
    return RUN_CASES("steps", tests);
}
