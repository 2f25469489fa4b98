#include "hack/devcloud/boot/apply.h"

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define COMPLAINTS_MAX 5

static int find_ref(const struct applier *a, const json *object, struct kube_ref *ret,
                    struct error **err)
{
    const char *api_version, *kind;
    const struct gvr *gvr;
    if (json_need_str(object, "apiVersion", &api_version, err) < 0 ||
        json_need_str(object, "kind", &kind, err) < 0 ||
        discovery_find(a->discovery, a->ctx, api_version, kind, &gvr, err) < 0)
        return -1;
    *ret = (struct kube_ref){ .gvr = gvr,
                              .nspace = json_path_str(object, "metadata.namespace"),
                              .name = json_path_str(object, "metadata.name") };
    if (!gvr->namespaced)
        ret->nspace = NULL;
    else if (!ret->nspace)
        ret->nspace = "default";
    return 0;
}

static int create(const struct applier *a, const json *object, struct error **err)
{
    struct kube_ref ref;
    struct error *e = NULL;
    cleanup_json json *copy = json_give_copy(object);
    json_del(copy, "status");
    if (find_ref(a, object, &ref, err) < 0)
        return -1;
    ref.name = NULL;
    if (kube_create(a->kube, a->ctx, &ref, copy, NULL, NULL, &e) == 0)
        return 0;
    if (!error_is(e, ERR_EXISTS))
        return error_move(err, &e);
    error_free(e);
    return 0;
}

int apply_objects(const struct applier *a, const json *objects, size_t *ret_left,
                  struct error **err)
{
    struct error *all = NULL;
    size_t left = 0;
    for (size_t i = 0; i < json_len(objects); i++) {
        const json *object = json_at(objects, i);
        struct error *e = NULL;
        if (create(a, object, &e) == 0)
            continue;
        (void)error_wrap(&e, "%s %s", json_path_str(object, "kind"),
                         json_path_str(object, "metadata.name"));
        if (left++ < COMPLAINTS_MAX)
            error_join(&all, &e);
        error_free(e);
    }
    *ret_left = left;
    return left ? error_move(err, &all) : 0;
}

int apply_find(const struct applier *a, const json *object, json **ret, struct error **err)
{
    struct kube_ref ref;
    struct error *e = NULL;
    *ret = NULL;
    if (find_ref(a, object, &ref, &e) == 0 && kube_get(a->kube, a->ctx, &ref, ret, &e) == 0)
        return 0;
    if (!error_is(e, ERR_NOT_FOUND))
        return error_move(err, &e);
    error_free(e);
    return 0;
}

int apply_status_over(const struct applier *a, const json *live, const json *status,
                      struct error **err)
{
    struct kube_ref ref;
    struct error *e = NULL;
    cleanup_json json *wanted = json_make("{'status':%j}", json_give_copy(status));
    cleanup_json json *merged = json_give_merged(json_give_copy(live), wanted);
    if (json_equal(merged, live))
        return 0;
    if (find_ref(a, live, &ref, err) < 0)
        return -1;
    ref.subresource = "status";
    if (kube_patch(a->kube, a->ctx, &ref, KUBE_PATCH_MERGE, wanted, NULL, NULL, &e) == 0)
        return 0;
    if (!error_is(e, ERR_NOT_FOUND))
        return error_move(err, &e);
    error_free(e); /* a kind whose status is an ordinary field */
    ref.subresource = NULL;
    return kube_patch(a->kube, a->ctx, &ref, KUBE_PATCH_MERGE, wanted, NULL, NULL, err);
}

int apply_status(const struct applier *a, const json *object, const json *status,
                 struct error **err)
{
    struct kube_ref ref;
    cleanup_json json *live = NULL;
    if (find_ref(a, object, &ref, err) < 0 || kube_get(a->kube, a->ctx, &ref, &live, err) < 0)
        return -1;
    return apply_status_over(a, live, status, err);
}
