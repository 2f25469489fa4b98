/*
 * Deleting an object and creating it as it is wanted: for changes that the server does not allow. In between the object is
 * not there, and whoever is killed then leaves it so until the set is applied again. So what holds others, or data, is never replaced,
 * and nothing that the server would not create: it is asked first. What then cannot be created after all is put back as it was.
 */
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/apply/work.h"

#define GONE_WAIT_MS 60000
#define GONE_LOOK_MS 200
#define GONE_LOOK_MAX_MS 2000

static const struct {
    const char *group, *kind;
} never[] = {
    { "", "Namespace" },
    { "", "PersistentVolume" },
    { "", "PersistentVolumeClaim" },
    { "", "Node" },
    { "apiextensions.k8s.io", "CustomResourceDefinition" },
    { "machine.openshift.io", "Machine" },
    { "cluster.x-k8s.io", "Machine" },
};

static bool is_marked(const json *object)
{
    const char *value =
        json_path_str(object, "metadata.annotations[\"" ANNOTATION_NEVER_REPLACE "\"]");
    return value && strcmp(value, "false") != 0;
}

static bool may_replace(const struct gvr *gvr, const json *live, const json *wanted)
{
    for (size_t i = 0; i < ARRAY_LEN(never); i++)
        if (strcmp(never[i].group, gvr->group) == 0 && strcmp(never[i].kind, gvr->kind) == 0)
            return false;
    return !is_marked(live) && !is_marked(wanted);
}

static char *give_finalizers(const json *live)
{
    const json *list = json_path(live, "metadata.finalizers");
    cleanup_strv struct strv names = STRV_INIT;
    for (size_t i = 0; json_is_array(list) && i < json_len(list); i++)
        if (json_str(json_at(list, i)))
            strv_add(&names, json_str(json_at(list, i)));
    return strv_give_joined(&names, ", ");
}

static int wait_until_gone(struct work *w, const struct kube_ref *ref, const char *uid,
                           struct error **err)
{
    int64_t until = clock_mono_ns(w->ctx->clock) + GONE_WAIT_MS * NS_PER_MS;
    for (int64_t pause = GONE_LOOK_MS;; pause = pause < GONE_LOOK_MAX_MS ? 2 * pause : pause) {
        cleanup_json json *live = NULL;
        if (work_look(w, ref, &live, err) < 0)
            return -1;
        if (!live || !str_eq(json_path_str(live, "metadata.uid"), uid))
            return 0;
        if (clock_mono_ns(w->ctx->clock) >= until) {
            cleanup_free char *finalizers = give_finalizers(live);
            /* No timeout: those say that the cluster does not answer. */
            return error_set(err, ERR_CONFLICT,
                             "it was deleted to be replaced, but is still there after %d s "
                             "(finalizers: %s)",
                             GONE_WAIT_MS / 1000, *finalizers ? finalizers : "none");
        }
        if (opctx_sleep_ms(w->ctx, pause, err) < 0)
            return -1;
    }
}

static int restore(struct work *w, const struct kube_ref *ref, const json *live,
                   struct error **refused, struct error **err)
{
    cleanup_json_wiped json *former = json_give_copy(live);
    cleanup_error struct error *e = NULL;
    object_strip(former);
    if (work_create(w, ref, former, &e) == 0)
        return error_set(err, error_kind(*refused),
                         "it cannot be changed and was deleted to be created anew, which failed: "
                         "%s; it was put back as it was",
                         error_text(*refused));
    return error_set(err, error_kind(*refused),
                     "it cannot be changed and was deleted to be created anew, which failed: %s; "
                     "putting it back as it was failed, too: %s",
                     error_text(*refused), error_text(e));
}

int replace_object(struct work *w, const struct kube_ref *ref, const json *live, const json *wanted,
                   struct error *why, struct error **err)
{
    cleanup_error struct error *refusal = why, *e = NULL;
    const char *uid = json_path_str(live, "metadata.uid");
    if (!may_replace(ref->gvr, live, wanted)) {
        error_move(err, &refusal);
        return error_wrap(err, "it is never deleted to be created anew");
    }
    if (work_try_create(w, ref, wanted, &e) < 0) {
        error_move(err, &e);
        return error_wrap(err, "it cannot be changed (%s), and stays: it would not be created anew",
                          error_text(refusal));
    }
    if (work_delete(w, ref, uid, NULL, &e) < 0 && !error_is(e, ERR_NOT_FOUND)) {
        error_move(err, &e);
        return error_wrap(err, "it cannot be changed (%s), nor deleted to be created anew",
                          error_text(refusal));
    }
    error_clear(&e);
    if (wait_until_gone(w, ref, uid, err) < 0)
        return -1;
    if (work_create(w, ref, wanted, &e) == 0)
        return 0;
    return restore(w, ref, live, &e, err);
}
