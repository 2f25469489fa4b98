/*
 * manager.h - starts and stops everything that runs in a process, in groups, and owns the signals'
 * meaning.
 *
 * Start order: servers, caches, others, warm-up, leader-elected; each group only after the former
 * is ready. Stop order: others and warm-up, leader-elected, caches, servers last, all within grace;
 * then the leader lease is released. Losing the lease is an error with grace 0. An error of any
 * runnable stops all; both it and stop errors are reported.
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
    bool (*is_ready)(struct runnable *r); /* NULL: ready once started */
};

/* Election as the manager sees it; pkg/kube implements it on a Lease. */
struct leader {
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
int manager_add(struct manager *m, enum manager_group group, struct runnable *r,
                struct error **err); /* r is borrowed */
/* Blocks until stop is set (0) or something failed (-1). */
int manager_run(struct manager *m, struct stop *stop, struct error **err);
bool manager_is_leader(const struct manager *m); /* true without election while running */
void manager_free(struct manager *m);

#endif
