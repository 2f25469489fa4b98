/*
 * state.h - the objects of one cluster as the API server's database keeps them: one revision counter,
 * optimistic writes, a history of changes for watches and for lists of the past.
 *
 * A record is one object at one revision: immutable, counted, its JSON text without apiVersion and kind
 * (which depend on the version that is asked for). Threads: any; listeners are called with the state's
 * lock held and must neither block nor call the state.
 */
#ifndef HACK_DEVCLOUD_CLUSTER_STATE_H
#define HACK_DEVCLOUD_CLUSTER_STATE_H

#include <stdatomic.h>

#include "pkg/base/bytes.h"
#include "pkg/base/json.h"

struct label {
    char *key, *value;
};

struct record {
    atomic_uint refs;
    int64_t revision, created; /* of this content; of the first one */
    char *collection;          /* "apps/deployments", "/pods" */
    char *nspace, *name;       /* nspace "" for cluster scope */
    char *uid;
    struct label *labels; /* sorted by key */
    size_t labels_len;
    struct bytes *text;
};
struct record *record_ref(struct record *r); /* NULL gives NULL */
void record_unref(struct record *r);
DEFINE_RELEASE(struct record *, record_unref)
#define cleanup_record CLEANUP_WITH(record_unref_slot)
json *record_give_tree(const struct record *r);

enum change_type { CHANGE_ADDED, CHANGE_MODIFIED, CHANGE_DELETED };
struct change {
    int64_t revision;
    enum change_type type;
    struct record *now, *before; /* now is the last content of a deleted object */
};

struct listener {
    const char *collection; /* borrowed */
    void (*on_change)(struct listener *l, const struct change *c);
    struct listener *prev_, *next_;
    bool linked_;
};

struct state;
/* history_max: changes that are kept; older ones are forgotten, as by compaction. */
struct state *state_new(int64_t revision, size_t history_max);
void state_free(struct state *s); /* no listener may be left */
DEFINE_RELEASE(struct state *, state_free)
#define cleanup_state CLEANUP_WITH(state_free_slot)

int64_t state_revision(struct state *s);
/* NULL when absent. The caller owns the reference. */
struct record *state_get(struct state *s, const char *collection, const char *nspace,
                         const char *name);

struct record_list { /* in the order of namespace and name */
    struct record **v;
    size_t len;
    int64_t revision;
};
void record_list_release(struct record_list *l);
#define cleanup_record_list CLEANUP_WITH(record_list_release)
/* nspace NULL: all. at: a revision of the past; 0: now. ERR_GONE when it is forgotten. */
int state_list(struct state *s, const char *collection, const char *nspace, int64_t at,
               struct record_list *ret, struct error **err);
size_t state_count(struct state *s, const char *collection);

/*
 * Writes obj (borrowed; its resourceVersion is set, apiVersion and kind are left out) in place of
 * before. before NULL: the object must be absent, else ERR_EXISTS; otherwise it must still be the
 * current record, else ERR_CONFLICT.
 */
int state_put(struct state *s, const char *collection, json *obj, const struct record *before,
              struct record **ret, struct error **err);
/* *ret is the last content at the version of the deletion. ERR_CONFLICT as above. */
int state_delete(struct state *s, const struct record *before, struct record **ret,
                 struct error **err);

/*
 * Calls the listener for every change of its collection behind `since`, then for every new one.
 * since 0: begins with an addition for every object that there is (change.before NULL, revision that
 * of the object). *ret_revision (may be NULL) is the state's at this moment. ERR_GONE when since is
 * forgotten.
 */
int state_listen(struct state *s, struct listener *l, int64_t since, int64_t *ret_revision,
                 struct error **err);
void state_unlisten(struct state *s, struct listener *l);
/* Runs fn with the lock held, so that no change can come in between. */
void state_locked(struct state *s, void (*fn)(void *arg, int64_t revision), void *arg);

/* Forgets what led to the present. */
void state_compact(struct state *s);

#endif
