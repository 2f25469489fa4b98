#include "operator/controllers/dnsmasq_machineconfig.h"

#include "operator/controllers/dnsmasq.h"
#include "operator/rebootgate.h"
#include "pkg/base/mem.h"

/* Of the Cluster's own changes DnsmasqCluster takes care. */
static int reconcile(struct reconcile *rc, struct result *ret, struct error **err)
{
    cleanup_free char *pool = poolconfig_give_pool(&dnsmasq_poolconfig, rc->key);
    bool is_open;
    (void)ret;
    if (!pool)
        return 0;
    if (reboot_gate_is_open(rc, &is_open, err) < 0)
        return -1;
    return poolconfig_ensure(rc, &dnsmasq_poolconfig, pool, is_open, err);
}

static const struct watch watches[] = {
    WATCH_CLUSTER,
    WATCH_POOLCONFIGS(DNSMASQ_SUFFIX),
};
static const struct right rights[] = {
    POOLCONFIG_RIGHTS,
};

const struct controller_desc dnsmasq_machineconfig_controller = {
    .name = "DnsmasqMachineConfig",
    .doc = "Restores a MachineConfig of dnsmasq that somebody deleted or, during upgrades, edited.",
    .roles = ROLE_MASTER,
    .flag = FLAG_DNSMASQ_ENABLED,
    DESC_WATCHES(watches),
    DESC_RIGHTS(rights),
    .has_conditions = true,
    .reconcile = reconcile,
};
