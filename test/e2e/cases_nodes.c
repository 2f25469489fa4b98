/* What machines are told by MachineConfigs, which nobody may change without need: machines restart for it. */
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/e2e/e2e.h"

#define MASTER "99-master-aro-dns"
#define WORKER "99-worker-aro-dns"
#define HOSTS(pool) "99-" pool "-aro-etc-hosts-gateway-domains"
#define POOL "of-the-customer"
#define STAYS_MS 2000
#define FIRST_FILE "spec.config.storage.files[0].path"
#define CONF EXPECT(&GVR_MACHINECONFIGS, NULL, WORKER, FIRST_FILE, "/etc/dnsmasq.conf")

/* ---- outside of an upgrade ---- */

static int check_owner(struct e2e *t, const char *name, const char *pool, struct error **err)
{
    return eventually(
        t, SOON_MS, check_expect,
        EXPECT(&GVR_MACHINECONFIGS, NULL, name, "metadata.ownerReferences[0].name", pool), err);
}

static int names_run(struct e2e *t, struct error **err)
{
    if (check_owner(t, MASTER, "master", err) < 0 || check_owner(t, WORKER, "worker", err) < 0 ||
        eventually(t, SOON_MS, check_expect, CONF, err) < 0)
        return -1;
    return e2e_expect_recreated(t, &GVR_MACHINECONFIGS, NULL, WORKER, err);
}

static int empty(struct e2e *t, const char *name, struct error **err)
{
    if (e2e_save(t, &GVR_MACHINECONFIGS, NULL, name, err) < 0)
        return -1;
    return e2e_patch(t, &GVR_MACHINECONFIGS, NULL, name,
                     json_make("{'spec':{'config':{'storage':null}}}"), err);
}

static int gate_run(struct e2e *t, struct error **err)
{
    if (empty(t, WORKER, err) < 0 ||
        consistently(t, STAYS_MS, check_expect,
                     EXPECT(&GVR_MACHINECONFIGS, NULL, WORKER, FIRST_FILE, NULL), err) < 0 ||
        e2e_set_flag(t, "aro.forcereconciliation", "true", err) < 0)
        return -1;
    return eventually(t, SOON_MS, check_expect, CONF, err);
}

/* ---- no loop ---- */

static int stays_run(struct e2e *t, struct error **err)
{
    cleanup_json json *before = NULL;
    if (empty(t, MASTER, err) < 0 || empty(t, WORKER, err) < 0 ||
        e2e_set_flag(t, "aro.forcereconciliation", "true", err) < 0 ||
        eventually(t, SOON_MS, check_expect,
                   EXPECT(&GVR_MACHINECONFIGS, NULL, MASTER, FIRST_FILE, "/etc/dnsmasq.conf"),
                   err) < 0 ||
        eventually(t, SOON_MS, check_expect, CONF, err) < 0 ||
        e2e_get(t, &GVR_MACHINECONFIGS, NULL, WORKER, &before, err) < 0)
        return -1;
    return consistently(t, STAYS_MS, check_expect,
                        EXPECT(&GVR_MACHINECONFIGS, NULL, WORKER, "metadata.resourceVersion",
                               json_path_str(before, "metadata.resourceVersion")),
                        err);
}

/* ---- the hosts file ---- */

static int hosts_run(struct e2e *t, struct error **err)
{
    static const char *const names[] = { HOSTS("master"), HOSTS("worker") };
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (e2e_save(t, &GVR_MACHINECONFIGS, NULL, names[i], err) < 0)
            return -1;
    if (e2e_set_flag(t, "aro.etchosts.enabled", "true", err) < 0 ||
        e2e_set_flag(t, "aro.etchosts.managed", "true", err) < 0 ||
        consistently(t, STAYS_MS, check_absent, OBJECT(&GVR_MACHINECONFIGS, NULL, HOSTS("worker")),
                     err) < 0 ||
        e2e_set_flag(t, "aro.forcereconciliation", "true", err) < 0 ||
        check_owner(t, HOSTS("master"), "master", err) < 0 ||
        check_owner(t, HOSTS("worker"), "worker", err) < 0 ||
        e2e_expect_recreated(t, &GVR_MACHINECONFIGS, NULL, HOSTS("worker"), err) < 0 ||
        e2e_set_flag(t, "aro.etchosts.managed", "false", err) < 0 ||
        eventually(t, SOON_MS, check_absent, OBJECT(&GVR_MACHINECONFIGS, NULL, HOSTS("worker")),
                   err) < 0)
        return -1;
    return eventually(t, SOON_MS, check_absent, OBJECT(&GVR_MACHINECONFIGS, NULL, HOSTS("master")),
                      err);
}

/* ---- pools ---- */

static int pool_run(struct e2e *t, struct error **err)
{
    if (e2e_save(t, &GVR_MACHINECONFIGPOOLS, NULL, POOL, err) < 0 ||
        e2e_create(t,
                   json_make("{'apiVersion':'machineconfiguration.openshift.io/v1',"
                             "'kind':'MachineConfigPool','metadata':{'name':'" POOL "'},'spec':{"
                             "'machineConfigSelector':{'matchLabels':{"
                             "'machineconfiguration.openshift.io/role':'" POOL "'}}}}"),
                   err) < 0 ||
        check_owner(t, "99-" POOL "-aro-dns", POOL, err) < 0 ||
        e2e_delete(t, &GVR_MACHINECONFIGPOOLS, NULL, POOL, err) < 0)
        return -1;
    return eventually(t, SOON_MS, check_absent,
                      OBJECT(&GVR_MACHINECONFIGS, NULL, "99-" POOL "-aro-dns"), err);
}

static const struct e2e_case cases[] = {
    { "ARO Operator should let machines know the cluster's names",
      "Each pool has its MachineConfig, which comes back when it is deleted.", names_run },
    { "ARO Operator should not restart machines outside of an upgrade",
      "An edited MachineConfig stays as it is until a flag forces it.", gate_run },
    { "ARO Operator should leave MachineConfigs alone that are as they should be",
      "What was put right once is not written again.", stays_run },
    { "ARO Operator should write names into hosts files only when machines may restart",
      "Managed and forced there are MachineConfigs, unmanaged there are none.", hosts_run },
    { "ARO Operator should care for the customer's pools of machines",
      "A new pool gets its MachineConfig, which goes with the pool.", pool_run },
};
const struct e2e_table cases_nodes = { cases, ARRAY_LEN(cases) };
