/*
 * informer_impl.h - what the informer, its cache and its reflector share. Private to them.
 *
 * Order of locks: informer.delivery or kube_cache.mu, then the store's. The delivery lock is held while the store
 * changes and its handlers hear of it, so that every handler sees one order of events, and one that
 * comes late misses none.
 */
#ifndef PKG_KUBE_INFORMER_IMPL_H
#define PKG_KUBE_INFORMER_IMPL_H

#include <pthread.h>
#include <stdatomic.h>

#include "pkg/kube/informer.h"
#include "pkg/kube/scanner.h"
#include "pkg/kube/store.h"

struct reflector;
struct informer_set;

struct informer {
    struct kube_cache *cache;
    struct informer *next;
    struct informer_set *set; /* the face of others, which do the work; NULL: an ordinary one */
    struct gvr gvr;           /* strings borrowed from the registration's */
    char *nspace, *label_selector, *field_selector;
    enum kube_projection projection;
    int64_t page_size, internal_error_window_ms;
    atomic_bool optional;
    char *api_version;
    char *label; /* "configmaps", "deployments.apps": in logs and metrics */
    struct object_type type;

    struct store *store;
    struct store_stage stage; /* the writer's */
    pthread_mutex_t delivery; /* recursive: a handler may remove itself */
    struct informer_handler **handlers;
    size_t handlers_len;
    atomic_size_t handlers_live;
    unsigned delivering; /* depth of calls to handlers */
    atomic_bool synced;
    atomic_int_least64_t last_event_ns;
    int64_t resync_due_ns; /* the cache's thread */

    struct reflector *reflector;
    pthread_t thread;
    bool started; /* guarded by the cache */
};

struct informer *informer_new(struct kube_cache *c, const struct informer_config *cfg);
void informer_free(struct informer *i);

/* ---- the writer: the reflector's thread, or the I/O thread on its behalf, never both at once ---- */
/* Drops what an unfinished list left. strict: versions are not relied on (store_stage). */
void informer_stage_begin(struct informer *i, bool strict);
void informer_stage_add(struct informer *i, const struct draft *d);
void informer_stage_remove(struct informer *i, const struct draft *d);
size_t informer_stage_len(const struct informer *i);
void informer_stage_cut(struct informer *i, size_t len);
/* Makes the store equal to the stage, delivers, and turns to synced. */
void informer_stage_commit(struct informer *i);
/* One watch event: ADDED, MODIFIED or DELETED. */
void informer_apply(struct informer *i, enum watch_type type, const struct draft *d);
/* Something came from the server, if only a bookmark. */
void informer_touch(struct informer *i);

/* Replays the store to the handlers that asked for it. */
void informer_resync(struct informer *i);

/* ---- the cache, as its informers see it ---- */
struct informer_metrics {
    struct metric *lists, *watches, *watch_errors, *short_watches, *relist_410;
    struct metric *objects, *bytes, *last_event_age;
};
struct kube_cache {
    struct kube_client *client;
    struct kube_cache_options opt;
    struct informer_metrics metrics;
    struct runnable runnable;
    pthread_mutex_t mu;
    struct informer *informers; /* never shrinks before kube_cache_free */
    struct informer *sets;      /* neither */
    bool running, stopping;
    struct opctx ctx;    /* of the run */
    struct waker *waker; /* of the run; NULL outside */
    atomic_bool poked;
    atomic_int streams; /* enum cache_streams */
};
enum cache_streams { STREAMS_UNKNOWN, STREAMS_YES, STREAMS_NO };
/* The cache's thread looks again at what is due. */
void kube_cache_poke(struct kube_cache *c);
/* Whether the server is known to answer streaming lists; asks it once. */
bool kube_cache_streams(struct kube_cache *c, const struct opctx *ctx);
void kube_cache_refuse_streams(struct kube_cache *c); /* it does not */

#endif
