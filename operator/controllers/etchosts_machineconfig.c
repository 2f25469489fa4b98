#include "operator/controllers/etchosts_machineconfig.h"

#include "operator/controllers/etchosts.h"
#include "operator/rebootgate.h"
#include "pkg/base/mem.h"

/* Of the Cluster's own changes, and of what has to go, EtcHostsCluster takes care. */
static int reconcile(struct reconcile *rc, struct result *ret, struct error **err)
{
    cleanup_free char *pool = poolconfig_give_pool(&etchosts_poolconfig, rc->key);
    bool is_open;
    (void)ret;
    if (!pool || !flag_is_on(rc->cluster, FLAG_ETCHOSTS_MANAGED))
        return 0;
    if (reboot_gate_is_open(rc, &is_open, err) < 0)
        return -1;
    return is_open ? poolconfig_ensure(rc, &etchosts_poolconfig, pool, true, err) : 0;
}

static const struct watch watches[] = {
    WATCH_CLUSTER,
    WATCH_POOLCONFIGS(ETCHOSTS_SUFFIX),
};
static const struct right rights[] = {
    POOLCONFIG_RIGHTS,
};

const struct controller_desc etchosts_machineconfig_controller = {
    .name = "EtcHostsMachineConfig",
    .doc = "Restores a MachineConfig of the hosts file that somebody deleted or edited, during "
           "upgrades.",
    .roles = ROLE_MASTER,
    .flag = FLAG_ETCHOSTS_ENABLED,
    DESC_WATCHES(watches),
    DESC_RIGHTS(rights),
    .has_conditions = true,
    .reconcile = reconcile,
};
