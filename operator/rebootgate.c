#include "operator/rebootgate.h"

#include "pkg/base/strv.h"

int cluster_is_upgrading(struct reconcile *rc, bool *ret, struct error **err)
{
    cleanup_json json *version = NULL;
    if (kube_get(rc->kube, rc->ctx, KUBE_REF(&GVR_CLUSTERVERSIONS, NULL, "version"), &version,
                 err) < 0)
        return error_wrap(err, "error getting the ClusterVersion");
    const json *newest = json_path(version, "status.history[0]");
    *ret = newest && !str_eq(json_path_str(newest, "state"), "Completed");
    return 0;
}

int reboot_gate_is_open(struct reconcile *rc, bool *ret, struct error **err)
{
    if (!flag_is_on(rc->cluster, FLAG_FORCERECONCILIATION))
        return cluster_is_upgrading(rc, ret, err);
    *ret = true;
    return 0;
}
