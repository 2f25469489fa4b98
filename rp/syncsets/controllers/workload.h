/*
 * workload.h - what there is to do for one cluster, as it is at one moment: the cluster, the sets that apply to it, how each
 * of them stood and what it tracks.
 *
 * Threads: one at a time.
 */
#ifndef RP_SYNCSETS_CONTROLLERS_WORKLOAD_H
#define RP_SYNCSETS_CONTROLLERS_WORKLOAD_H

#include "pkg/base/strv.h"
#include "rp/syncsets/apply/apply.h"
#include "rp/syncsets/controllers/decide.h"
#include "rp/syncsets/controllers/work.h"

struct tracked {
    struct apply_object o;        /* its strings are owned */
    bool is_applied, was_applied; /* and not only intended: now, in its row */
    bool is_gone;                 /* its row goes */
};
void tracked_release(struct tracked *t);

/* A set by kind and name: one that applies to the cluster, or one that did and left a status. */
struct set_state {
    bool is_selector; /* SelectorSyncSet */
    char *name, *uid;
    json *set; /* NULL: it is gone, or no longer applies */
    int64_t order, generation, version;
    bool
        is_held; /* its roll-out has not come to this cluster: nothing of it is applied or deleted */
    bool has_place;          /* the cluster waits for this generation, or was admitted to it */
    struct apply_plan *plan; /* NULL: not made, or flaw tells why not */
    char *flaw;
    /* Its status; attempt.hash is owned. */
    struct attempt attempt;
    char *message;
    int64_t first_success, last_transition;
    bool is_first;         /* first_success is of now */
    bool allows_protected; /* its protectedDeletes is Allow, or was when it was last applied */
    json *blocked;         /* deletions that were refused this time; NULL: it was not worked on */
    bool is_dirty, is_finished; /* the status is to be written; nothing of it is left */
    struct tracked *tracked;
    size_t tracked_len;
};

struct workload {
    json *cluster; /* NULL: it is gone */
    char *nspace, *name;
    struct set_state *
        sets; /* SyncSets first; of each kind, those that are gone before those that apply, by order and name */
    size_t len;
    struct strv places; /* uids of sets that the cluster waits for, or was admitted to */
    int64_t now_s;      /* of the database, when it was read */
};
/* One snapshot of the database. */
int workload_load(const struct opctx *ctx, struct sets_store *st, const char *uid,
                  struct workload *ret, struct error **err);
/* The cluster alone. */
int workload_load_cluster(const struct opctx *ctx, struct sets_store *st, const char *uid,
                          struct workload *ret, struct error **err);
void workload_release(struct workload *w);
#define cleanup_workload CLEANUP_WITH(workload_release)
/* Renders every set that applies; what cannot be rendered gets its flaw. -1: a secret could not be read now. */
int workload_render(const struct opctx *ctx, struct sets_store *st, struct workload *w,
                    struct error **err);
/* Whether any other set that applies contains the object, or tracks it where that cannot be said; global as of
 * apply_same_object. */
bool workload_wants(const struct workload *w, const struct set_state *but,
                    const struct apply_object *o, bool global);
/* What the set tracks that is not gone; the array is owned, its strings are not. */
struct apply_object *workload_give_tracked(const struct set_state *s, size_t *ret_len);
struct tracked *workload_track(struct set_state *s,
                               const struct apply_object *o); /* finds or adds */
const struct api_type *set_state_type(const struct set_state *s);
const char *set_state_kind(const struct set_state *s); /* "SyncSet" or "SelectorSyncSet" */

#endif
