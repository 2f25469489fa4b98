/*
 * operation.h - runs the steps of one operation on one cluster, with a look around before each of them.
 */
#ifndef RP_BACKEND_OPERATION_H
#define RP_BACKEND_OPERATION_H

#include "rp/backend/backend.h"

enum operation_end {
    OPERATION_DONE,    /* every step ended well */
    OPERATION_FAILED,  /* with an error that decides the operation */
    OPERATION_CUT,     /* at a boundary of steps: somebody else goes on */
    OPERATION_LOST,    /* the lease: whatever happens now is somebody else's */
    OPERATION_CRASHED, /* the process that ran it; nothing is known */
    OPERATION_ENDS
};
extern const char *const operation_end_words[OPERATION_ENDS]; /* "done", ... */

/* Before each step, and before an action or condition is tried again. OPERATION_DONE: go on. */
struct operation_watch {
    enum operation_end (*look)(void *arg);
    void *arg;
};

/* ctx ends when the lease is lost. *err is set unless the end is OPERATION_DONE. */
enum operation_end operation_run(const struct backend_config *cfg, const struct opctx *ctx,
                                 const struct cluster_job *job, const struct operation_watch *watch,
                                 struct error **err);

#endif
