/*
 * manager.h - starts and stops everything that runs in a process, in groups, and owns the signals'
 * meaning.
 *
 * Start order: servers, caches, others, warm-up, leader-elected; each group only after the former
 * is ready. Stop order: others and warm-up, leader-elected, caches, servers last, all within grace;
 * then the leader lease is released, if the leader-elected have ended. Losing the lease is an error
 * with grace 0. An error of any runnable stops all; both it and stop errors are reported. A runnable
 * that ends without an error is done, nothing more.
 */
#ifndef PKG_CONTROLLER_MANAGER_H
#define PKG_CONTROLLER_MANAGER_H

#include "pkg/base/opctx.h"

enum manager_group {
    GROUP_SERVERS,
    GROUP_CACHES,
    GROUP_OTHERS,
    GROUP_WARMUP,
    GROUP_LEADER,
    MANAGER_GROUPS
};

struct runnable {
    const char *name;
    /* Blocks until the context's stop. Runs on a thread of its own. */
    int (*run)(struct runnable *r, const struct opctx *ctx, struct error **err);
    /* NULL: ready once started; in GROUP_WARMUP, once ended. */
    bool (*is_ready)(struct runnable *r);
};

/* Election as the manager sees it; pkg/kube implements it on a Lease. */
struct leader {
    /* All three run one after the other, but not on one thread. */
    /* Blocks until leader (0), or the context ends (-1). */
    int (*acquire)(struct leader *l, const struct opctx *ctx, struct error **err);
    /* Renews until the context's stop (0) or the lease is lost (-1). */
    int (*hold)(struct leader *l, const struct opctx *ctx, struct error **err);
    void (*release)(struct leader *l, const struct opctx *ctx); /* best effort */
};

struct manager_config {
    const struct clock *clock;
    const struct rng *rng;
    const struct log *log;
    struct leader *leader;    /* NULL: no election */
    int64_t grace_ms;         /* 0 = do not wait, -1 = for ever */
    int64_t ready_timeout_ms; /* of each group; 0 = 2 min, negative = for ever */
};

struct manager;
struct manager *manager_new(const struct manager_config *cfg);
/* r is borrowed. While running it starts at once if its group has; a name that is there already
 * (ERR_EXISTS), or adding after the stop began (ERR_CANCELLED), is an error. Any thread. */
int manager_add(struct manager *m, enum manager_group group, struct runnable *r,
                struct error **err);
/* Blocks until stop is set (0) or something failed (-1). Once only. */
int manager_run(struct manager *m, struct stop *stop, struct error **err);
/* After manager_run: how many threads did not end within grace. They still run: unless it is 0, the
 * process has to exit (_exit) without freeing anything that they use. */
size_t manager_stragglers(const struct manager *m);
void manager_free(struct manager *m);

#endif
