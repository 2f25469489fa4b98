/* compute_rig.h - interfaces and machines in the rig's group aro-cluster, in subnets of its network. */
#ifndef TEST_UNIT_HACK_DEVCLOUD_AZURE_COMPUTE_RIG_H
#define TEST_UNIT_HACK_DEVCLOUD_AZURE_COMPUTE_RIG_H

#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/hack/devcloud/azure_rig.h"
#include "test/unit/support/test.h"

#define CLUSTER_GROUP RIG_SUBSCRIPTION "/resourceGroups/aro-cluster"
#define CLUSTER_NETWORK CLUSTER_GROUP "/providers/Microsoft.Network"
#define CLUSTER_NICS CLUSTER_NETWORK "/networkInterfaces"
#define CLUSTER_COMPUTE CLUSTER_GROUP "/providers/Microsoft.Compute"
#define CLUSTER_MACHINES CLUSTER_COMPUTE "/virtualMachines"
#define MASTER_SUBNET RIG_VNET "/subnets/master"
#define WORKER_SUBNET RIG_VNET "/subnets/worker"
#define COMPUTE_VERSION "?api-version=2020-06-01"

#define NIC_IN(subnet, more) \
    "{'location':'eastus','properties':{'ipConfigurations':[{'name':'pipConfig','properties':{" \
    "'subnet':{'id':'" subnet "'}" more "}}]}}"
/* more: further properties, with a comma before them. */
#define MACHINE_OF(nic, size, data, more) \
    "{'location':'eastus','properties':{'hardwareProfile':{'vmSize':'" size \
    "'},'storageProfile':{'imageReference':{'publisher':'p','offer':'o','sku':'s','version':'1'}," \
    "'osDisk':{'name':'disk-" nic "','createOption':'FromImage','diskSizeGB':100,'managedDisk':{" \
    "'storageAccountType':'Premium_LRS'}}},'osProfile':{'computerName':'" nic \
    "','adminUsername':'core','adminPassword':'secret','customData':'" data \
    "'},'networkProfile':{'networkInterfaces':[{'id':'" CLUSTER_NICS "/" nic "'}]}" more "}}"

/* PUT or another method, the path without a version. */
static inline int compute_call(struct rig *r, const char *method, const char *path,
                               const char *body, struct rig_reply *ret)
{
    cleanup_free char *full = xasprintf("%s" COMPUTE_VERSION, path);
    return rig_call(r, method, full, body, ret);
}

static inline void compute_refused(struct rig *r, const char *method, const char *path,
                                   const char *body, int status, const char *code)
{
    cleanup_free char *full = xasprintf("%s" COMPUTE_VERSION, path);
    rig_refused(r, method, full, body, status, code);
}

/* An interface in the master subnet and a machine with it, both of the name; "aGVsbG8=" is its data. */
#define MAKE_MACHINE(r, name) \
    do { \
        assert_int_equal( \
            compute_call((r), "PUT", CLUSTER_NICS "/" name, NIC_IN(MASTER_SUBNET, ""), NULL), \
            201); \
        assert_int_equal(compute_call((r), "PUT", CLUSTER_MACHINES "/" name, \
                                      MACHINE_OF(name, "Standard_D8s_v3", "aGVsbG8=", ""), NULL), \
                         201); \
    } while (0)

/* ---- load balancers ---- */

#define LBS CLUSTER_NETWORK "/loadBalancers"
#define LB LBS "/lb"
#define LB_FRONTEND LB "/frontendIPConfigurations/f"
#define LB_POOL LB "/backendAddressPools/p"
/* An internal one with a frontend, a pool, a probe and a rule on 6443. */
#define LB_BODY \
    "{'location':'eastus','sku':{'name':'Standard'},'properties':{'frontendIPConfigurations':[{" \
    "'name':'f','properties':{'privateIPAllocationMethod':'Dynamic','subnet':{'id':" \
    "'" MASTER_SUBNET \
    "'}}}],'backendAddressPools':[{'name':'p'}],'probes':[{'name':'h','properties':{'protocol':" \
    "'Https','port':6443,'requestPath':'/readyz'}}],'loadBalancingRules':[{'name':'r'," \
    "'properties':{'frontendIPConfiguration':{'id':'" LB_FRONTEND \
    "'},'backendAddressPool':{'id':'" LB_POOL "'},'probe':{'id':'" LB \
    "/probes/h'},'protocol':'Tcp','frontendPort':6443," \
    "'backendPort':6443}}]}}"

/* ---- private links ---- */

#define SERVICE CLUSTER_NETWORK "/privateLinkServices/s"
#define SERVICE_BODY(trusted) \
    "{'location':'eastus','properties':{'loadBalancerFrontendIpConfigurations':[{'id':" \
    "'" LB_FRONTEND \
    "'}],'ipConfigurations':[{'name':'s-nic','properties':{'subnet':{'id':'" MASTER_SUBNET \
    "'},'primary':true}}],'visibility':{'subscriptions':[]},'autoApproval':{'subscriptions':" \
    "[" trusted "]}}}"
#define SELF "'00000000-0000-0000-0000-000000000000'"
#define RP_NETWORK RIG_SUBSCRIPTION "/resourceGroups/rp/providers/Microsoft.Network"
#define ENDPOINT_SUBNET RP_NETWORK "/virtualNetworks/rp-pe-vnet-001/subnets/rp-pe-subnet"
#define ENDPOINT RP_NETWORK "/privateEndpoints/pe"
#define ENDPOINT_BODY \
    "{'location':'eastus','properties':{'subnet':{'id':'" ENDPOINT_SUBNET \
    "'},'manualPrivateLinkServiceConnections':[{'name':'c','properties':{" \
    "'privateLinkServiceId':'" SERVICE "'}}]}}"

/* A balancer, its service that trusts these subscriptions, and an endpoint in the provider's network. */
#define MAKE_ENDPOINT(r, trusted) \
    do { \
        assert_int_equal(compute_call((r), "PUT", LB, LB_BODY, NULL), 201); \
        assert_int_equal(compute_call((r), "PUT", SERVICE, SERVICE_BODY(trusted), NULL), 201); \
        assert_int_equal(compute_call((r), "PUT", ENDPOINT, ENDPOINT_BODY, NULL), 201); \
    } while (0)

/* What a GET says at the path of its object; NULL: nothing there. Owned. */
static inline char *compute_give_text(struct rig *r, const char *id, const char *at)
{
    cleanup_reply struct rig_reply reply = { 0 };
    assert_int_equal(compute_call(r, "GET", id, NULL, &reply), 200);
    return xstrdup(json_path_str(reply.body, at));
}

static inline void assert_text(struct rig *r, const char *id, const char *at, const char *want)
{
    cleanup_free char *found = compute_give_text(r, id, at);
    if (!str_eq(found, want))
        fail_msg("%s of %s is %s, not %s", at, id, found ? found : "absent",
                 want ? want : "absent");
}

#endif
