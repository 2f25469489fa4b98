#include "rp/syncsets/controllers/crowd.h"

#include <stdlib.h>

#include "pkg/base/map.h"
#include "pkg/base/mem.h"
#include "pkg/base/thread.h"

struct crowd {
    int64_t limit;
    pthread_mutex_t mu;
    struct map *counts; /* namespace -> int64_t, above zero; with the lock */
};

int64_t crowd_limit(int64_t workers)
{
    return workers > 1 ? (workers + 1) / 2 : 1;
}

struct crowd *crowd_new(int64_t workers)
{
    struct crowd *c = xnew(struct crowd);
    c->limit = crowd_limit(workers);
    c->counts = map_new(free);
    mutex_init(&c->mu);
    return c;
}

void crowd_free(struct crowd *c)
{
    if (!c)
        return;
    map_free(c->counts);
    pthread_mutex_destroy(&c->mu);
    free(c);
}

bool crowd_enter(struct crowd *c, const char *nspace)
{
    pthread_mutex_lock(&c->mu);
    int64_t *count = map_get(c->counts, nspace);
    bool enters = !count || *count < c->limit;
    if (!count) {
        count = xnew(int64_t);
        map_set(c->counts, nspace, count);
    }
    *count += enters;
    pthread_mutex_unlock(&c->mu);
    return enters;
}

void crowd_leave(struct crowd *c, const char *nspace)
{
    pthread_mutex_lock(&c->mu);
    int64_t *count = map_get(c->counts, nspace);
    if (--*count == 0)
        (void)map_del(c->counts, nspace);
    pthread_mutex_unlock(&c->mu);
}
