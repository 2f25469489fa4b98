#!/bin/bash
# What refuses clusters of the first layout alone, whose owners prepare their subnets themselves. As test_validation.sh otherwise.
# shellcheck source=test/unit/support/cases.sh
. "$(dirname "$0")/../unit/support/cases.sh"
# shellcheck source=test/az/cloud.sh
. "$(dirname "$0")/../az/cloud.sh"
# shellcheck source=test/lifecycle/lib.sh
. "$(dirname "$0")/lib.sh"
hurry
# Providers and quota are looked at when the cluster is asked for; here the backend is to.
export ARO_RP_ARCHITECTURE_VERSION=0 ARO_RP_AZURE_CHECKS=false
start_rp || exit 1
# shellcheck source=test/lifecycle/refusals.sh
. "$(dirname "$0")/refusals.sh"
control state -X PATCH -d "$(jq -n "$PRETEND")" >/dev/null
# What the customer has to have done.
control state -X PATCH -d "$(words 'on_subnets({serviceEndpoints: [{service: "Microsoft.ContainerRegistry", provisioningState: "Succeeded", locations: ["*"]}],
    privateLinkServiceNetworkPolicies: "Disabled"})')" >/dev/null

SUBNETS='Microsoft.Network/virtualNetworks/subnets'
refusal "a service principal without rights on the network" \
    'permits($client; $vnet; ["*/read"])' . \
    InvalidServicePrincipalPermissions "" "The cluster service principal (Application ID: {client}) does not have Network Contributor role on vnet '{vnet}'."
refusal "a provider that may not write subnets" \
    "permits(\$rp; \$vnet; [\"$SUBNETS/read\", \"$SUBNETS/join/action\"])" . \
    InvalidResourceProviderPermissions "" "The resource provider service principal (Application ID: {rp}) does not have Network Contributor role on vnet '{vnet}'."
refusal "a subnet that forbids private link services" \
    'at($master; {properties: {privateLinkServiceNetworkPolicies: "Enabled"}})' . \
    InvalidLinkedVNet properties.masterProfile.subnetId "The provided subnet '{master}' is invalid: must have privateLinkServiceNetworkPolicies disabled."
refusal "a subnet without the registry's endpoint" \
    'at($worker; {properties: {serviceEndpoints: []}})' . \
    InvalidLinkedVNet 'properties.workerProfiles[0].subnetId' "The provided subnet '{worker}' is invalid: must have Microsoft.ContainerRegistry serviceEndpoint."
refusal "a subnet with a security group" \
    'at($master; {properties: {networkSecurityGroup: {id: "\($group)/Microsoft.Network/networkSecurityGroups/theirs"}}})' . \
    InvalidLinkedVNet properties.masterProfile.subnetId "The provided subnet '{master}' is invalid: must not have a network security group attached."
refusal "a network with name servers of its own" \
    'at($vnet; {properties: {dhcpOptions: {dnsServers: ["10.0.0.53"]}}})' . \
    InvalidLinkedVNet "" "The provided vnet '{vnet}' is invalid: custom DNS servers are not supported."
refusal "a subscription without Microsoft.Storage" \
    '{registrations: {"microsoft.storage": "NotRegistered"}}' . \
    ResourceProviderNotRegistered "" "The resource provider 'Microsoft.Storage' is not registered."
refusal "more cores of a family than are left" \
    '{usages: {standardDSv3Family: {limit: 30}}}' . \
    ResourceQuotaExceeded "" "Resource quota of standardDSv3Family exceeded. Maximum allowed: 30, Current in use: 0, Additional requested: 34."
refusal "a region without zones for the masters" \
    '{skus: {Standard_D8s_v3: {locationInfo: [{location: env.LOCATION, zones: ["1", "2"], zoneDetails: []}]}}}' . \
    InvalidParameter properties.masterProfile.VMSize "cluster creation with 2 zones and 3 control plane replicas is unimplemented"

(run_cases validation_v1 "${CASES[@]}")
