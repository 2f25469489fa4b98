#include "operator/deploy/ensure.h"

#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

/* Kinds part of which cannot be changed: the API server answers 422, and only a new object helps. */
static const char *const recreated_kinds[] = { "ClusterRoleBinding", "RoleBinding", "DaemonSet",
                                               "Deployment", "StatefulSet" };

struct ensuring {
    struct kube_client *kube;
    const struct kube_ref *ref;
    const json *want;
    bool changed;
};

static const char *or_empty(const char *text)
{
    return text ? text : "";
}

static int create(struct ensuring *e, const struct opctx *ctx, struct error **err)
{
    struct kube_write_options opt = { .field_manager = ENSURE_FIELD_MANAGER, .force = true };
    e->changed = true;
    return kube_apply(e->kube, ctx, e->ref, e->want, &opt, NULL, err);
}

static bool can_recreate(const json *want)
{
    const char *kind = json_path_str(want, "kind");
    for (size_t i = 0; i < ARRAY_LEN(recreated_kinds); i++)
        if (str_eq(kind, recreated_kinds[i]))
            return true;
    return false;
}

static int recreate(struct ensuring *e, const struct opctx *ctx, const json *live,
                    struct error **err)
{
    struct kube_delete_options opt = KUBE_DELETE_DEFAULTS;
    opt.propagation = "Background";
    opt.uid = json_path_str(live, "metadata.uid"); /* not the one that somebody made meanwhile */
    log_info(ctx->log, "recreating %s %s: its immutable fields differ", json_path_str(live, "kind"),
             json_path_str(live, "metadata.name"));
    struct error *failure = NULL;
    if (kube_delete(e->kube, ctx, e->ref, &opt, &failure) < 0 &&
        !error_is(failure,
                  ERR_NOT_FOUND)) /* by whomever: by our own attempt whose answer was lost */
        return error_move(err, &failure);
    error_free(failure);
    return create(e, ctx, err);
}

/* What the object would look like once the server filled in defaults; nothing is written. */
static int dry_run(struct ensuring *e, const struct opctx *ctx, const json *merged, json **ret,
                   struct error **err)
{
    struct kube_write_options opt = { .dry_run = true, .field_manager = ENSURE_FIELD_MANAGER };
    return kube_update(e->kube, ctx, e->ref, merged, &opt, ret, err);
}

static int update(struct ensuring *e, const struct opctx *ctx, const json *live, struct error **err)
{
    cleanup_json json *merged = ensure_give_merged(live, e->want);
    if (ensure_same(live, merged))
        return 0;
    cleanup_json json *outcome = NULL;
    struct error *refusal = NULL;
    if (dry_run(e, ctx, merged, &outcome, &refusal) < 0) {
        bool immutable = error_is(refusal, ERR_UNPROCESSABLE) && can_recreate(e->want);
        if (!immutable)
            return error_move(err, &refusal);
        error_free(refusal);
        return recreate(e, ctx, live, err);
    }
    if (ensure_same(live, outcome))
        return 0;
    cleanup_free char *diff = ensure_give_diff(live, outcome);
    log_info(ctx->log, "updating %s %s%s%s: %s", e->ref->gvr->kind, or_empty(e->ref->nspace),
             e->ref->nspace ? "/" : "", e->ref->name, diff);
    e->changed = true;
    struct kube_write_options opt = { .field_manager = ENSURE_FIELD_MANAGER };
    return kube_update(e->kube, ctx, e->ref, merged, &opt, NULL, err);
}

static int try_ensure(void *arg, const struct opctx *ctx, int attempt, struct error **err)
{
    (void)attempt; /* every attempt reads live */
    struct ensuring *e = arg;
    cleanup_json json *live = NULL;
    struct error *missing = NULL;
    if (kube_get(e->kube, ctx, e->ref, &live, &missing) == 0)
        return update(e, ctx, live, err);
    if (!error_is(missing, ERR_NOT_FOUND))
        return error_move(err, &missing);
    error_free(missing);
    return create(e, ctx, err);
}

int ensure_object(struct kube_client *k, const struct opctx *ctx, const json *want,
                  bool *ret_changed, struct error **err)
{
    struct kube_ref ref;
    if (kube_ref_of(want, &ref, err) < 0)
        return -1;
    struct ensuring e = { .kube = k, .ref = &ref, .want = want };
    if (kube_retry_on_conflict(ctx, try_ensure, &e, err) < 0)
        return error_wrap(err, "%s %s%s%s", ref.gvr->kind, or_empty(ref.nspace),
                          ref.nspace ? "/" : "", ref.name);
    if (ret_changed)
        *ret_changed = e.changed;
    return 0;
}

int ensure_objects(struct kube_client *k, const struct opctx *ctx, json *objects,
                   struct error **err)
{
    ensure_annotate_hashes(objects);
    ensure_sort(objects);
    for (size_t i = 0; i < json_len(objects); i++)
        if (ensure_object(k, ctx, json_at(objects, i), NULL, err) < 0)
            return -1;
    return 0;
}
