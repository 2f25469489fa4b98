#include "operator/controllers/dnsmasq_cluster.h"

#include "operator/controllers/dnsmasq.h"
#include "operator/rebootgate.h"

static int reconcile(struct reconcile *rc, struct result *ret, struct error **err)
{
    bool is_open;
    (void)ret;
    if (reboot_gate_is_open(rc, &is_open, err) < 0)
        return -1;
    return poolconfig_ensure_all(rc, &dnsmasq_poolconfig, is_open, err);
}

static const struct watch watches[] = {
    WATCH_CLUSTER,
    { .gvr = &GVR_CLUSTERVERSIONS, .name = "version", .optional = true },
};
static const struct right rights[] = {
    POOLCONFIG_RIGHTS,
};

const struct controller_desc dnsmasq_cluster_controller = {
    .name = "DnsmasqCluster",
    .doc =
        "Lets the machines of every pool know the cluster's own names; changes wait for the next "
        "upgrade.",
    .roles = ROLE_MASTER,
    .flag = FLAG_DNSMASQ_ENABLED,
    DESC_WATCHES(watches),
    DESC_RIGHTS(rights),
    .has_conditions = true,
    .reconcile = reconcile,
};
