/*
 * What every namespace gets: the service account "default" and the API server's root certificate.
 * Source: k8s.io/kubernetes pkg/controller/serviceaccount, pkg/controller/certificates/rootcacertpublisher.
 */
#include "hack/devcloud/controllers/behaviours.h"
#include "hack/devcloud/controllers/owned.h"
#include "pkg/base/strv.h"

#define ROOT_CA "kube-root-ca.crt"

static int create(struct control *c, const struct opctx *ctx, const struct gvr *gvr,
                  const char *nspace, const json *object, struct error **err)
{
    struct error *e = NULL;
    if (kube_create(c->kube, ctx, KUBE_REF(gvr, nspace, NULL), object, NULL, NULL, &e) == 0)
        return 0;
    if (!error_is(e, ERR_EXISTS))
        return error_move(err, &e);
    error_free(e);
    return 0;
}

static int keep_account(struct control *c, const struct opctx *ctx, const char *nspace,
                        struct error **err)
{
    cleanup_json json *live = NULL;
    cleanup_json json *wanted = json_make(
        "{'apiVersion':'v1','kind':'ServiceAccount','metadata':{'name':'default','namespace':%s}}",
        nspace);
    if (owned_find(c, ctx, &GVR_SERVICEACCOUNTS, nspace, "default", &live, err) < 0)
        return -1;
    return live ? 0 : create(c, ctx, &GVR_SERVICEACCOUNTS, nspace, wanted, err);
}

static int keep_root_ca(struct control *c, const struct opctx *ctx, const char *nspace,
                        struct error **err)
{
    cleanup_json json *live = NULL;
    cleanup_json json *wanted = json_make("{'apiVersion':'v1','kind':'ConfigMap','metadata':"
                                          "{'name':%s,'namespace':%s},'data':{'ca.crt':%s}}",
                                          ROOT_CA, nspace, c->ca_pem);
    if (owned_find(c, ctx, &GVR_CONFIGMAPS, nspace, ROOT_CA, &live, err) < 0)
        return -1;
    if (!live)
        return create(c, ctx, &GVR_CONFIGMAPS, nspace, wanted, err);
    if (json_equal(json_get(live, "data"), json_get(wanted, "data")))
        return 0;
    json_put(live, "data", json_give_copy(json_get(wanted, "data")));
    return kube_update(c->kube, ctx, KUBE_REF(&GVR_CONFIGMAPS, nspace, ROOT_CA), live, NULL, NULL,
                       err);
}

static int reconcile(struct control *c, struct source *source, const struct opctx *ctx,
                     const char *key, struct result *ret, struct error **err)
{
    cleanup_json json *nspace = NULL;
    (void)source;
    (void)ret;
    if (owned_find(c, ctx, &GVR_NAMESPACES, NULL, key, &nspace, err) < 0)
        return -1;
    if (!nspace || owned_is_deleting(nspace))
        return 0;
    if (keep_account(c, ctx, key, err) < 0)
        return error_wrap(err, "service account default");
    if (c->ca_pem && keep_root_ca(c, ctx, key, err) < 0)
        return error_wrap(err, "ConfigMap " ROOT_CA);
    return 0;
}

static const struct behaviour_watch watches[] = {
    { .gvr = &GVR_NAMESPACES, .map = WATCH_SELF },
    { .gvr = &GVR_SERVICEACCOUNTS,
      .map = WATCH_NAMESPACE,
      .field_selector = "metadata.name=default" },
    { .gvr = &GVR_CONFIGMAPS, .map = WATCH_NAMESPACE, .field_selector = "metadata.name=" ROOT_CA },
};

const struct behaviour accounts_behaviour = {
    .name = "accounts",
    .doc = "Gives every namespace its service account \"default\" and the root certificate.",
    BEHAVIOUR_WATCHES(watches),
    .reconcile = reconcile,
};
