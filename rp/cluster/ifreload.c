#include "rp/cluster/ifreload.h"

#include "operator/deploy/ensure.h"
#include "operator/deploy/privileged.h"
#include "pkg/base/mem.h"
#include "rp/cluster/cluster_version.h"
#include "rp/cluster/operator_spec.h"
#include "rp/cluster/privileged.h"

#define NAMESPACE "openshift-azure-ifreload"
#define NAME "ifreload"
#define CONSTRAINTS "privileged-ifreload"
#define IMAGE "ifreload:109810fe"
#define ACCOUNT "default"

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
    if (privileged_wait(c, ctx, &privileged, err) < 0)
        return -1;
    cleanup_json json *objects = json_make(
        "[{'apiVersion':'v1','kind':'Namespace','metadata':{'name':%s,'annotations':"
        "{'openshift.io/node-selector':''}}},%j,%j]",
        NAMESPACE, privileged_give_constraints(privileged, CONSTRAINTS, NAMESPACE, ACCOUNT),
        give_daemon_set(c));
    if (ensure_objects(c->kube, ctx, objects, err) < 0)
        return error_wrap(err, "deploying " NAME);
    return 0;
}

int cluster_keep_ifreload(void *arg, const struct opctx *ctx, struct error **err)
{
    const struct cluster *c = arg;
    bool has_operator;
    if (cluster_runs_minor(c, ctx, CLUSTER_OPERATOR_MINOR, &has_operator, err) < 0)
        return -1;
    return has_operator ? 0 : cluster_ensure_ifreload(arg, ctx, err);
}
