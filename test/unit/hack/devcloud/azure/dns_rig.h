/* dns_rig.h - a private zone in the rig's group aro-cluster, beside the public one that it has. */
#ifndef TEST_UNIT_HACK_DEVCLOUD_AZURE_DNS_RIG_H
#define TEST_UNIT_HACK_DEVCLOUD_AZURE_DNS_RIG_H

#include "test/unit/hack/devcloud/azure/compute_rig.h"

#define PUBLIC_ZONE \
    RIG_SUBSCRIPTION "/resourceGroups/dns/providers/Microsoft.Network/dnszones/aro.example"
#define PRIVATE_ZONE CLUSTER_NETWORK "/privateDnsZones/c.example"
#define LINK PRIVATE_ZONE "/virtualNetworkLinks/net"
#define LINK_BODY \
    "{'location':'global','properties':{'virtualNetwork':{'id':'" RIG_VNET \
    "'},'registrationEnabled':false}}"
#define GLOBAL "{'location':'global'}"

#endif
