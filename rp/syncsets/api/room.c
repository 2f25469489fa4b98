#include "rp/syncsets/api/room.h"

#include <pthread.h>
#include <stdlib.h>

#include "pkg/base/map.h"
#include "pkg/base/mem.h"
#include "pkg/base/thread.h"

struct room {
    struct room_limits limits;
    pthread_mutex_t mu; /* all below, and every account */
    int watches;
    struct map *by_who; /* identity -> int; those of 0 are gone */
    size_t bytes;
};

struct room *room_new(const struct room_limits *limits)
{
    struct room *r = xnew(struct room);
    r->limits = (struct room_limits){
        .watches = limits->watches ? limits->watches : ROOM_WATCHES,
        .watches_each = limits->watches_each ? limits->watches_each : ROOM_WATCHES_EACH,
        .bytes = limits->bytes ? limits->bytes : ROOM_BYTES,
    };
    r->by_who = map_new(free);
    mutex_init(&r->mu);
    return r;
}

void room_free(struct room *r)
{
    if (!r)
        return;
    map_free(r->by_who);
    pthread_mutex_destroy(&r->mu);
    free(r);
}

/* ---- how many ---- */

/* With the lock held. */
static int check_number(struct room *r, const char *who, struct error **err)
{
    const int *mine = who ? map_get(r->by_who, who) : NULL;
    if (mine && *mine >= r->limits.watches_each)
        return error_set(
            err, ERR_THROTTLED,
            "%s has %d watches already, which is as many as one may have: end some, or "
            "try again later",
            who, *mine);
    if (r->watches >= r->limits.watches)
        return error_set(err, ERR_THROTTLED, "there are %d watches already: try again later",
                         r->watches);
    return 0;
}

/* With the lock held. */
static void count(struct room *r, const char *who, int by)
{
    r->watches += by;
    if (!who)
        return;
    int *mine = map_get(r->by_who, who);
    if (!mine) {
        mine = xnew(int);
        map_set(r->by_who, who, mine);
    }
    *mine += by;
    if (*mine == 0)
        (void)map_del(r->by_who, who);
}

int room_enter(struct room *r, const char *who, struct error **err)
{
    pthread_mutex_lock(&r->mu);
    int status = check_number(r, who, err);
    if (status == 0)
        count(r, who, 1);
    pthread_mutex_unlock(&r->mu);
    return status;
}

void room_leave(struct room *r, const char *who)
{
    pthread_mutex_lock(&r->mu);
    count(r, who, -1);
    pthread_mutex_unlock(&r->mu);
}

/* ---- how much ---- */

/* With the lock held. */
static void settle(struct room *r, size_t *account, size_t queued)
{
    r->bytes = r->bytes - *account + queued;
    *account = queued;
}

static bool take_within(struct room *r, size_t limit, size_t *account, size_t queued, size_t len)
{
    pthread_mutex_lock(&r->mu);
    settle(r, account, queued);
    if (queued > ROOM_KEEPS_UP)
        limit = r->limits.bytes / 4 * 3;
    bool fits = len <= limit && r->bytes <= limit - len;
    if (fits)
        settle(r, account, queued + len);
    pthread_mutex_unlock(&r->mu);
    return fits;
}

bool room_take(struct room *r, size_t *account, size_t queued, size_t len)
{
    return !r || take_within(r, r->limits.bytes, account, queued, len);
}

bool room_take_early(struct room *r, size_t *account, size_t queued, size_t len)
{
    return !r || take_within(r, r->limits.bytes / 8 * 7, account, queued, len);
}

void room_settle(struct room *r, size_t *account, size_t queued)
{
    if (!r)
        return;
    pthread_mutex_lock(&r->mu);
    settle(r, account, queued);
    pthread_mutex_unlock(&r->mu);
}

bool room_is_short(struct room *r)
{
    pthread_mutex_lock(&r->mu);
    bool is_short = r->bytes > r->limits.bytes / 2;
    pthread_mutex_unlock(&r->mu);
    return is_short;
}
