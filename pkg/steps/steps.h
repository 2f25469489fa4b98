/*
 * steps.h - runs a table of steps in order, each logged and measured, until one fails.
 *
 *   action     called once
 *   retrying   called again while its error may heal, with fresh credentials, for a limited time
 *   condition  asked at once and then every period, until it holds
 *
 * Steps run on the caller's thread and may be cut off anywhere: each is written so that it can run again.
 * Only repeating is bounded by a step's time; one call lasts as long as its own context allows. A condition's time goes on
 * while nobody runs it, when the caller remembers since when it was waited for.
 */
#ifndef PKG_STEPS_STEPS_H
#define PKG_STEPS_STEPS_H

#include <stddef.h>

#include "pkg/base/opctx.h"

enum step_kind { STEP_ACTION, STEP_RETRYING, STEP_CONDITION };

struct step {
    enum step_kind kind;
    const char *name; /* "ensureInfraID": in logs and measurements */
    /* action, retrying */
    int (*act)(void *arg, const struct opctx *ctx, struct error **err);
    /* condition. An error ends the run unless its kind is retriable: then it counts as "not yet". */
    int (*holds)(void *arg, const struct opctx *ctx, bool *ret, struct error **err);
    int64_t timeout_ms; /* of repeating; 0: 10 min */
    int64_t poll_ms;    /* 0: 30 s of a retrying action, 10 s of a condition */
    bool may_fail;      /* a condition that does not come to hold is logged, and the run goes on */
    /* What somebody should be told who waited in vain; NULL: "condition step failed: NAME". */
    const char *timeout_text;
};

struct steps_config {
    const struct step *steps; /* borrowed */
    size_t len;
    void *arg; /* of every callback */
    /* Whether a retrying action is to be called again after that error; NULL: error_is_retriable. */
    bool (*may_heal)(void *arg, const struct error *e);
    /* Before such a call: fresh credentials. Its error ends the run, joined to the action's. May be NULL. */
    int (*refresh)(void *arg, const struct opctx *ctx, struct error **err);
    /* For how long earlier runs of a condition have waited already, of which its time is the rest: but a minute at least, since
     * what it asks may need one to answer a new process. Asked after on_begin. NULL: nobody has. */
    int64_t (*waited_ms)(void *arg, const struct step *s);
    /* A step begins (progress to be stored), or has ended after that time; e is NULL when it ended well.
     * Both may be NULL. */
    void (*on_begin)(void *arg, const struct step *s);
    void (*on_end)(void *arg, const struct step *s, int64_t took_ms, const struct error *e);
};
/* 0 when all steps ended well. A condition that did not come to hold in time is ERR_TIMEOUT with code
 * "DeploymentFailed", marked terminal; any other error is the step's own. Nothing runs after a stop. */
int steps_run(const struct steps_config *cfg, const struct opctx *ctx, struct error **err);

/* "action.ensureInfraID": the name under which a step's duration is kept. Owned by the caller. */
char *step_give_metric(const struct step *s);

#endif
