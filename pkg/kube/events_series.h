/*
 * events_series.h - repetitions as the series of an events.k8s.io/v1 Event: the second is written,
 * further ones are counted, and the count is written every half hour and when the series has rested.
 * Private to pkg/kube.
 *
 * Threads: one at a time.
 * Source: client-go tools/events (recorderImpl, eventBroadcasterImpl).
 */
#ifndef PKG_KUBE_EVENTS_SERIES_H
#define PKG_KUBE_EVENTS_SERIES_H

#include <stdbool.h>

#include "pkg/base/clock.h"
#include "pkg/base/json.h"

struct series_book;

struct series_book *series_book_new(size_t max, const struct clock *clock);
void series_book_free(struct series_book *b);

struct series_state {
    const char *name; /* of the Event that was written first; borrowed until series_begin */
    int64_t count;    /* this one included; 1: there is no series, write an Event */
};
/* One more event under that key. */
struct series_state series_note(struct series_book *b, const char *key, int64_t wall_ns);
/* The first Event was written. */
void series_begin(struct series_book *b, const char *key, const char *nspace, const char *name);
/* The series was written up to its present count. */
void series_written(struct series_book *b, const char *key);

/* When series_take_due has something, monotonic; CLOCK_NEVER: nothing waits. */
int64_t series_due_ns(const struct series_book *b);
struct series_due {
    char *nspace, *name; /* owned */
    json *patch;         /* owned */
};
/* One series whose count is to be written now (all: that of any whose count was not); false: none. It
 * counts as written. */
bool series_take_due(struct series_book *b, bool all, struct series_due *ret);

json *series_give_patch(int64_t count, int64_t wall_ns);

DEFINE_RELEASE(struct series_book *, series_book_free)
#define cleanup_series_book CLEANUP_WITH(series_book_free_slot)

#endif
