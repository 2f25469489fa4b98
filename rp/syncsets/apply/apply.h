/*
 * apply.h - one set on one cluster: what it asks for there, made ready and compared by a hash; and doing it.
 *
 * Nothing here touches a database: who calls keeps statuses and tracked objects, and is told through struct apply_tracker.
 *
 * What was only meant to be written, as far as is known, is deleted when its annotation says that this set wrote it: a failure
 * or a crash in between tells nothing, and the name may be somebody else's.
 *
 * Order: resources, secrets, patches, then the deletion of what the set no longer contains. Everything is rendered before
 * anything is sent: a set of which a part cannot be rendered changes nothing and deletes nothing.
 *
 * Threads: a plan belongs to one thread at a time; calls block.
 * Source: openshift/hive, pkg/controller/clustersync and pkg/resource; kubectl apply.
 */
#ifndef RP_SYNCSETS_APPLY_APPLY_H
#define RP_SYNCSETS_APPLY_APPLY_H

#include "pkg/base/json.h"
#include "pkg/base/opctx.h"
#include "rp/syncsets/remote/remote.h"

#define APPLY_HASH_LEN 64

/* ---- objects in a cluster ---- */
/* Identity is group, kind, namespace and name; the version is how it was last written. */
struct apply_object {
    const char *group, *version, *kind, *nspace, *name; /* never NULL; nspace "" for none */
    bool is_intended; /* of what is tracked: nobody knows that it was ever written by the set */
};
/* global: the kind has no namespaces, so that one that was written all the same says nothing. */
bool apply_same_object(const struct apply_object *a, const struct apply_object *b, bool global);

/* ---- plans ---- */
struct apply_plan;

/* Looks a secret of this service up: *ret is the whole object with spec.type and spec.data, owned by the caller (wiped), NULL
 * when there is none. -1: it cannot be said now. */
typedef int (*apply_secret_fn)(void *arg, const char *nspace, const char *name, json **ret,
                               struct error **err);
/*
 * set      a SyncSet or SelectorSyncSet as stored
 * cluster  as stored: name, namespace, labels and annotations serve templates
 * Errors   ERR_INVALID: something cannot be rendered ("failed to decode resource 0: ...", "failed to parameterize patch
 *          1: ..."): a failure of the set. Anything else comes from fn.
 */
int apply_plan_make(const json *set, const json *cluster, apply_secret_fn fn, void *arg,
                    struct apply_plan **ret, struct error **err);
void apply_plan_free(struct apply_plan *p); /* wipes secrets */
DEFINE_RELEASE(struct apply_plan *, apply_plan_free)
#define cleanup_apply_plan CLEANUP_WITH(apply_plan_free_slot)

/* SHA-256 in hexadecimal of all that is sent: rendered resources and patches, modes, mappings with the versions of their
 * secrets. Borrowed. */
const char *apply_plan_hash(const struct apply_plan *p);
bool apply_plan_is_sync(const struct apply_plan *p); /* resourceApplyMode Sync */
/* "apply", "createOrUpdate", "createOnly" or "serverSideApply": the label "type" of metrics. */
const char *apply_plan_behavior(const struct apply_plan *p);
/* Whether the set contains the object (as a resource or a secret's target). Namespaces compare as written, "" included,
 * unless the kind is known to have none (global). */
bool apply_plan_wants(const struct apply_plan *p, const struct apply_object *o, bool global);
/* Each of them in order: false ends. */
void apply_plan_each(const struct apply_plan *p,
                     bool (*fn)(void *arg, const struct apply_object *o), void *arg);

/* What objects carry as the annotation syncsets.aro.openshift.io/applied-by: kind, namespace ("": none) and name of the set
 * that wrote them last. Owned. */
char *apply_give_mark(const char *kind, const char *nspace, const char *name);

/* ---- doing it ---- */
/* What the caller keeps and decides. Objects are borrowed during the call. -1 of any ends the work at once: apply_set then
 * returns -1, nothing more is sent. */
struct apply_tracker {
    void *arg;
    /* Sync: these are about to be written: noted before the first request. */
    int (*intend)(void *arg, const struct apply_object *objects, size_t len, struct error **err);
    int (*applied)(void *arg, const struct apply_object *o, struct error **err);
    /* No longer ours to delete: deleted, gone before, or wanted by another set, or the set no longer tracks. */
    int (*deleted)(void *arg, const struct apply_object *o, struct error **err);
    /* Before each object, patch and deletion: -1 when it is time to stop. What was begun is finished, so that no stop leaves
     * an object deleted that was to be made anew. */
    int (*may_begin)(void *arg, struct error **err);
    /* Before each request that changes something: -1 when the lease is (nearly) lost. */
    int (*may_mutate)(void *arg, struct error **err);
    /* Monotonic time: what was not sent until then is not sent. NULL: there is no end. */
    int64_t (*mutate_until_ns)(void *arg);
    /* Whether another set that applies to this cluster contains it; global as of apply_same_object. */
    int (*is_wanted_elsewhere)(void *arg, const struct apply_object *o, bool global, bool *ret,
                               struct error **err);
    /* Whether that is the set, by the mark on an object ("SyncSet/namespace/name", apply_give_mark). */
    bool (*is_mark)(void *arg, const char *mark);
    /* A request for a resource or secret ended; may be NULL. For metrics. */
    void (*observe)(void *arg, bool success);
};

struct apply_state { /* of the set on this cluster until now; borrowed */
    const struct apply_object *tracked;
    size_t tracked_len;
    const char *applied_hash; /* of the last success; NULL: none */
};

struct apply_result {
    bool failed;
    bool unreachable; /* the failure is that the cluster could not be reached */
    bool refused;     /* a request was answered with 401: the credentials are no longer good */
    char *message;    /* owned; scrubbed; NULL unless failed */
    json *
        deletions_blocked; /* [{"apiVersion","kind","name","namespace"}] sorted; owned; may be empty */
};
void apply_result_release(struct apply_result *r);
#define cleanup_apply_result CLEANUP_WITH(apply_result_release)

/* 0: done as far as possible, *ret tells. -1: ended early by the tracker or ctx; *ret is empty. */
int apply_set(const struct opctx *ctx, struct sets_remote *r, const struct apply_plan *plan,
              const struct apply_state *state, const struct apply_tracker *t,
              struct apply_result *ret, struct error **err);
/* The set is gone, or no longer applies to the cluster: deletes what it tracked. block_protected: spec.protectedDeletes was
 * Block. Results as of apply_set. */
int apply_delete(const struct opctx *ctx, struct sets_remote *r, bool block_protected,
                 const struct apply_state *state, const struct apply_tracker *t,
                 struct apply_result *ret, struct error **err);

/* [{"apiVersion","kind","name","namespace"}] of objects, sorted by apiVersion, kind, namespace, name: the form of statuses.
 * Owned. */
json *apply_give_references(const struct apply_object *objects, size_t len);

#endif
