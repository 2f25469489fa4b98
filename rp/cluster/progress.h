/*
 * progress.h - how far an operation has come, kept in the cluster's document for whoever asks or goes on:
 *   "progress": {"operation", "operationId", "step", "startedAt", "waits": {"NAME": "TIME"},
 *                "log": [{"step", "tookMs", "error"}]}
 * "step" is the one at work. "waits" holds since when this operation waits for a condition, whoever ran it first, until it has
 * held; its second row of that name is "NAME#2". The log holds what the last operation has ended, its newest 200 lines; a step that was begun
 * again stands there again. One write a step: a step's line goes with the next one's beginning. What cannot be written is
 * only logged: progress ends no operation.
 */
#ifndef RP_CLUSTER_PROGRESS_H
#define RP_CLUSTER_PROGRESS_H

#include "rp/cluster/cluster.h"

#define PROGRESS_LOG_MAX 200

/* s: one of c->steps, here and below. */
void progress_begin(struct cluster *c, const struct step *s);
/* How long ago this operation began to wait for that condition; 0: it does not. */
int64_t progress_waited_ms(const struct cluster *c, const struct step *s);
/* e is NULL when it ended well. */
void progress_end(struct cluster *c, const struct step *s, int64_t took_ms, const struct error *e);
/* No step follows here. */
void progress_finish(struct cluster *c);

#endif
