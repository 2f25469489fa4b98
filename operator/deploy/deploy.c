#include "operator/deploy/deploy.h"

#include <string.h>

#include "operator/deploy/deploy_impl.h"
#include "operator/deploy/ensure.h"
#include "operator/deploy/render.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define FORCE_PATH "spec.operatorflags[\"aro.forcereconciliation\"]"
#define RESTART_PATH "spec.template.metadata.annotations[\"kubectl.kubernetes.io/restartedAt\"]"
#define UPGRADE_PATH "metadata.annotations[\"cloudcredential.openshift.io/upgradeable-to\"]"
/* Other tools restart, too: the annotation is the resource provider's while it deploys. */
#define RESTART_MANAGER "aro-rp"
#define OWN_TRIES 60

static const struct kube_ref cluster_ref = { .gvr = &GVR_CLUSTERS, .name = DEPLOY_CLUSTER };
static const struct kube_ref secret_at = { .gvr = &GVR_SECRETS,
                                           .nspace = DEPLOY_NAMESPACE,
                                           .name = DEPLOY_SECRET };

/* Absent: *ret is NULL. */
static int get_if_present(struct kube_client *k, const struct opctx *ctx,
                          const struct kube_ref *ref, json **ret, struct error **err)
{
    struct error *e = NULL;
    *ret = NULL;
    if (kube_get(k, ctx, ref, ret, &e) < 0 && !error_is(e, ERR_NOT_FOUND))
        return error_move(err, &e);
    error_free(e);
    return 0;
}

/* ---- the Secret belongs to the Cluster ---- */

struct owning {
    struct kube_client *kube;
    const json *owner;
};

static bool is_owned(const json *object, const json *owner)
{
    json *owners = json_path(object, "metadata.ownerReferences");
    for (size_t i = 0; i < json_len(owners); i++)
        if (json_equal(json_at(owners, i), owner))
            return true;
    return false;
}

static int try_own(const struct owning *o, const struct opctx *ctx, struct error **err)
{
    cleanup_json json *secret = NULL;
    if (kube_get(o->kube, ctx, &secret_at, &secret, err) < 0)
        return -1;
    if (is_owned(secret, o->owner))
        return 0;
    /* Whoever was the controller is an earlier incarnation of the Cluster. */
    json_put(json_get(secret, "metadata"), "ownerReferences",
             json_make("[%j]", json_give_copy(o->owner)));
    return kube_update(o->kube, ctx, &secret_at, secret, NULL, NULL, err);
}

/* Right after the definition was made, the server may not know yet who may own what. */
static int own_secret(struct kube_client *k, const struct opctx *ctx, struct error **err)
{
    cleanup_json json *cluster = NULL;
    if (get_if_present(k, ctx, &cluster_ref, &cluster, err) < 0)
        return -1;
    if (!cluster)
        return 0;
    cleanup_json json *owner =
        json_make("{'apiVersion':'aro.openshift.io/v1alpha1','kind':'Cluster','name':%s,'uid':%s,"
                  "'controller':true,'blockOwnerDeletion':true}",
                  DEPLOY_CLUSTER, json_path_str(cluster, "metadata.uid"));
    const struct owning o = { k, owner };
    for (int tries = 1;; tries++) {
        struct error *e = NULL;
        if (try_own(&o, ctx, &e) == 0)
            return 0;
        bool again = error_is(e, ERR_CONFLICT) || error_is(e, ERR_FORBIDDEN);
        if (!again || tries == OWN_TRIES) {
            error_move(err, &e);
            return error_wrap(err, "making the Cluster owner of Secret " DEPLOY_NAMESPACE
                                   "/" DEPLOY_SECRET);
        }
        error_free(e);
        if (opctx_sleep_ms(ctx, DEPLOY_POLL_MS, err) < 0)
            return -1;
    }
}

/* ---- install, update ---- */

/* Made only where it is missing: labels and owner are the operator's business. */
static int make_logging_namespace(struct kube_client *k, const struct opctx *ctx,
                                  struct error **err)
{
    bool there;
    cleanup_json json *objects = json_new_array();
    if (deploy_wait_logging(k, ctx, &there, err) < 0 ||
        render_file("operator/genevalogging/common/namespace.yaml", NULL, 0, objects, err) < 0)
        return -1;
    return there ? 0 : ensure_object(k, ctx, json_at(objects, 0), NULL, err);
}

static json *give_of_kind(const json *objects, const char *kind, bool wanted)
{
    json *out = json_new_array();
    for (size_t i = 0; i < json_len(objects); i++)
        if (str_eq(json_path_str(json_at(objects, i), "kind"), kind) == wanted)
            json_append(out, json_ref(json_at(objects, i)));
    return out;
}

static int apply_all(struct kube_client *k, const struct opctx *ctx,
                     const struct deploy_options *opt, struct error **err)
{
    cleanup_json json *objects = NULL;
    if (deploy_give_objects(opt, &objects, err) < 0)
        return -1;
    cleanup_json json *crds = give_of_kind(objects, GVR_CUSTOMRESOURCEDEFINITIONS.kind, true);
    cleanup_json json *rest = give_of_kind(objects, GVR_CUSTOMRESOURCEDEFINITIONS.kind, false);
    if (ensure_objects(k, ctx, crds, err) < 0 || deploy_wait_crds(k, ctx, crds, err) < 0 ||
        make_logging_namespace(k, ctx, err) < 0 || deploy_wait_namespaces(k, ctx, rest, err) < 0)
        return -1;
    return ensure_objects(k, ctx, rest, err);
}

int deploy_update(struct kube_client *k, const struct opctx *ctx, const struct deploy_options *opt,
                  struct error **err)
{
    if (apply_all(k, ctx, opt, err) < 0)
        return error_wrap(err, "updating the operator");
    return own_secret(k, ctx, err);
}

int deploy_install(struct kube_client *k, const struct opctx *ctx, const struct deploy_options *opt,
                   struct error **err)
{
    if (!opt->cluster_spec)
        return error_set(err, ERR_INVALID, "the Cluster resource has no spec");
    if (apply_all(k, ctx, opt, err) < 0)
        return error_wrap(err, "installing the operator");
    return deploy_sync_cluster(k, ctx, opt->cluster_spec, err);
}

int deploy_sync_cluster(struct kube_client *k, const struct opctx *ctx, const json *cluster_spec,
                        struct error **err)
{
    cleanup_json json *want =
        json_make("{'apiVersion':'aro.openshift.io/v1alpha1','kind':'Cluster',"
                  "'metadata':{'name':%s},'spec':%j}",
                  DEPLOY_CLUSTER, json_give_copy(cluster_spec));
    if (ensure_object(k, ctx, want, NULL, err) < 0)
        return error_wrap(err, "writing the Cluster resource");
    return own_secret(k, ctx, err);
}

int deploy_credentials_request(struct kube_client *k, const struct opctx *ctx,
                               const struct deploy_options *opt, struct error **err)
{
    cleanup_json json *want = NULL;
    if (deploy_give_credentials_request(opt, &want, err) < 0)
        return -1;
    return ensure_object(k, ctx, want, NULL, err);
}

/* ---- small edits ---- */

int deploy_ensure_upgrade_annotation(struct kube_client *k, const struct opctx *ctx,
                                     const char *upgradeable_to, struct error **err)
{
    const struct kube_ref *ref = KUBE_REF(&GVR_CLOUDCREDENTIALS, NULL, "cluster");
    cleanup_json json *live = NULL;
    if (!upgradeable_to || !*upgradeable_to)
        return 0;
    if (kube_get(k, ctx, ref, &live, err) < 0)
        return -1;
    if (str_eq(json_path_str(live, UPGRADE_PATH), upgradeable_to))
        return 0;
    cleanup_json json *patch = json_new_object();
    if (json_set_str(patch, UPGRADE_PATH, upgradeable_to, err) < 0)
        return -1;
    return kube_patch(k, ctx, ref, KUBE_PATCH_MERGE, patch, NULL, NULL, err);
}

static int restart_one(struct kube_client *k, const struct opctx *ctx, const char *name,
                       struct error **err)
{
    const struct kube_ref *ref = KUBE_REF(&GVR_DEPLOYMENTS, DEPLOY_NAMESPACE, name);
    const struct kube_write_options opt = { .field_manager = RESTART_MANAGER, .force = true };
    char now[TIME_TEXT_MAX];
    time_rfc3339(clock_wall_ns(ctx->clock), now);
    cleanup_json json *patch = json_make("{'apiVersion':'apps/v1','kind':'Deployment',"
                                         "'metadata':{'name':%s,'namespace':%s}}",
                                         name, DEPLOY_NAMESPACE);
    if (json_set_str(patch, RESTART_PATH, now, err) < 0 ||
        kube_apply(k, ctx, ref, patch, &opt, NULL, err) < 0)
        return error_wrap(err, "restarting Deployment %s", name);
    return 0;
}

int deploy_restart(struct kube_client *k, const struct opctx *ctx, const char *const *deployments,
                   struct error **err)
{
    for (; *deployments; deployments++)
        if (restart_one(k, ctx, *deployments, err) < 0)
            return -1;
    return 0;
}

struct renewal {
    struct kube_client *kube;
    const struct secret *cert_pem, *key_pem;
};

static int try_renew(void *arg, const struct opctx *ctx, int attempt, struct error **err)
{
    (void)attempt; /* every attempt reads live */
    const struct renewal *r = arg;
    cleanup_json json *live = NULL;
    if (kube_get(r->kube, ctx, &secret_at, &live, err) < 0)
        return -1;
    cleanup_json json *object = json_give_copy(live);
    deploy_put_secret(object, "gcscert.pem", r->cert_pem);
    deploy_put_secret(object, "gcskey.pem", r->key_pem);
    return json_equal(object, live)
               ? 0
               : kube_update(r->kube, ctx, &secret_at, object, NULL, NULL, err);
}

int deploy_renew_certificate(struct kube_client *k, const struct opctx *ctx,
                             const struct secret *cert_pem, const struct secret *key_pem,
                             struct error **err)
{
    struct renewal r = { k, cert_pem, key_pem };
    if (kube_retry_on_conflict(ctx, try_renew, &r, err) < 0)
        return error_wrap(err, "renewing mdsd's certificate");
    return 0;
}

struct forcing {
    struct kube_client *kube;
    const char *value;
};

static int try_force(void *arg, const struct opctx *ctx, int attempt, struct error **err)
{
    (void)attempt; /* every attempt reads live */
    const struct forcing *f = arg;
    cleanup_json json *cluster = NULL;
    if (kube_get(f->kube, ctx, &cluster_ref, &cluster, err) < 0)
        return -1;
    if (str_eq(json_path_str(cluster, FORCE_PATH), f->value))
        return 0;
    if (json_set_str(cluster, FORCE_PATH, f->value, err) < 0)
        return -1;
    return kube_update(f->kube, ctx, &cluster_ref, cluster, NULL, NULL, err);
}

int deploy_set_force_reconcile(struct kube_client *k, const struct opctx *ctx, bool on,
                               struct error **err)
{
    struct forcing f = { k, on ? "true" : "false" };
    if (kube_retry_on_conflict(ctx, try_force, &f, err) < 0)
        return error_wrap(err, "setting the Cluster's forced reconciliation");
    return 0;
}
