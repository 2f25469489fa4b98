/* Deleting what a set brought and no longer contains. */
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/apply/work.h"

static const struct {
    const char *group, *kind;
} protected_kinds[] = {
    { "", "Namespace" },
    { "apiextensions.k8s.io", "CustomResourceDefinition" },
};

static bool is_protected(const struct apply_object *o)
{
    for (size_t i = 0; i < ARRAY_LEN(protected_kinds); i++)
        if (strcmp(protected_kinds[i].group, o->group) == 0 &&
            strcmp(protected_kinds[i].kind, o->kind) == 0)
            return true;
    return false;
}

/* *ret NULL: the server has no such kind (any more), or nobody asks it. */
static int find_kind(struct work *w, const struct apply_object *o, const struct gvr **ret,
                     struct error **err)
{
    cleanup_error struct error *e = NULL;
    *ret = NULL;
    if (sets_remote_is_fake(w->remote))
        return 0;
    if (sets_remote_find_any(w->remote, w->ctx, o->group, o->version, o->kind, ret, &e) == 0 ||
        error_is(e, ERR_NOT_FOUND))
        return 0;
    return error_move(err, &e);
}

/* What was only intended: deleted when the set did write it. *ret_again: it changed meanwhile. */
static int delete_if_ours(struct work *w, const struct kube_ref *ref, bool *ret_again,
                          struct error **err)
{
    const struct apply_tracker *t = w->tracker;
    cleanup_json json *live = NULL;
    cleanup_error struct error *e = NULL;
    *ret_again = false;
    if (work_look(w, ref, &live, err) < 0)
        return -1;
    const char *mark = json_path_str(live, "metadata.annotations[\"" ANNOTATION_APPLIED_BY "\"]");
    if (!mark || !t->is_mark(t->arg, mark))
        return 0;
    if (work_delete(w, ref, json_path_str(live, "metadata.uid"),
                    json_path_str(live, "metadata.resourceVersion"), &e) == 0)
        return 0;
    *ret_again = error_is(e, ERR_CONFLICT);
    return error_move(err, &e);
}

static int delete_intended(struct work *w, const struct kube_ref *ref, struct error **err)
{
    for (int retry = 0;; retry++) {
        cleanup_error struct error *e = NULL;
        bool again;
        if (delete_if_ours(w, ref, &again, &e) == 0)
            return 0;
        if (!again || retry == CONFLICT_RETRIES || work_must_end(w))
            return error_move(err, &e);
    }
}

/* Gone is as good as deleted, and so is a kind that is gone. */
static int delete_object(struct work *w, const struct apply_object *o, const struct gvr *gvr,
                         struct error **err)
{
    cleanup_error struct error *e = NULL;
    if (!gvr || (gvr->namespaced && !*o->nspace))
        return 0; /* the latter could never be written */
    struct kube_ref ref = { .gvr = gvr,
                            .nspace = gvr->namespaced ? o->nspace : NULL,
                            .name = o->name };
    int rc = o->is_intended ? delete_intended(w, &ref, &e) : work_delete(w, &ref, NULL, NULL, &e);
    if (rc == 0 || error_is(e, ERR_NOT_FOUND))
        return 0;
    return error_move(err, &e);
}

/* Wanted by this set or by another: the row goes, the object stays. */
static int is_wanted(struct work *w, const struct apply_plan *plan, const struct apply_object *o,
                     bool global, bool *ret, struct error **err)
{
    const struct apply_tracker *t = w->tracker;
    *ret = plan && apply_plan_wants(plan, o, global);
    return *ret ? 0 : t->is_wanted_elsewhere(t->arg, o, global, ret, err);
}

/* Of what a gone set may not delete; in doubt it is. */
static bool is_there(struct work *w, const struct apply_object *o)
{
    const struct gvr *gvr;
    cleanup_json json *live = NULL;
    if (find_kind(w, o, &gvr, NULL) < 0 || !gvr)
        return true;
    const struct kube_ref ref = { .gvr = gvr, .name = o->name };
    return work_look(w, &ref, &live, NULL) < 0 || live;
}

enum outcome { OUTCOME_STAYS, OUTCOME_BLOCKED, OUTCOME_GONE };

/* -1: the work must end. A deletion that fails is noted, and in the way of no other. What is protected has no namespaces,
 * as far as is known without a request. */
static int drop(struct work *w, const struct apply_plan *plan, const struct apply_object *o,
                bool block_protected, enum outcome *ret, struct error **err)
{
    bool blocks = block_protected && is_protected(o) && (plan || is_there(w, o)), wanted;
    const struct gvr *gvr = NULL;
    cleanup_error struct error *why = NULL;
    int rc = blocks ? 0 : find_kind(w, o, &gvr, &why);
    bool global = blocks || (gvr && !gvr->namespaced);
    if (is_wanted(w, plan, o, global, &wanted, err) < 0)
        return -1;
    *ret = blocks && !wanted ? OUTCOME_BLOCKED : OUTCOME_GONE;
    if (blocks || wanted || (rc == 0 && delete_object(w, o, gvr, &why) == 0))
        return 0;
    if (work_must_end(w))
        return error_move(err, &why);
    cleanup_free char *title = object_give_title(o);
    error_wrap(&why, "failed to delete %s", title);
    work_note(w, &why);
    *ret = OUTCOME_STAYS;
    return 0;
}

int drop_objects(struct work *w, const struct apply_plan *plan, const struct apply_state *state,
                 bool block_protected, struct error **err)
{
    cleanup_free struct apply_object *blocked = xcalloc(state->tracked_len + 1, sizeof(*blocked));
    const struct apply_tracker *t = w->tracker;
    size_t blocked_len = 0;
    for (size_t i = 0; i < state->tracked_len && !w->unreachable; i++) {
        const struct apply_object *o = &state->tracked[i];
        enum outcome outcome;
        if (plan && apply_plan_wants(plan, o, false))
            continue;
        if (work_begin(w, err) < 0 || drop(w, plan, o, block_protected, &outcome, err) < 0 ||
            (outcome == OUTCOME_GONE && t->deleted(t->arg, o, err) < 0))
            return -1;
        if (outcome == OUTCOME_BLOCKED)
            blocked[blocked_len++] = *o;
    }
    json_free(w->blocked_refs);
    w->blocked_refs = apply_give_references(blocked, blocked_len);
    return 0;
}
