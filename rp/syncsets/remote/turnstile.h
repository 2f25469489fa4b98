/*
 * turnstile.h - at most so many threads at a time, first come, first served; and what each of them may do, found again by thread.
 * Threads: any.
 */
#ifndef RP_SYNCSETS_REMOTE_TURNSTILE_H
#define RP_SYNCSETS_REMOTE_TURNSTILE_H

#include <pthread.h>

#include "pkg/base/opctx.h"

#define TURNSTILE_PLACES_MAX 16

struct turnstile_waiter;
struct turnstile_place {
    bool taken;
    pthread_t thread;
    const void *with;
};
struct turnstile {
    pthread_mutex_t mu;
    struct turnstile_place places[TURNSTILE_PLACES_MAX];
    int len, free;
    struct turnstile_waiter *first, *last; /* on the stacks of those who wait */
};
void turnstile_init(struct turnstile *g, int places); /* at most TURNSTILE_PLACES_MAX */
void turnstile_release(struct turnstile *g);
/* Waits until a place is free or ctx has ended (-1). with is borrowed until turnstile_leave; may be NULL. */
int turnstile_enter(struct turnstile *g, const struct opctx *ctx, const void *with,
                    struct error **err);
void turnstile_leave(struct turnstile *g);
/* What this thread has entered with; NULL: nothing, or it is not in. */
const void *turnstile_entered_with(struct turnstile *g);

#endif
