#include "operator/controllers/machinehealthcheck.h"

#include "operator/deploy/ensure.h"
#include "operator/rebootgate.h"

#define MACHINE_NAMESPACE "openshift-machine-api"
#define CHECK "aro-machinehealthcheck"
#define ALERT "mhc-remediation-alert"

static const struct kube_ref check = { .gvr = &GVR_MACHINEHEALTHCHECKS,
                                       .nspace = MACHINE_NAMESPACE,
                                       .name = CHECK };
static const struct kube_ref alert = { .gvr = &GVR_PROMETHEUSRULES,
                                       .nspace = MACHINE_NAMESPACE,
                                       .name = ALERT };

static json *give_check(const struct reconcile *rc, bool paused)
{
    json *mhc =
        json_make("{'apiVersion':'machine.openshift.io/v1beta1','kind':'MachineHealthCheck',"
                  "'metadata':{'name':%s,'namespace':%s,'ownerReferences':[%j]},"
                  "'spec':{'selector':{'matchExpressions':["
                  "{'key':'machine.openshift.io/"
                  "cluster-api-machine-role','operator':'NotIn','values':['master']},"
                  "{'key':'machine.openshift.io/cluster-api-machineset','operator':'Exists'}]},"
                  "'unhealthyConditions':[{'type':'Ready','status':'False','timeout':'15m'},"
                  "{'type':'Ready','status':'Unknown','timeout':'15m'}],"
                  "'maxUnhealthy':'1','nodeStartupTimeout':'25m'}}",
                  CHECK, MACHINE_NAMESPACE, reconcile_give_owner(rc));
    if (paused)
        json_put(json_get(mhc, "metadata"), "annotations",
                 json_make("{'cluster.x-k8s.io/paused':''}"));
    return mhc;
}

static int install(struct reconcile *rc, struct error **err)
{
    bool paused; /* during an upgrade nodes are not ready by design: remediation must wait */
    if (cluster_is_upgrading(rc, &paused, err) < 0)
        return -1;
    cleanup_json json *want = give_check(rc, paused);
    return ensure_object(rc->kube, rc->ctx, want, NULL, err);
}

static int mhc_reconcile(struct reconcile *rc, struct result *ret, struct error **err)
{
    (void)ret;
    /* The alert came with an older operator; it watched remediations that this check does not do. */
    if (kube_delete_if_present(rc->kube, rc->ctx, &alert, err) < 0)
        return -1;
    return flag_is_on(rc->cluster, FLAG_MACHINEHEALTHCHECK_MANAGED)
               ? install(rc, err)
               : kube_delete_if_present(rc->kube, rc->ctx, &check, err);
}

static const struct watch watches[] = {
    WATCH_CLUSTER,
    /* By name, not by owner: who removes the owner reference gets it back, too. */
    { .gvr = &GVR_MACHINEHEALTHCHECKS,
      .nspace = MACHINE_NAMESPACE,
      .name = CHECK,
      .optional = true },
    { .gvr = &GVR_PROMETHEUSRULES, .nspace = MACHINE_NAMESPACE, .name = ALERT, .optional = true },
    { .gvr = &GVR_CLUSTERVERSIONS, .name = "version", .optional = true },
};
static const struct right rights[] = {
    { .gvr = &GVR_MACHINEHEALTHCHECKS,
      .verbs = "get create patch update delete",
      .nspace = MACHINE_NAMESPACE,
      .names = CHECK },
    { .gvr = &GVR_PROMETHEUSRULES, .verbs = "delete", .nspace = MACHINE_NAMESPACE, .names = ALERT },
    { .gvr = &GVR_CLUSTERVERSIONS, .verbs = "get", .names = "version" },
};

const struct controller_desc machinehealthcheck_controller = {
    .name = "MachineHealthCheck",
    .doc = "Installs the machine health check that replaces broken workers, paused while the "
           "cluster upgrades.",
    .roles = ROLE_MASTER,
    .flag = FLAG_MACHINEHEALTHCHECK_ENABLED,
    DESC_WATCHES(watches),
    DESC_RIGHTS(rights),
    .has_conditions = true,
    .reconcile = mhc_reconcile,
};
