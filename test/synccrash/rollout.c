/*
 * A roll-out as the clusters see it. A change has begun in a cluster once the first of its objects is there, and lasts at least
 * until the last one is; so what is counted here is never more than what the service has let go.
 *
 * A cluster where a request failed has a result with the change, be it a bad one: it gave its place up, and tries again
 * without one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "test/synccrash/synccrash.h"

struct part {
    long long at[RING_OBJECTS]; /* serials of the objects */
    long long begun;            /* the newest serial among them */
    long long excused;          /* up to this one */
};
struct rollout {
    struct world *w;
    pthread_mutex_t mu; /* guards the following */
    long long asked;    /* the newest change that may be known to the service */
    struct part parts[CLUSTERS];
    long long last; /* that all clusters have */
    size_t begun, complete;
};

struct rollout *rollout_new(struct world *w)
{
    struct rollout *r = xnew(struct rollout);
    r->w = w;
    mutex_init(&r->mu);
    return r;
}

/* ---- with the lock ---- */

static bool has_all(const struct part *p, long long serial)
{
    for (size_t i = 0; i < RING_OBJECTS; i++)
        if (p->at[i] < serial)
            return false;
    return true;
}

static size_t count_reached(const struct rollout *r, long long serial)
{
    size_t n = 0;
    for (size_t i = 0; i < CLUSTERS; i++)
        n += has_all(&r->parts[i], serial);
    return n;
}

static void judge_begin(struct rollout *r, size_t cluster, long long serial)
{
    size_t in_flight = 1;
    if (cluster != RING_CANARY && !has_all(&r->parts[RING_CANARY], serial))
        world_fault(r->w, RING "-0 in c%zu: change %lld begins, and the canary has not got it",
                    cluster, serial);
    if (r->parts[cluster].excused >= serial)
        return;
    for (size_t i = 0; i < CLUSTERS; i++) {
        const struct part *p = &r->parts[i];
        in_flight +=
            i != cluster && p->begun == serial && p->excused < serial && !has_all(p, serial);
    }
    if (in_flight > RING_MAX)
        world_fault(r->w, RING "-0 in c%zu: change %lld begins, and is in flight in %zu clusters",
                    cluster, serial, in_flight);
}

/* ---- any thread ---- */

void rollout_ask(struct rollout *r, long long serial)
{
    (void)pthread_mutex_lock(&r->mu);
    r->asked = serial;
    (void)pthread_mutex_unlock(&r->mu);
}

void rollout_note(struct rollout *r, size_t cluster, const char *name, long long serial)
{
    long long number;
    if (!str_starts(name, RING "-") ||
        !str_to_int(name + strlen(RING "-"), 0, RING_OBJECTS - 1, &number))
        return;
    (void)pthread_mutex_lock(&r->mu);
    struct part *p = &r->parts[cluster];
    if (serial > p->begun) {
        p->begun = serial;
        r->begun++;
        judge_begin(r, cluster, serial);
    }
    if (serial > p->at[number])
        p->at[number] = serial;
    if (serial > r->last && count_reached(r, serial) == CLUSTERS) {
        r->last = serial;
        r->complete++;
    }
    (void)pthread_mutex_unlock(&r->mu);
}

void rollout_excuse(struct rollout *r, size_t cluster)
{
    (void)pthread_mutex_lock(&r->mu);
    r->parts[cluster].excused = r->asked;
    (void)pthread_mutex_unlock(&r->mu);
}

size_t rollout_reached(struct rollout *r, long long serial)
{
    (void)pthread_mutex_lock(&r->mu);
    size_t n = count_reached(r, serial);
    (void)pthread_mutex_unlock(&r->mu);
    return n;
}

void rollout_print(struct rollout *r)
{
    printf("%lld changes were rolled out: they began %zu times in clusters, %zu came to all\n",
           r->asked, r->begun, r->complete);
}
