/* work.h - one run over one cluster. Private to rp/syncsets/apply. */
#ifndef RP_SYNCSETS_APPLY_WORK_H
#define RP_SYNCSETS_APPLY_WORK_H

#include "rp/syncsets/apply/plan.h"

#define FIELD_MANAGER "syncsets-clustersync"
#define CONFLICT_RETRIES 5
#define CONFLICT_PAUSE_MS 1000 /* from the second retry on */
#define NO_NAMESPACE_PATCH "default"

struct work {
    const struct opctx *ctx;
    struct sets_remote *remote;
    const struct apply_tracker *tracker;
    struct sets_guard guard;
    bool aborted; /* the tracker ended the work */
    bool
        kinds_changed; /* a definition of kinds was written: what it defines may take a moment to be served */
    bool unreachable, refused; /* see apply_result */
    bool failed;
    struct buf messages;
    json *blocked_refs; /* see apply_result */
};

/* ---- call.c: requests under the guard ---- */
/* After any failure: true when it ends the work instead of being one of an object. */
bool work_must_end(const struct work *w);
/* The kind, waited for when it may be on its way. */
int work_find(struct work *w, const char *api_version, const char *kind, const struct gvr **ret,
              struct error **err);
int work_get(struct work *w, const struct kube_ref *ref, json **ret, struct error **err);
/* As work_get; absent is success with *ret NULL. */
int work_look(struct work *w, const struct kube_ref *ref, json **ret, struct error **err);
int work_create(struct work *w, const struct kube_ref *ref, const json *object, struct error **err);
/* Whether the cluster would create it, were the one of that name not there; changes nothing. */
int work_try_create(struct work *w, const struct kube_ref *ref, const json *object,
                    struct error **err);
int work_patch(struct work *w, const struct kube_ref *ref, enum kube_patch type, const json *patch,
               struct error **err);
/* In the background; uid and version as preconditions, NULL: whichever it is. */
int work_delete(struct work *w, const struct kube_ref *ref, const char *uid, const char *version,
                struct error **err);
/* Whether any object carries the label. */
int work_has_labelled(struct work *w, const struct kube_ref *collection, const char *label,
                      const char *value, bool *ret, struct error **err);
/* A definition of kinds was written. */
bool work_defines_kinds(const struct gvr *gvr);

/* ---- write.c ---- */
int write_item(struct work *w, const struct apply_plan *plan, const struct apply_state *state,
               const struct plan_item *item, struct error **err);
/* ---- replace.c: an object that cannot become what is wanted is made anew ---- */
/* live: as it is now, whole. why: the refusal that leads here, consumed; it is the error when the object may not be
 * replaced. */
int replace_object(struct work *w, const struct kube_ref *ref, const json *live, const json *wanted,
                   struct error *why, struct error **err);
/* ---- patch.c ---- */
int patch_object(struct work *w, const struct plan_patch *p, struct error **err);
/* The three-way patch of a kind, and what sort it is; *ret NULL: nothing to do. */
int patch_give_three_way(struct work *w, const struct gvr *gvr, const json *original,
                         const json *modified, const json *current, json **ret,
                         enum kube_patch *ret_type, struct error **err);
/* ---- drop.c ---- */
/* Deletes what is tracked and not wanted by plan (NULL: all of it). -1: the work must end. */
int drop_objects(struct work *w, const struct apply_plan *plan, const struct apply_state *state,
                 bool block_protected, struct error **err);

/* Before each object: -1 when the tracker ends the work. */
int work_begin(struct work *w, struct error **err);
/* Notes a failure (consumed) among the messages. */
void work_note(struct work *w, struct error **why);

#endif
