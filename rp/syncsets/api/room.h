/*
 * room.h - what watches may take of a process: so many in all and for each identity, and so many bytes that nobody has taken yet.
 * Private to rp/syncsets/api.
 *
 * Each watch has an account of bytes, which is what its queue held when it was last looked at and what was added since: never less
 * than the queue holds. The last quarter of all bytes is for watches with next to nothing in their queues, so that readers which
 * do not read keep none of it from those who do; beginnings, which can wait, leave an eighth even of those that keep up alone.
 *
 * Errors: ERR_THROTTLED, of numbers.
 * Threads: safe from any.
 */
#ifndef RP_SYNCSETS_API_ROOM_H
#define RP_SYNCSETS_API_ROOM_H

#include <stdbool.h>
#include <stddef.h>

#include "pkg/base/error.h"

struct room;
struct room_limits {  /* 0: the default */
    int watches;      /* ROOM_WATCHES */
    int watches_each; /* of one identity; ROOM_WATCHES_EACH */
    size_t bytes;     /* ROOM_BYTES */
};
#define ROOM_WATCHES 2000
#define ROOM_WATCHES_EACH 500
#define ROOM_BYTES ((size_t)256 << 20)
/* What a reader that keeps up has in its queue at most. */
#define ROOM_KEEPS_UP ((size_t)64 << 10)

struct room *room_new(const struct room_limits *limits);
void room_free(struct room *r); /* NULL: nothing */

/* One more watch, until room_leave. who: borrowed; NULL: callers have no identity, and share none of its limits. */
int room_enter(struct room *r, const char *who, struct error **err);
void room_leave(struct room *r, const char *who);

/* The watch's queue holds `queued`, and len more are to come. account: the watch's own, from 0 on. On success they count; false:
 * there is no room for them now. NULL r: there is room for everything. */
bool room_take(struct room *r, size_t *account, size_t queued, size_t len);
/* As room_take, for who can wait: the last eighth is not for it. */
bool room_take_early(struct room *r, size_t *account, size_t queued, size_t len);
/* The watch's queue holds so much; 0 closes the account. */
void room_settle(struct room *r, size_t *account, size_t queued);
/* Half of all bytes are taken: who can wait for its reader should. */
bool room_is_short(struct room *r);

#endif
