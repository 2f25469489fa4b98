/* The patches of a set, and those that come of comparing. */
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/apply/three_way.h"
#include "rp/syncsets/apply/work.h"

/* ---- three-way ---- */

/* What identifies an object stays. */
static json *give_without_identity(json *patch)
{
    json *metadata = json_get(patch, "metadata");
    json_del(patch, "apiVersion");
    json_del(patch, "kind");
    if (json_is_object(metadata)) {
        json_del(metadata, "name");
        json_del(metadata, "namespace");
        if (json_len(metadata) == 0)
            json_del(patch, "metadata");
    }
    if (json_len(patch) > 0)
        return patch;
    json_free(patch);
    return NULL;
}

int patch_give_three_way(struct work *w, const struct gvr *gvr, const json *original,
                         const json *modified, const json *current, json **ret,
                         enum kube_patch *ret_type, struct error **err)
{
    json *patch = three_way_merge(original, modified, current);
    *ret_type = KUBE_PATCH_MERGE;
    *ret = patch ? give_without_identity(patch) : NULL;
    if (!*ret)
        return 0; /* then merging lists by their keys changes nothing either */
    const struct merge_keys *keys;
    const struct merge_row *row;
    if (sets_remote_merge_keys(w->remote, w->ctx, gvr, &keys, &row, err) < 0) {
        json_free(take(*ret));
        return -1;
    }
    if (!row)
        return 0;
    json_free(take(*ret));
    patch = three_way_strategic(merge_keys_schema(keys), row, original, modified, current);
    *ret_type = KUBE_PATCH_STRATEGIC;
    *ret = patch ? give_without_identity(patch) : NULL;
    return 0;
}

/* ---- patches of the set ---- */

/* Whether the live object is already as the patch makes it. What cannot be told is sent. */
static bool is_done(struct work *w, const struct plan_patch *p, const struct gvr *gvr,
                    const json *live)
{
    cleanup_json json *made = NULL;
    const struct merge_keys *keys;
    const struct merge_row *row;
    if (json_len(p->patch) == 0)
        return true;
    if (p->type == KUBE_PATCH_MERGE) {
        made = json_give_merged(json_give_copy(live), p->patch);
        return json_equal(made, live);
    }
    if (p->type != KUBE_PATCH_STRATEGIC ||
        sets_remote_merge_keys(w->remote, w->ctx, gvr, &keys, &row, NULL) < 0 || !row ||
        strategic_apply(merge_keys_schema(keys), row, live, p->patch, &made, NULL) < 0)
        return false;
    return json_equal(made, live);
}

static int try_patch(struct work *w, const struct plan_patch *p, const struct kube_ref *ref,
                     struct error **err)
{
    cleanup_json json *live = NULL;
    if (work_get(w, ref, &live, err) < 0)
        return -1;
    return is_done(w, p, ref->gvr, live) ? 0 : work_patch(w, ref, p->type, p->patch, err);
}

int patch_object(struct work *w, const struct plan_patch *p, struct error **err)
{
    const struct gvr *gvr;
    if (sets_remote_is_fake(w->remote))
        return 0;
    if (work_find(w, p->api_version, p->kind, &gvr, err) < 0)
        return -1;
    struct kube_ref ref = { .gvr = gvr, .name = p->name };
    if (gvr->namespaced)
        ref.nspace = *p->nspace ? p->nspace : NO_NAMESPACE_PATCH;
    for (int retry = 0;; retry++) {
        cleanup_error struct error *e = NULL;
        if (try_patch(w, p, &ref, &e) == 0)
            return 0;
        if (!error_is(e, ERR_CONFLICT) || retry == CONFLICT_RETRIES || work_must_end(w))
            return error_move(err, &e);
        if (retry > 0 && opctx_sleep_ms(w->ctx, CONFLICT_PAUSE_MS, err) < 0)
            return -1;
    }
}
