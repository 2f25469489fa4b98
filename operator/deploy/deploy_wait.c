/* Waiting for what others make: definitions that become served, namespaces of the platform. */
#include <string.h>

#include "operator/deploy/deploy_impl.h"
#include "operator/deploy/mdsd.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define CRD_WAIT_MS 60000
/* A cluster that is being installed gets its namespaces one after the other. */
#define NAMESPACE_WAIT_MS 600000

static bool has_condition(const json *object, const char *type)
{
    json *conditions = json_path(object, "status.conditions");
    for (size_t i = 0; i < json_len(conditions); i++)
        if (str_eq(json_path_str(json_at(conditions, i), "type"), type))
            return str_eq(json_path_str(json_at(conditions, i), "status"), "True");
    return false;
}

static bool is_terminating(const json *object)
{
    return json_path_has(object, "metadata.deletionTimestamp");
}

static bool is_served(const json *object)
{
    if (is_terminating(object))
        return false;
    return !str_eq(json_path_str(object, "kind"), GVR_CUSTOMRESOURCEDEFINITIONS.kind) ||
           (has_condition(object, "Established") && has_condition(object, "NamesAccepted"));
}

/* Said once: people watch, and minutes may pass. */
static void tell_wait(const struct opctx *ctx, const struct kube_ref *ref, const char *what,
                      int64_t limit_ms, bool *told)
{
    if (!*told)
        log_info(ctx->log, "waiting for %s%s %s, at most %lld s", what, ref->gvr->kind, ref->name,
                 (long long)(limit_ms / 1000));
    *told = true;
}

/* Polls until the object is there and served. */
static int wait_object(struct kube_client *k, const struct opctx *ctx, const struct kube_ref *ref,
                       int64_t limit_ms, struct error **err)
{
    struct opctx limited = opctx_with_timeout_ms(ctx, limit_ms);
    for (bool told = false;;) {
        cleanup_json json *object = NULL;
        struct error *e = NULL;
        if (kube_get(k, &limited, ref, &object, &e) < 0 && !error_is(e, ERR_NOT_FOUND)) {
            error_move(err, &e);
            return error_wrap(err, "waiting for %s %s", ref->gvr->kind, ref->name);
        }
        error_free(e);
        if (object && is_served(object))
            return 0;
        tell_wait(ctx, ref, "", limit_ms, &told);
        if (opctx_sleep_ms(&limited, DEPLOY_POLL_MS, err) < 0)
            return error_wrap(err, "waiting for %s %s", ref->gvr->kind, ref->name);
    }
}

int deploy_wait_crds(struct kube_client *k, const struct opctx *ctx, const json *objects,
                     struct error **err)
{
    const struct gvr *crd = &GVR_CUSTOMRESOURCEDEFINITIONS;
    for (size_t i = 0; i < json_len(objects); i++) {
        json *object = json_at(objects, i);
        if (!str_eq(json_path_str(object, "kind"), crd->kind))
            continue;
        const char *name = json_path_str(object, "metadata.name");
        if (wait_object(k, ctx, KUBE_REF(crd, NULL, name), CRD_WAIT_MS, err) < 0)
            return -1;
    }
    return 0;
}

int deploy_wait_logging(struct kube_client *k, const struct opctx *ctx, bool *ret,
                        struct error **err)
{
    const struct kube_ref *ref = KUBE_REF(&GVR_NAMESPACES, NULL, LOGGING_NAMESPACE);
    struct opctx limited = opctx_with_timeout_ms(ctx, NAMESPACE_WAIT_MS);
    for (bool told = false;;) {
        cleanup_json json *live = NULL;
        struct error *e = NULL;
        if (kube_get(k, &limited, ref, &live, &e) < 0 && !error_is(e, ERR_NOT_FOUND))
            return error_move(err, &e);
        error_free(e);
        *ret = live != NULL;
        if (!live || !is_terminating(live))
            return 0;
        tell_wait(ctx, ref, "the end of ", NAMESPACE_WAIT_MS, &told);
        if (opctx_sleep_ms(&limited, DEPLOY_POLL_MS, err) < 0)
            return error_wrap(err, "waiting for the end of Namespace %s", ref->name);
    }
}

static bool makes_namespace(const json *objects, const char *name)
{
    for (size_t i = 0; i < json_len(objects); i++)
        if (str_eq(json_path_str(json_at(objects, i), "kind"), GVR_NAMESPACES.kind) &&
            str_eq(json_path_str(json_at(objects, i), "metadata.name"), name))
            return true;
    return false;
}

int deploy_wait_namespaces(struct kube_client *k, const struct opctx *ctx, const json *objects,
                           struct error **err)
{
    cleanup_strv struct strv names = STRV_INIT;
    for (size_t i = 0; i < json_len(objects); i++) {
        const char *name = json_path_str(json_at(objects, i), "metadata.namespace");
        if (name && !makes_namespace(objects, name))
            strv_add_unique(&names, name);
    }
    for (size_t i = 0; i < names.len; i++)
        if (wait_object(k, ctx, KUBE_REF(&GVR_NAMESPACES, NULL, names.v[i]), NAMESPACE_WAIT_MS,
                        err) < 0)
            return -1;
    return 0;
}
