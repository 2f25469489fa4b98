/*
 * progress.h - how far an operation has come, kept in the cluster's document for whoever asks or goes on:
 *   "progress": {"operation", "operationId", "step", "startedAt", "log": [{"step", "tookMs", "error"}]}
 * "step" is the one at work. The log holds what the last operation has ended, its newest 200 lines; a step that was begun
 * again stands there again. One write a step: a step's line goes with the next one's beginning. What cannot be written is
 * only logged: progress ends no operation.
 */
#ifndef RP_CLUSTER_PROGRESS_H
#define RP_CLUSTER_PROGRESS_H

#include "rp/cluster/cluster.h"

#define PROGRESS_LOG_MAX 200

void progress_begin(struct cluster *c, const struct step *s);
/* e is NULL when it ended well. */
void progress_end(struct cluster *c, const struct step *s, int64_t took_ms, const struct error *e);
/* No step follows here. */
void progress_finish(struct cluster *c);

#endif
