#include "operator/controllers/etchosts_cluster.h"

#include "operator/controllers/etchosts.h"
#include "operator/rebootgate.h"

/* Outside of an upgrade not even what is missing is made: clusters have run without it for years. */
static int reconcile(struct reconcile *rc, struct result *ret, struct error **err)
{
    bool is_open;
    (void)ret;
    if (reboot_gate_is_open(rc, &is_open, err) < 0)
        return -1;
    if (!is_open)
        return 0;
    return flag_is_on(rc->cluster, FLAG_ETCHOSTS_MANAGED)
               ? poolconfig_ensure_all(rc, &etchosts_poolconfig, true, err)
               : poolconfig_delete_all(rc, &etchosts_poolconfig, err);
}

static const struct watch watches[] = {
    WATCH_CLUSTER,
    { .gvr = &GVR_CLUSTERVERSIONS, .name = "version", .optional = true },
};
static const struct right rights[] = {
    POOLCONFIG_RIGHTS,
    { .gvr = &GVR_MACHINECONFIGS, .verbs = "list delete" },
};

const struct controller_desc etchosts_cluster_controller = {
    .name = "EtcHostsCluster",
    .doc = "Writes the cluster's own names into the hosts file of every machine during upgrades, "
           "or takes them away.",
    .roles = ROLE_MASTER,
    .flag = FLAG_ETCHOSTS_ENABLED,
    DESC_WATCHES(watches),
    DESC_RIGHTS(rights),
    .has_conditions = true,
    .reconcile = reconcile,
};
