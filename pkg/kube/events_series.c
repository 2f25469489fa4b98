#include "pkg/kube/events_series.h"

#include <stdlib.h>

#include "pkg/base/mem.h"
#include "pkg/kube/events_lru.h"

#define REFRESH_NS (30 * 60 * NS_PER_S)
#define REST_NS (6 * 60 * NS_PER_S) /* after which a series is over */

struct series {
    char *nspace, *name;
    int64_t count, last_wall_ns;
    int64_t last_ns, written_ns; /* monotonic */
    bool behind;                 /* the server knows a smaller count */
};

struct series_book {
    const struct clock *clock;
    struct lru *all;
};

static void free_series(void *p)
{
    struct series *s = p;
    free(s->nspace);
    free(s->name);
    free(s);
}

struct series_book *series_book_new(size_t max, const struct clock *clock)
{
    struct series_book *b = xnew(struct series_book);
    b->clock = clock;
    b->all = lru_new(max, free_series);
    return b;
}

void series_book_free(struct series_book *b)
{
    if (!b)
        return;
    lru_free(b->all);
    free(b);
}

struct series_state series_note(struct series_book *b, const char *key, int64_t wall_ns)
{
    int64_t now_ns = clock_mono_ns(b->clock);
    struct series *s = lru_get(b->all, key);
    if (!s || now_ns - s->last_ns > REST_NS)
        return (struct series_state){ .count = 1 };
    s->count++;
    s->last_ns = now_ns;
    s->last_wall_ns = wall_ns;
    s->behind = true;
    return (struct series_state){ .name = s->name, .count = s->count };
}

void series_begin(struct series_book *b, const char *key, const char *nspace, const char *name)
{
    struct series *s = xnew(struct series);
    *s = (struct series){ .nspace = xstrdup(nspace), .name = xstrdup(name), .count = 1 };
    s->last_ns = s->written_ns = clock_mono_ns(b->clock);
    lru_put(b->all, key, s);
}

static void mark_written(const struct series_book *b, struct series *s)
{
    s->behind = false;
    s->written_ns = clock_mono_ns(b->clock);
}

void series_written(struct series_book *b, const char *key)
{
    struct series *s = lru_get(b->all, key);
    if (s)
        mark_written(b, s);
}

/* CLOCK_NEVER: there is nothing to write. */
static int64_t due_of(const struct series *s)
{
    int64_t refresh_ns = s->written_ns + REFRESH_NS, rest_ns = s->last_ns + REST_NS;
    if (!s->behind)
        return CLOCK_NEVER;
    return refresh_ns < rest_ns ? refresh_ns : rest_ns;
}

int64_t series_due_ns(const struct series_book *b)
{
    int64_t due_ns = CLOCK_NEVER;
    struct lru_iter it = { 0 };
    while (lru_next(b->all, &it)) {
        int64_t at_ns = due_of(it.value);
        if (at_ns < due_ns)
            due_ns = at_ns;
    }
    return due_ns;
}

bool series_take_due(struct series_book *b, bool all, struct series_due *ret)
{
    int64_t now_ns = clock_mono_ns(b->clock);
    struct lru_iter it = { 0 };
    while (lru_next(b->all, &it)) {
        struct series *s = it.value;
        if (!s->behind || (!all && due_of(s) > now_ns))
            continue;
        *ret = (struct series_due){ .nspace = xstrdup(s->nspace),
                                    .name = xstrdup(s->name),
                                    .patch = series_give_patch(s->count, s->last_wall_ns) };
        mark_written(b, s);
        return true;
    }
    return false;
}

json *series_give_patch(int64_t count, int64_t wall_ns)
{
    char last[TIME_TEXT_MAX];
    time_rfc3339_micro(wall_ns, last);
    return json_make("{'series':{'count':%ld,'lastObservedTime':%s}}", (long)count, last);
}
