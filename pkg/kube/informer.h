/*
 * informer.h - list+watch of one kind into a store, with events to handlers; shared by all
 * controllers of a process.
 *
 * Each informer has one reflector thread that lists, watches and backs off top to bottom; bytes are
 * scanned on the I/O thread as they arrive and go straight into the store. Reading is from any
 * thread.
 */
#ifndef PKG_KUBE_INFORMER_H
#define PKG_KUBE_INFORMER_H

#include "pkg/controller/controller.h"
#include "pkg/controller/manager.h"
#include "pkg/kube/client.h"
#include "pkg/kube/object.h"

struct kube_cache; /* the informers of one client */
struct informer;

struct kube_cache_options {
    int64_t resync_ms;         /* 0 = 10 h, each informer +-10 % */
    bool allow_streaming_list; /* sendInitialEvents where the server knows it */
    /* For servers far away: lists travel compressed, for twice the CPU and time nearby. */
    bool gzip_lists;
    /* Stores with more bytes of objects keep them packed: 0 = 1 MB, SIZE_MAX = never. */
    size_t pack_above_bytes;
    const struct clock *clock;
    const struct rng *rng;
    const struct log *log;
    struct metrics *metrics;
};
struct kube_cache *kube_cache_new(struct kube_client *client, const struct kube_cache_options *opt);
void kube_cache_free(struct kube_cache *c); /* must be stopped */
/* Runs all informers, also those added later, until the context's stop. For the manager:
 * kube_cache_runnable. */
int kube_cache_run(struct kube_cache *c, const struct opctx *ctx, struct error **err);
struct runnable *
kube_cache_runnable(struct kube_cache *c); /* borrowed; ready when all non-optional have synced */
bool kube_cache_has_synced(struct kube_cache *c);

DEFINE_RELEASE(struct kube_cache *, kube_cache_free)
#define cleanup_kube_cache CLEANUP_WITH(kube_cache_free_slot)

struct informer_config {
    const struct gvr *gvr;
    const char *nspace; /* NULL: all */
    /* Instead of nspace: these, each once, through one informer. "One moment" is then one namespace's. */
    const char *const *nspaces;
    size_t nspaces_len;
    const char *label_selector, *field_selector;
    enum kube_projection projection;
    bool optional;     /* 403/404 (kind not installed) must not hold up the process */
    int64_t page_size; /* 0 = the rules of the reflector */
    /* How long InternalErrors inside a watch are answered by watching again at once; 0 = never. */
    int64_t internal_error_window_ms;
};
/* The informer of that configuration: made on the first call, the same one later. Owned by the
 * cache. */
struct informer *kube_cache_informer(struct kube_cache *c, const struct informer_config *cfg);

bool informer_has_synced(const struct informer *i);
/* A new reference; NULL when absent. */
struct kube_object *informer_get(struct informer *i, const char *nspace, const char *name);
size_t informer_len(struct informer *i);
size_t informer_bytes(struct informer *i);
/* Calls fn for each object (namespace filter: NULL = all) of one moment. */
typedef void (*informer_each_fn)(void *arg, struct kube_object *o);
void informer_each(struct informer *i, const char *nspace, informer_each_fn fn, void *arg);
/* Secondary index: fn yields zero or more values for an object by calling emit. Adding late builds
 * it. */
typedef void (*index_emit_fn)(void *emit_arg, const char *value);
typedef void (*index_fn)(const struct kube_object *o, index_emit_fn emit, void *emit_arg);
void informer_add_index(struct informer *i, const char *name, index_fn fn);
void informer_each_indexed(struct informer *i, const char *index, const char *value,
                           informer_each_fn fn, void *arg);

enum informer_event_type { INFORMER_ADD, INFORMER_UPDATE, INFORMER_DELETE };
struct informer_event {
    enum informer_event_type type;
    struct kube_object *old_obj; /* UPDATE, DELETE: last known */
    struct kube_object *new_obj; /* ADD, UPDATE */
    bool initial;                /* from the first sync, or a late handler's replay */
    bool resync;                 /* old_obj == new_obj, replayed */
    bool unknown_final_state;    /* DELETE found by relist */
};
/* Runs in stream order on the I/O thread or a reflector's; must not block (a call of more than
 * 100 ms is logged). The store already shows the new state. A late handler receives initial ADDs
 * without gap or duplicate. A key that came back under another uid is a DELETE (of unknown final
 * state) and an ADD. Handlers may remove themselves, but not add others. */
struct informer_handler {
    void (*on_event)(struct informer_handler *h, const struct informer_event *e);
    void (*on_synced)(struct informer_handler *h); /* after the last initial event; may be NULL */
    bool wants_resync; /* receives the periodic replay of the store, too */
};
void informer_add_handler(struct informer *i, struct informer_handler *h);
void informer_remove_handler(struct informer *i,
                             struct informer_handler *h); /* waits for a running call */

/* ---- sources for controllers (pkg/controller) ---- */
struct predicate {
    bool (*test)(const struct predicate *p, const struct informer_event *e);
    const char *nspace, *name, *label_key, *label_value; /* parameters of the common tests */
    const void *arg;                                     /* of other tests */
};
bool predicate_generation_changed(const struct predicate *p, const struct informer_event *e);
bool predicate_resource_version_changed(const struct predicate *p, const struct informer_event *e);
bool predicate_name_is(const struct predicate *p,
                       const struct informer_event *e); /* nspace (if set) and name */
bool predicate_label_is(const struct predicate *p,
                        const struct informer_event *e); /* label_key [= label_value] */

enum watch_map {
    WATCH_SELF,      /* key "namespace/name" or "name" of the object */
    WATCH_OWNER,     /* name of the controller owner of owner_group/owner_kind */
    WATCH_NAMESPACE, /* the object's namespace; the object of cluster scope concerns nobody */
    WATCH_FIXED      /* always fixed_key */
};
struct kube_source_config {
    struct informer *informer;
    enum watch_map map;
    const char *owner_group, *owner_kind, *fixed_key;
    const struct predicate
        *predicates; /* all must pass; copied; strings borrowed for the source's life */
    size_t predicates_len;
};
struct source *kube_source_new(const struct kube_source_config *cfg);
void kube_source_free(struct source *s);

#endif
