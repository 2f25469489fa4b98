/*
 * The end of a namespace: everything in it is deleted, of every kind, and when nothing is left the namespace is let go.
 * Source: k8s.io/kubernetes pkg/controller/namespace/deletion.
 */
#include <string.h>

#include "hack/devcloud/controllers/behaviours.h"
#include "hack/devcloud/controllers/owned.h"
#include "hack/devcloud/controllers/served.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define FINALIZER "kubernetes"
#define RETRY_MS 250 /* pods that end are waited for */

/* Services, for one, cannot be deleted as a collection in 1.20. */
static int delete_each(struct control *c, const struct opctx *ctx, const struct kube_ref *of,
                       const json *items, struct error **err)
{
    for (size_t i = 0; i < json_len(items); i++) {
        struct kube_ref ref = *of;
        ref.name = json_path_str(json_at(items, i), "metadata.name");
        if (kube_delete_if_present(c->kube, ctx, &ref, err) < 0)
            return -1;
    }
    return 0;
}

static int delete_all(struct control *c, const struct opctx *ctx, const struct kube_ref *ref,
                      const json *items, struct error **err)
{
    struct kube_delete_options opt = KUBE_DELETE_DEFAULTS;
    struct error *e = NULL;
    opt.propagation = "Background";
    if (kube_delete_collection(c->kube, ctx, ref, NULL, NULL, true, &opt, &e) == 0)
        return 0;
    if (!error_is(e, ERR_METHOD))
        return error_move(err, &e);
    error_free(e);
    return delete_each(c, ctx, ref, items, err);
}

static int empty_kind(struct control *c, const struct opctx *ctx, const struct gvr *gvr,
                      const char *nspace, size_t *ret_left, struct error **err)
{
    struct kube_list_options meta = { .metadata_only = true };
    cleanup_json json *list = NULL;
    struct kube_ref ref = { .gvr = gvr, .nspace = nspace };
    if (kube_list(c->kube, ctx, &ref, &meta, &list, err) < 0)
        return -1;
    const json *items = json_get(list, "items");
    if (!json_len(items))
        return 0;
    if (delete_all(c, ctx, &ref, items, err) < 0)
        return -1;
    cleanup_json json *after = NULL;
    if (kube_list(c->kube, ctx, &ref, &meta, &after, err) < 0)
        return -1;
    *ret_left += json_len(json_get(after, "items"));
    return 0;
}

static int empty(struct control *c, const struct opctx *ctx, const char *nspace, size_t *ret_left,
                 struct error **err)
{
    static const char *const verbs[] = { "list", "delete", NULL };
    cleanup_served_list struct served_list kinds = { NULL, 0 };
    struct error *all = NULL;
    *ret_left = 0;
    if (served_give_list(c->served, ctx, verbs, &kinds, err) < 0)
        return -1;
    for (size_t i = 0; i < kinds.len; i++) {
        struct error *e = NULL;
        if (!kinds.v[i]->namespaced || empty_kind(c, ctx, kinds.v[i], nspace, ret_left, &e) == 0)
            continue;
        if (error_is(e, ERR_NOT_FOUND) || error_is(e, ERR_METHOD)) {
            error_free(e); /* the kind went meanwhile */
            continue;
        }
        error_wrap(&e, "emptying namespace %s of %s", nspace, kinds.v[i]->resource);
        error_join(&all, &e);
    }
    return all ? error_move(err, &all) : 0;
}

static int let_go(struct control *c, const struct opctx *ctx, json *nspace, struct error **err)
{
    json *finalizers = json_path(nspace, "spec.finalizers");
    struct kube_ref ref = { .gvr = &GVR_NAMESPACES,
                            .name = json_path_str(nspace, "metadata.name"),
                            .subresource = "finalize" };
    struct error *e = NULL;
    for (size_t i = json_len(finalizers); i-- > 0;)
        if (str_eq(json_str(json_at(finalizers, i)), FINALIZER))
            json_remove_at(finalizers, i);
    if (kube_update(c->kube, ctx, &ref, nspace, NULL, NULL, &e) == 0)
        return 0;
    if (!error_is(e, ERR_NOT_FOUND))
        return error_move(err, &e);
    error_free(e);
    return 0;
}

static bool is_held(const json *nspace)
{
    const json *finalizers = json_path(nspace, "spec.finalizers");
    for (size_t i = 0; i < json_len(finalizers); i++)
        if (str_eq(json_str(json_at(finalizers, i)), FINALIZER))
            return true;
    return false;
}

static int reconcile(struct control *c, struct source *source, const struct opctx *ctx,
                     const char *key, struct result *ret, struct error **err)
{
    cleanup_json json *nspace = NULL;
    size_t left;
    (void)source;
    if (owned_find(c, ctx, &GVR_NAMESPACES, NULL, key, &nspace, err) < 0)
        return -1;
    if (!nspace || !owned_is_deleting(nspace) || !is_held(nspace))
        return 0;
    if (empty(c, ctx, key, &left, err) < 0)
        return -1;
    if (left) {
        ret->requeue_after_ms = RETRY_MS;
        return 0;
    }
    return let_go(c, ctx, nspace, err);
}

static const struct behaviour_watch watches[] = {
    { .gvr = &GVR_NAMESPACES, .map = WATCH_SELF },
};

const struct behaviour namespace_behaviour = {
    .name = "namespace",
    .doc = "Empties namespaces that are deleted, and lets them go.",
    BEHAVIOUR_WATCHES(watches),
    .reconcile = reconcile,
};
