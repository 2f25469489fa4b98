#include "rp/backend/operation.h"

#include "pkg/base/mem.h"
#include "rp/backend/metrics.h"

const char *const operation_end_words[OPERATION_ENDS] = {
    [OPERATION_DONE] = "done", [OPERATION_FAILED] = "failed",   [OPERATION_CUT] = "cut",
    [OPERATION_LOST] = "lost", [OPERATION_CRASHED] = "crashed",
};

/* ---- steps, each with a look around before every call ---- */

struct run {
    const struct cluster_manager_ops *ops;
    void *manager;
    const struct operation_watch *watch;
    const struct step *inner; /* the step that runs */
    int64_t inner_ms;         /* how long it ran, once it has ended */
    enum operation_end end;   /* OPERATION_DONE: not ended by the watch */
};

static int look(struct run *r, struct error **err)
{
    static const char *const why[OPERATION_ENDS] = {
        [OPERATION_CUT] = "the operation is handed over",
        [OPERATION_LOST] = "the lease is lost",
    };
    r->end = r->watch->look(r->watch->arg);
    return r->end == OPERATION_DONE ? 0 : error_set(err, ERR_CANCELLED, "%s", why[r->end]);
}

static int act(void *arg, const struct opctx *ctx, struct error **err)
{
    struct run *r = arg;
    return look(r, err) < 0 ? -1 : r->inner->act(r->manager, ctx, err);
}

static int holds(void *arg, const struct opctx *ctx, bool *ret, struct error **err)
{
    struct run *r = arg;
    return look(r, err) < 0 ? -1 : r->inner->holds(r->manager, ctx, ret, err);
}

static bool may_heal(void *arg, const struct error *e)
{
    const struct run *r = arg;
    if (r->end != OPERATION_DONE)
        return false;
    return r->ops->may_heal ? r->ops->may_heal(r->manager, e) : error_is_retriable(e);
}

static int refresh(void *arg, const struct opctx *ctx, struct error **err)
{
    const struct run *r = arg;
    return r->ops->refresh ? r->ops->refresh(r->manager, ctx, err) : 0;
}

static int64_t waited_ms(void *arg, const struct step *s)
{
    const struct run *r = arg;
    (void)s;
    return r->ops->waited_ms ? r->ops->waited_ms(r->manager, r->inner) : 0;
}

static void on_begin(void *arg, const struct step *s)
{
    const struct run *r = arg;
    (void)s;
    if (r->ops->on_begin)
        r->ops->on_begin(r->manager, r->inner);
}

static void on_end(void *arg, const struct step *s, int64_t took_ms, const struct error *e)
{
    struct run *r = arg;
    (void)s;
    r->inner_ms = took_ms;
    if (r->ops->on_end)
        r->ops->on_end(r->manager, r->inner, took_ms, e);
}

/* What is told of a step that failed; one that was only cut off is not judged. */
static int fail_step(const struct run *r, struct error *why, struct error **err)
{
    if (r->ops->judge && r->end == OPERATION_DONE)
        r->ops->judge(r->manager, r->inner, &why);
    return error_move(err, &why);
}

static int run_one(struct run *r, const struct step *s, const struct opctx *ctx, struct error **err)
{
    struct step watched = *s;
    watched.act = act;
    watched.holds = holds;
    const struct steps_config cfg = { .steps = &watched,
                                      .len = 1,
                                      .arg = r,
                                      .may_heal = may_heal,
                                      .refresh = refresh,
                                      .waited_ms = waited_ms,
                                      .on_begin = on_begin,
                                      .on_end = on_end };
    struct error *why = NULL;
    r->inner = s;
    if (look(r, err) < 0)
        return -1;
    return steps_run(&cfg, ctx, &why) < 0 ? fail_step(r, why, err) : 0;
}

/* What the steps took is told once all of them have ended well: times of a run that broke off compare with nothing. */
static int run_steps(struct run *r, const struct backend_config *cfg, const struct opctx *ctx,
                     enum cluster_operation operation, struct error **err)
{
    const struct step *steps;
    size_t len;
    if (r->ops->steps(r->manager, &steps, &len, err) < 0)
        return -1;
    cleanup_free int64_t *took_ms = xcalloc(len + 1, sizeof(*took_ms));
    for (size_t i = 0; i < len; i++) {
        if (run_one(r, &steps[i], ctx, err) < 0)
            return -1;
        took_ms[i] = r->inner_ms;
    }
    metrics_steps(cfg, operation, steps, took_ms, len);
    return 0;
}

enum operation_end operation_run(const struct backend_config *cfg, const struct opctx *ctx,
                                 const struct cluster_job *job, const struct operation_watch *watch,
                                 struct error **err)
{
    struct run r = { .ops = cfg->manager, .watch = watch };
    int rcode = cfg->manager->open(cfg->manager_arg, ctx, job, &r.manager, err);
    if (rcode == 0) {
        rcode = run_steps(&r, cfg, ctx, job->operation, err);
        cfg->manager->close(r.manager);
    }
    if (rcode == 0)
        return OPERATION_DONE;
    if (opctx_check(ctx, NULL) < 0)
        return OPERATION_LOST;
    return r.end == OPERATION_DONE ? OPERATION_FAILED : r.end;
}
