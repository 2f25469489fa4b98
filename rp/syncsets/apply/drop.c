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

/* Gone is as good as deleted, and so is a kind that the server has no more. */
static int delete_object(struct work *w, const struct apply_object *o, struct error **err)
{
    const struct gvr *gvr;
    cleanup_error struct error *e = NULL;
    if (sets_remote_is_fake(w->remote))
        return 0;
    if (sets_remote_find_any(w->remote, w->ctx, o->group, o->version, o->kind, &gvr, &e) < 0)
        return error_is(e, ERR_NOT_FOUND) ? 0 : error_move(err, &e);
    struct kube_ref ref = { .gvr = gvr,
                            .nspace = gvr->namespaced ? o->nspace : NULL,
                            .name = o->name };
    if (gvr->namespaced && !*o->nspace)
        return 0; /* it could never be written */
    if (work_delete(w, &ref, NULL, &e) == 0 || error_is(e, ERR_NOT_FOUND))
        return 0;
    return error_move(err, &e);
}

/* -1: the work must end. A deletion that fails is noted, and in the way of no other. */
static int drop(struct work *w, const struct apply_object *o, bool block_protected,
                bool *ret_blocked, struct error **err)
{
    const struct apply_tracker *t = w->tracker;
    cleanup_error struct error *why = NULL;
    bool elsewhere = false;
    *ret_blocked = false;
    if (t->is_wanted_elsewhere(t->arg, o, &elsewhere, err) < 0)
        return -1;
    if (!elsewhere && block_protected && is_protected(o)) {
        *ret_blocked = true;
        return 0;
    }
    if (!elsewhere && delete_object(w, o, &why) < 0) {
        if (work_must_end(w))
            return error_move(err, &why);
        cleanup_free char *title = object_give_title(o);
        error_wrap(&why, "failed to delete %s", title);
        work_note(w, &why);
        return 0;
    }
    return t->deleted(t->arg, o, err);
}

int drop_objects(struct work *w, const struct apply_plan *plan, const struct apply_state *state,
                 bool block_protected, struct error **err)
{
    cleanup_free struct apply_object *blocked = xcalloc(state->tracked_len + 1, sizeof(*blocked));
    size_t blocked_len = 0;
    for (size_t i = 0; i < state->tracked_len && !w->unreachable; i++) {
        const struct apply_object *o = &state->tracked[i];
        bool is_blocked;
        if (plan && apply_plan_wants(plan, o))
            continue;
        if (drop(w, o, block_protected, &is_blocked, err) < 0)
            return -1;
        if (is_blocked)
            blocked[blocked_len++] = *o;
    }
    json_free(w->blocked_refs);
    w->blocked_refs = apply_give_references(blocked, blocked_len);
    return 0;
}
