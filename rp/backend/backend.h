/*
 * backend.h - the backend of the resource provider: takes documents with something to do, one at a time under a lease, and
 * does it. The frontend writes such documents and never waits for them; any number of backends share them.
 *
 * What a crash, a frozen process or a lost database may cost:
 *   - Whoever does not renew a lease loses it after 60 s, and another backend begins the operation again. Writes of the
 *     loser fail: each dequeue makes a new token, and each write compares it (database.h).
 *   - An operation's outcome is first kept in the cluster's document, then in the asynchronous operation, and then the
 *     operation ends (outcome.h, finish.h). A crash in between is made good by the next who dequeues; steps are not run
 *     again, and nobody learns another outcome.
 *   - A document that was taken up in vain again and again is worked on in a process of its own, so that it cannot end
 *     others with it, and becomes Failed when it was taken up more than five times (child.h).
 *
 * Threads: one takes documents, each document has a worker and one that renews its lease, one measures the queues,
 * one seals secrets anew whose key is old (reseal.h).
 * Source: Azure/ARO-RP, pkg/backend.
 */
#ifndef RP_BACKEND_BACKEND_H
#define RP_BACKEND_BACKEND_H

#include <stdbool.h>

#include "pkg/base/opctx.h"
#include "pkg/database/database.h"
#include "pkg/metrics/statsd.h"
#include "rp/backend/settings.h"
#include "rp/cluster/manager.h"

/* All borrowed until backend_free. */
struct backend_config {
    struct database *db;
    const struct clock *clock;
    const struct rng *rng;
    const struct log *log;
    struct statsd *statsd; /* NULL: no metrics */
    struct backend_settings settings;
    const struct cluster_manager_ops *manager;
    void *manager_arg; /* of open */
    /* What runs backend_child_main: executable and arguments, NULL-terminated; a cluster's key and lease are appended.
     * NULL: every document is worked on in this process. */
    const char *const *child;
    /* At a stop, operations are handed over at their next step instead of being waited for. */
    bool hasty;
};

struct backend;
struct backend *backend_new(const struct backend_config *cfg);
/*
 * Takes documents until the context's stop, then waits without limit for those that it works on: a stop does not cancel
 * them. Once only. -1: it could not start.
 */
int backend_run(struct backend *b, const struct opctx *ctx, struct error **err);
/* Whatever is at work stops at its next step; leases end, states stay as they are. Any thread; once is enough. */
void backend_hand_over(struct backend *b);
/* How many documents are worked on. Any thread. */
size_t backend_workers(struct backend *b);
void backend_free(struct backend *b); /* backend_run has returned; accepts NULL */

#endif
