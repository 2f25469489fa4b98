/*
 * gate.h - at most so many threads at a time, first come, first served; and what each of them may do, found again by thread.
 * Threads: any.
 */
#ifndef RP_SYNCSETS_REMOTE_GATE_H
#define RP_SYNCSETS_REMOTE_GATE_H

#include <pthread.h>

#include "pkg/base/opctx.h"

#define GATE_PLACES_MAX 16

struct gate_waiter;
struct gate_place {
    bool taken;
    pthread_t thread;
    const void *with;
};
struct gate {
    pthread_mutex_t mu;
    struct gate_place places[GATE_PLACES_MAX];
    int len, free;
    struct gate_waiter *first, *last; /* on the stacks of those who wait */
};
void gate_init(struct gate *g, int places); /* at most GATE_PLACES_MAX */
void gate_release(struct gate *g);
/* Waits until a place is free or ctx has ended (-1). with is borrowed until gate_leave; may be NULL. */
int gate_enter(struct gate *g, const struct opctx *ctx, const void *with, struct error **err);
void gate_leave(struct gate *g);
/* What this thread has entered with; NULL: nothing, or it is not in. */
const void *gate_entered_with(struct gate *g);

#endif
