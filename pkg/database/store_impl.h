/*
 * store_impl.h - what a driver of the document store is. Private to pkg/database.
 *
 * store.c checks every argument before it calls a driver: sizes, ids, etag present, triggers and queries that the
 * collection has, body an object whose id and partition are those of the header. Drivers find all of that done, and
 * max and page resolved to 1..STORE_PAGE_MAX.
 */
#ifndef PKG_DATABASE_STORE_IMPL_H
#define PKG_DATABASE_STORE_IMPL_H

#include <pthread.h>

#include "pkg/database/store.h"

struct store_ops {
    const char *name; /* for messages and continuations: "sqlite" */
    int (*create)(const struct opctx *ctx, struct store *s, enum collection coll,
                  const struct doc_write *w, struct doc *ret, struct error **err);
    int (*get)(const struct opctx *ctx, struct store *s, enum collection coll,
               const char *partition, const char *id, struct doc *ret, struct error **err);
    /* etag NULL: any */
    int (*replace)(const struct opctx *ctx, struct store *s, enum collection coll,
                   const struct doc_write *w, const char *etag, struct doc *ret,
                   struct error **err);
    int (*remove)(const struct opctx *ctx, struct store *s, enum collection coll,
                  const char *partition, const char *id, const char *etag, struct error **err);
    int (*query)(const struct opctx *ctx, struct store *s, const struct store_query *q,
                 struct doc_page *ret, struct error **err);
    int (*count)(const struct opctx *ctx, struct store *s, const struct store_query *q,
                 int64_t *ret, struct error **err);
    int (*changes)(const struct opctx *ctx, struct store *s, enum collection coll,
                   const char *position, size_t max, struct doc_page *ret, struct error **err);
    int (*now_s)(const struct opctx *ctx, struct store *s, int64_t *ret, struct error **err);
    /* Frees the driver's part and the store itself (which is its first member). */
    void (*close)(struct store *s);
};

struct hint_waiter {
    struct waker waker;
    bool given; /* under the waker's lock */
    struct hint_waiter *next;
};

/* First member of each driver's own structure. */
struct store {
    const struct store_ops *ops;
    struct store_leases leases;
    pthread_mutex_t hint_mu;
    uint64_t hints[COLLECTIONS];
    struct hint_waiter *waiters[COLLECTIONS];
};

void store_init(struct store *s, const struct store_ops *ops);
void store_release(struct store *s); /* the part that store_init made; drivers call it in close */

/* Something in coll may have changed: wakes who waits. store.c calls it after each write of its own; a driver that
 * hears of others' writes calls it, from any thread. */
void store_hint_give(struct store *s, enum collection coll);

/* ---- for drivers ---- */
/* Adds an empty doc to a page that grows. */
struct doc *doc_page_add(struct doc_page *p);

#endif
