#include "rp/cluster/ifreload.h"

#include "operator/deploy/ensure.h"
#include "pkg/base/mem.h"
#include "rp/cluster/kube.h"
#include "rp/cluster/operator_spec.h"

#define NAMESPACE "openshift-azure-ifreload"
#define NAME "ifreload"
#define CONSTRAINTS "privileged-ifreload"
#define IMAGE "ifreload:109810fe"
#define ACCOUNT "system:serviceaccount:" NAMESPACE ":default"
#define WAIT_MS ((int64_t)30 * 60 * 1000)
#define POLL_MS 10000

/* They come with an operator that may not have started yet; until then there is no such kind either. */
static int wait_for_privileged(const struct cluster *c, const struct opctx *parent, json **ret,
                               struct error **err)
{
    const struct kube_ref *ref = KUBE_REF(&GVR_SECURITYCONTEXTCONSTRAINTS, NULL, "privileged");
    const struct opctx ctx = opctx_with_timeout_ms(parent, WAIT_MS);
    for (;;) {
        cleanup_error struct error *e = NULL;
        if (kube_get(c->kube, &ctx, ref, ret, &e) == 0)
            return 0;
        if (opctx_sleep_ms(&ctx, POLL_MS, err) < 0)
            return error_wrap(err, "waiting for the security context of privileged pods (%s)",
                              error_text(e));
    }
}

/* metadata belongs to the original. */
static json *give_constraints(const json *privileged)
{
    json *copy = json_give_copy(privileged);
    json_put(copy, "metadata", json_make("{'name':%s}", CONSTRAINTS));
    json_put(copy, "groups", json_new_array());
    json_put(copy, "users", json_make("[%s]", ACCOUNT));
    return copy;
}

static json *give_daemon_set(const struct cluster *c)
{
    cleanup_free char *registry = operator_spec_give_registry(c);
    cleanup_free char *image = xasprintf("%s/" IMAGE, registry);
    json *container =
        json_make("{'name':%s,'image':%s,'securityContext':{'privileged':true}}", NAME, image);
    return json_make("{'apiVersion':'apps/v1','kind':'DaemonSet',"
                     "'metadata':{'name':%s,'namespace':%s},"
                     "'spec':{'selector':{'matchLabels':{'app':%s}},"
                     "'template':{'metadata':{'labels':{'app':%s}},"
                     "'spec':{'hostNetwork':true,'tolerations':[{'operator':'Exists'}],"
                     "'containers':[%j]}}}}",
                     NAME, NAMESPACE, NAME, NAME, container);
}

int cluster_ensure_ifreload(void *arg, const struct opctx *ctx, struct error **err)
{
    const struct cluster *c = arg;
    cleanup_json json *privileged = NULL;
    if (wait_for_privileged(c, ctx, &privileged, err) < 0)
        return -1;
    cleanup_json json *objects =
        json_make("[{'apiVersion':'v1','kind':'Namespace','metadata':{'name':%s,'annotations':"
                  "{'openshift.io/node-selector':''}}},%j,%j]",
                  NAMESPACE, give_constraints(privileged), give_daemon_set(c));
    if (ensure_objects(c->kube, ctx, objects, err) < 0)
        return error_wrap(err, "deploying " NAME);
    return 0;
}
