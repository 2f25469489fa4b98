/*
 * crowd.h - how many of a process's workers are busy for each namespace: at most half of them, so that the clusters of one
 * tenant, however slow, leave workers to the others.
 *
 * Threads: safe from any.
 */
#ifndef RP_SYNCSETS_CONTROLLERS_CROWD_H
#define RP_SYNCSETS_CONTROLLERS_CROWD_H

#include <stdbool.h>
#include <stdint.h>

/* Of so many workers, those that one namespace may have: half of them, rounded up; at least one. */
int64_t crowd_limit(int64_t workers);

struct crowd;
struct crowd *crowd_new(int64_t workers);
void crowd_free(struct crowd *c); /* accepts NULL */
/* False: the namespace has its share. Who entered leaves. */
bool crowd_enter(struct crowd *c, const char *nspace);
void crowd_leave(struct crowd *c, const char *nspace);

#endif
