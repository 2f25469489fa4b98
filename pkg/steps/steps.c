#include "pkg/steps/steps.h"

#include "pkg/base/log.h"
#include "pkg/base/mem.h"

#define TIMEOUT_MS (10 * 60 * 1000)
#define POLL_RETRYING_MS 30000
#define POLL_CONDITION_MS 10000
#define REST_MIN_MS (60 * 1000)

static const struct {
    const char *word;
    int64_t poll_ms;
} kinds[] = {
    [STEP_ACTION] = { "action", 0 },
    [STEP_RETRYING] = { "authorizationretryingaction", POLL_RETRYING_MS },
    [STEP_CONDITION] = { "condition", POLL_CONDITION_MS },
};

char *step_give_metric(const struct step *s)
{
    return xasprintf("%s.%s", kinds[s->kind].word, s->name);
}

static int64_t poll_ms(const struct step *s)
{
    return s->poll_ms > 0 ? s->poll_ms : kinds[s->kind].poll_ms;
}

static int64_t timeout_ms(const struct step *s)
{
    return s->timeout_ms > 0 ? s->timeout_ms : TIMEOUT_MS;
}

static int64_t end_ns(int64_t rest_ms, const struct opctx *ctx)
{
    return clock_mono_ns(ctx->clock) + rest_ms * NS_PER_MS;
}

/* Waits one period. false: the step's time would be over. -1 in *ret_rcode: the context ended. */
static bool wait_period(const struct step *s, const struct opctx *ctx, int64_t until_ns,
                        int *ret_rcode, struct error **err)
{
    *ret_rcode = 0;
    if (clock_mono_ns(ctx->clock) + poll_ms(s) * NS_PER_MS > until_ns)
        return false;
    *ret_rcode = opctx_sleep_ms(ctx, poll_ms(s), err);
    return *ret_rcode == 0;
}

/* ---- retrying ---- */

static bool may_heal(const struct steps_config *cfg, const struct error *e)
{
    return cfg->may_heal ? cfg->may_heal(cfg->arg, e) : error_is_retriable(e);
}

static int refresh(const struct steps_config *cfg, const struct opctx *ctx, struct error **last,
                   struct error **err)
{
    struct error *e = NULL;
    if (!cfg->refresh || cfg->refresh(cfg->arg, ctx, &e) == 0)
        return 0;
    error_join(last, &e);
    return error_move(err, last);
}

/* What ends it is always the action's own last error, also when time or context end during a pause. */
static int run_retrying(const struct steps_config *cfg, const struct step *s,
                        const struct opctx *ctx, struct error **err)
{
    int64_t until_ns = end_ns(timeout_ms(s), ctx);
    for (;;) {
        cleanup_error struct error *e = NULL;
        if (s->act(cfg->arg, ctx, &e) == 0)
            return 0;
        int rcode;
        if (opctx_check(ctx, NULL) < 0 || !may_heal(cfg, e) ||
            !wait_period(s, ctx, until_ns, &rcode, NULL))
            return error_move(err, &e);
        log_info(ctx->log, "step %s is tried again: %s", s->name, error_text(e));
        if (refresh(cfg, ctx, &e, err) < 0)
            return -1;
    }
}

/* ---- conditions ---- */

static int fail_condition(const struct step *s, const struct error *last, struct error **err)
{
    const char *why = last ? error_text(last) : NULL;
    if (s->timeout_text)
        error_set(err, ERR_TIMEOUT, "%s", s->timeout_text);
    else
        error_set(err, ERR_TIMEOUT, "condition step failed: %s", s->name);
    if (why)
        error_set(err, ERR_TIMEOUT, "%s (%s)", err ? error_text(*err) : "", why);
    error_code(err, "DeploymentFailed");
    error_mark_terminal(err);
    return -1;
}

/* What earlier runs left of its time. */
static int64_t rest_ms(const struct steps_config *cfg, const struct step *s)
{
    int64_t whole = timeout_ms(s), least = whole < REST_MIN_MS ? whole : REST_MIN_MS;
    int64_t waited = cfg->waited_ms ? cfg->waited_ms(cfg->arg, s) : 0;
    int64_t rest = whole - (waited > 0 ? waited : 0);
    return rest > least ? rest : least;
}

static int run_condition(const struct steps_config *cfg, const struct step *s,
                         const struct opctx *ctx, struct error **err)
{
    int64_t until_ns = end_ns(rest_ms(cfg, s), ctx);
    cleanup_error struct error *last = NULL;
    for (;;) {
        bool holds = false;
        struct error *e = NULL;
        if (s->holds(cfg->arg, ctx, &holds, &e) < 0) {
            if (opctx_check(ctx, NULL) < 0 || !error_is_retriable(e))
                return error_move(err, &e);
            log_info(ctx->log, "step %s could not look: %s", s->name, error_text(e));
        }
        error_free(take(last));
        last = e;
        if (holds)
            return 0;
        int rcode;
        if (!wait_period(s, ctx, until_ns, &rcode, err))
            return rcode < 0 ? -1 : fail_condition(s, last, err);
    }
}

/* ---- the run ---- */

static int run_step(const struct steps_config *cfg, const struct step *s, const struct opctx *ctx,
                    struct error **err)
{
    switch (s->kind) {
    case STEP_RETRYING:
        return run_retrying(cfg, s, ctx, err);
    case STEP_CONDITION:
        return run_condition(cfg, s, ctx, err);
    case STEP_ACTION:
        break;
    }
    return s->act(cfg->arg, ctx, err);
}

/* A condition that may fail has failed, and nothing else. */
static bool is_excused(const struct step *s, const struct opctx *ctx, const struct error *e)
{
    return s->kind == STEP_CONDITION && s->may_fail && error_is_marked_terminal(e) &&
           error_is(e, ERR_TIMEOUT) && opctx_check(ctx, NULL) == 0;
}

static int run_measured(const struct steps_config *cfg, const struct step *s,
                        const struct opctx *parent, struct error **err)
{
    const struct log log = log_with(parent->log, "step", s->name);
    const struct opctx ctx = opctx_with_log(parent, &log);
    struct error *e = NULL;
    if (cfg->on_begin)
        cfg->on_begin(cfg->arg, s);
    log_info(&log, "running %s step", kinds[s->kind].word);

    int64_t began_ns = clock_mono_ns(ctx.clock);
    int rcode = run_step(cfg, s, &ctx, &e);
    int64_t took_ms = (clock_mono_ns(ctx.clock) - began_ns) / NS_PER_MS;

    if (rcode < 0 && is_excused(s, &ctx, e)) {
        log_warning(&log, "going on without what the step waited for: %s", error_text(e));
        error_clear(&e);
        rcode = 0;
    }
    if (cfg->on_end)
        cfg->on_end(cfg->arg, s, took_ms, e);
    if (rcode < 0)
        return error_move(err, &e);
    return 0;
}

int steps_run(const struct steps_config *cfg, const struct opctx *ctx, struct error **err)
{
    for (size_t i = 0; i < cfg->len; i++)
        if (opctx_check(ctx, err) < 0 || run_measured(cfg, &cfg->steps[i], ctx, err) < 0)
            return -1;
    return 0;
}
