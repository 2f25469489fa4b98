#include "operator/controllers/dnsmasq_machineconfigpool.h"

#include "operator/controllers/dnsmasq.h"
#include "operator/rebootgate.h"

/* A key is a pool's name. The Cluster's own, "cluster", is some pool's at most, which has what it needs then. */
static int reconcile(struct reconcile *rc, struct result *ret, struct error **err)
{
    bool is_open;
    (void)ret;
    if (reboot_gate_is_open(rc, &is_open, err) < 0)
        return -1;
    return poolconfig_ensure(rc, &dnsmasq_poolconfig, rc->key, is_open, err);
}

static const struct watch watches[] = {
    WATCH_CLUSTER,
    { .gvr = &GVR_MACHINECONFIGPOOLS,
      .projection = PROJECT_METADATA,
      .wake = WAKE_OBJECT,
      .only_generation = true,
      .optional = true },
};
static const struct right rights[] = {
    POOLCONFIG_RIGHTS,
};

const struct controller_desc dnsmasq_machineconfigpool_controller = {
    .name = "DnsmasqMachineConfigPool",
    .doc = "Lets the machines of a new pool know the cluster's own names.",
    .roles = ROLE_MASTER,
    .flag = FLAG_DNSMASQ_ENABLED,
    DESC_WATCHES(watches),
    DESC_RIGHTS(rights),
    .has_conditions = true,
    .reconcile = reconcile,
};
