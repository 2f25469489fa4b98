#!/bin/bash
# Clusters that are asked for in an Azure where they cannot be: each is refused with what its owner has to mend, word for word, by the
# resource provider of `aro rp` through its own interface. BIN holds devcloud and what it starts.
# shellcheck source=test/unit/support/cases.sh
. "$(dirname "$0")/../unit/support/cases.sh"
# shellcheck source=test/az/cloud.sh
. "$(dirname "$0")/../az/cloud.sh"
# shellcheck source=test/lifecycle/lib.sh
. "$(dirname "$0")/lib.sh"
hurry
start_rp || exit 1
# shellcheck source=test/lifecycle/refusals.sh
. "$(dirname "$0")/refusals.sh"
control state -X PATCH -d "$(jq -n "$PRETEND")" >/dev/null

PRINCIPAL=properties.servicePrincipalProfile
BAD_CREDENTIALS=InvalidServicePrincipalCredentials
OF_CLUSTER=InvalidServicePrincipalPermissions
OF_PROVIDER=InvalidResourceProviderPermissions
LACKS='does not have Network Contributor role on'
READS='["*/read"]'

# ---- the service principal ----

refusal "a wrong secret" \
    '{}' '.properties.servicePrincipalProfile.clientSecret = "wrong"' \
    $BAD_CREDENTIALS $PRINCIPAL "The provided service principal credentials are invalid: AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '{client}'."
refusal "an application that nobody knows" \
    '{applications: {($client): null}}' . \
    $BAD_CREDENTIALS $PRINCIPAL "The provided service principal credentials are invalid: AADSTS700016: Application with identifier '{client}' was not found in the directory '$AZURE_TENANT_ID'."
refusal "a secret that has expired" \
    '{applications: {($client): {secretExpired: true}}}' . \
    $BAD_CREDENTIALS $PRINCIPAL "The provided service principal credentials are invalid: AADSTS7000222: The provided client secret keys for app '{client}' are expired."
refusal "an application without a service principal" \
    '{applications: {($client): {objectId: null}}}' . \
    InvalidServicePrincipalClaims $PRINCIPAL "The provided service principal does not give an access token with at least one of the claims 'altsecid', 'oid' or 'puid'."
refusal "a service principal that may make applications" \
    '{applications: {($client): {graphRoles: ["Application.ReadWrite.OwnedBy"]}}}' . \
    $BAD_CREDENTIALS $PRINCIPAL "The provided service principal must not have the Application.ReadWrite.OwnedBy permission."
refusal "a tenant without the provider's service principal" \
    '{applications: {($rp): {objectId: null}}}' . \
    InvalidServicePrincipalClaims $PRINCIPAL "The Azure Red Hat Openshift resource provider service principal has been removed from your tenant. To restore, please unregister and then re-register the Azure Red Hat OpenShift resource provider."

# ---- rights ----

refusal "a service principal without rights on the network" \
    "permits(\$client; \$vnet; $READS)" . \
    $OF_CLUSTER "" "The cluster service principal (Application ID: {client}) $LACKS vnet '{vnet}'."
refusal "a provider without rights on the network" \
    'permits($rp; $vnet; [])' . \
    $OF_PROVIDER "" "The resource provider service principal (Application ID: {rp}) $LACKS vnet '{vnet}'."
refusal "a service principal without rights on the masters' subnet" \
    "permits(\$client; \$master; $READS)" . \
    $OF_CLUSTER properties.masterProfile.subnetId "The cluster service principal (Application ID: {client}) $LACKS subnet '{master}'."
refusal "a service principal without rights on the workers' subnet" \
    "permits(\$client; \$worker; $READS)" . \
    $OF_CLUSTER 'properties.workerProfiles[0].subnetId' "The cluster service principal (Application ID: {client}) $LACKS subnet '{worker}'."
refusal "a provider without rights on the masters' subnet" \
    "permits(\$rp; \$master; $READS)" . \
    $OF_PROVIDER properties.masterProfile.subnetId "The resource provider service principal (Application ID: {rp}) $LACKS subnet '{master}'."

# attached KIND TYPE: a subnet that has one of that type, called "linked".
attached() {
    local id='$group + "/Microsoft.Network/'$2'/linked"'
    echo "(on_subnets({$1: {id: ($id)}}) * resource(($id); \"Microsoft.Network/$2\"; {properties: {provisioningState: \"Succeeded\"}}))"
}
ROUTES=$(attached routeTable routeTables)
NAT=$(attached natGateway natGateways)
refusal "a service principal without rights on a route table" \
    "$ROUTES * permits(\$client; \$group + \"/Microsoft.Network/routeTables/linked\"; $READS)" . \
    $OF_CLUSTER "" "The cluster service principal $LACKS route table '{group}/Microsoft.Network/routeTables/linked'."
refusal "a provider without rights on a route table" \
    "$ROUTES * permits(\$rp; \$group + \"/Microsoft.Network/routeTables/linked\"; $READS)" . \
    $OF_PROVIDER "" "The resource provider service principal $LACKS route table '{group}/Microsoft.Network/routeTables/linked'."
refusal "a route table that is gone" \
    "$ROUTES * at(\$group + \"/Microsoft.Network/routeTables/linked\"; null)" . \
    InvalidLinkedRouteTable "" "The route table '{group}/Microsoft.Network/routeTables/linked' could not be found."
refusal "a service principal without rights on a NAT gateway" \
    "$NAT * permits(\$client; \$group + \"/Microsoft.Network/natGateways/linked\"; $READS)" . \
    $OF_CLUSTER "" "The cluster service principal $LACKS nat gateway '{group}/Microsoft.Network/natGateways/linked'."
refusal "a provider without rights on a NAT gateway" \
    "$NAT * permits(\$rp; \$group + \"/Microsoft.Network/natGateways/linked\"; $READS)" . \
    $OF_PROVIDER "" "The resource provider service principal $LACKS nat gateway '{group}/Microsoft.Network/natGateways/linked'."
refusal "a NAT gateway that is gone" \
    "$NAT * at(\$group + \"/Microsoft.Network/natGateways/linked\"; null)" . \
    InvalidLinkedNatGateway "" "The nat gateway '{group}/Microsoft.Network/natGateways/linked' could not be found."

# ---- networks ----

refusal "a network that is not there" \
    '{}' '.properties.masterProfile.subnetId |= sub("/vnet/"; "/nowhere/") | .properties.workerProfiles[0].subnetId |= sub("/vnet/"; "/nowhere/")' \
    InvalidLinkedVNet "" "The vnet '{group}/Microsoft.Network/virtualNetworks/nowhere' could not be found."
refusal "a subnet that is not there" \
    '{}' '.properties.workerProfiles[0].subnetId |= sub("/worker$"; "/nowhere")' \
    InvalidLinkedSubnet 'properties.workerProfiles[0].subnetId' "The subnet '{vnet}/subnets/nowhere' could not be found."
refusal "a network of another region" \
    'at($vnet; {location: "westus"})' . \
    InvalidLinkedVNet "" "The vnet location 'westus' must match the cluster location '$LOCATION'."
refusal "a subnet with a security group" \
    'at($worker; {properties: {networkSecurityGroup: {id: "\($group)/Microsoft.Network/networkSecurityGroups/theirs"}}})' . \
    InvalidLinkedVNet 'properties.workerProfiles[0].subnetId' "The provided subnet '{worker}' is invalid: must not have a network security group attached."
refusal "a subnet that is being changed" \
    'at($master; {properties: {provisioningState: "Updating"}})' . \
    InvalidLinkedVNet properties.masterProfile.subnetId "The provided subnet '{master}' is not in a Succeeded state"
refusal "a subnet that is too small" \
    'at($master; {properties: {addressPrefix: "10.0.0.0/28"}})' . \
    InvalidLinkedVNet properties.masterProfile.subnetId "The provided subnet '{master}' is invalid: must be /27 or larger."
refusal "subnets that overlap" \
    'at($worker; {properties: {addressPrefix: "10.0.1.0/24"}})' . \
    InvalidLinkedVNet "" "The provided CIDRs must not overlap: '10.0.0.0/23 overlaps with 10.0.1.0/24'."
refusal "pods in the masters' subnet" \
    '{}' '.properties.networkProfile.podCidr = "10.0.0.0/16"' \
    InvalidLinkedVNet "" "The provided CIDRs must not overlap: '10.0.0.0/23 overlaps with 10.0.0.0/16'."
refusal "services among pods" \
    '{}' '.properties.networkProfile.serviceCidr = "10.129.0.0/16"' \
    InvalidLinkedVNet "" "The provided CIDRs must not overlap: '10.128.0.0/14 overlaps with 10.129.0.0/16'."

# ---- security groups of the customer's own ----

NSG=$(attached networkSecurityGroup networkSecurityGroups)
OWN_NSG='.properties.networkProfile.preconfiguredNSG = "Enabled"'
NSG_ID='$group + "/Microsoft.Network/networkSecurityGroups/linked"'
refusal "subnets without the security groups that are promised" \
    '{}' "$OWN_NSG" \
    InvalidLinkedVNet "" "When the enable-preconfigured-nsg option is specified, both the master and worker subnets should have network security groups (NSG) attached to them before starting the cluster installation."
refusal "a service principal without rights on such a security group" \
    "$NSG * permits(\$client; $NSG_ID; $READS)" "$OWN_NSG" \
    $OF_CLUSTER "" "The cluster service principal (Application ID: {client}) $LACKS network security group '{group}/Microsoft.Network/networkSecurityGroups/linked'. This is required when the enable-preconfigured-nsg option is specified."
refusal "a provider without rights on such a security group" \
    "$NSG * permits(\$rp; $NSG_ID; $READS)" "$OWN_NSG" \
    $OF_PROVIDER "" "The resource provider service principal (Application ID: {rp}) $LACKS network security group '{group}/Microsoft.Network/networkSecurityGroups/linked'. This is required when the enable-preconfigured-nsg option is specified."

# ---- disks ----

DES_ID='$group + "/Microsoft.Compute/diskEncryptionSets/keys"'
DES="resource($DES_ID; \"Microsoft.Compute/diskEncryptionSets\"; {properties: {provisioningState: \"Succeeded\"}}) * permits(\$rp; $DES_ID; $READS)"
WITH_DES='($group + "/Microsoft.Compute/diskEncryptionSets/keys") as $set | .properties.masterProfile.diskEncryptionSetId = $set | .properties.workerProfiles[0].diskEncryptionSetId = $set'
refusal "a disk encryption set that is not there" \
    '{}' "$WITH_DES" \
    InvalidLinkedDiskEncryptionSet properties.masterProfile.diskEncryptionSetId "The disk encryption set '{group}/Microsoft.Compute/diskEncryptionSets/keys' could not be found."
refusal "a service principal that may not read it" \
    "$DES * permits(\$client; $DES_ID; [])" "$WITH_DES" \
    $OF_CLUSTER properties.masterProfile.diskEncryptionSetId "The cluster service principal does not have Reader permission on disk encryption set '{group}/Microsoft.Compute/diskEncryptionSets/keys'."
refusal "a provider that may not read it" \
    "$DES * permits(\$rp; $DES_ID; [])" "$WITH_DES" \
    $OF_PROVIDER properties.masterProfile.diskEncryptionSetId "The resource provider service principal does not have Reader permission on disk encryption set '{group}/Microsoft.Compute/diskEncryptionSets/keys'."
refusal "a disk encryption set of another region" \
    "$DES * at($DES_ID; {location: \"westus\"})" "$WITH_DES" \
    InvalidLinkedDiskEncryptionSet "" "The disk encryption set location 'westus' must match the cluster location '$LOCATION'."

# ---- what is asked before anything is written ----

refusal "a size that the region does not have" \
    '{skus: {Standard_D8s_v3: {resourceType: "nothing"}}}' . \
    InvalidParameter properties.masterProfile.VMSize "The selected SKU 'Standard_D8s_v3' is unavailable in region '$LOCATION'"
refusal "a size that the subscription may not use there" \
    '{skus: {Standard_D2s_v3: {restrictions: [{type: "Location", values: [env.LOCATION], reasonCode: "NotAvailableForSubscription"}]}}}' . \
    InvalidParameter 'properties.workerProfiles[0].VMSize' "The selected SKU 'Standard_D2s_v3' is restricted in region '$LOCATION' for selected subscription"
refusal "encryption at host of a size without it" \
    '{skus: {Standard_D8s_v3: {capabilities: []}}, features: {"microsoft.compute/encryptionathost": {name: "Microsoft.Compute/EncryptionAtHost", state: "Registered"}}}' \
    '.properties.masterProfile.encryptionAtHost = "Enabled"' \
    InvalidParameter properties.masterProfile.encryptionAtHost "The selected SKU 'Standard_D8s_v3' does not support encryption at host."
refusal "encryption at host in a subscription without it" \
    '{}' '.properties.masterProfile.encryptionAtHost = "Enabled"' \
    InvalidParameter properties.masterProfile.encryptionAtHost "The feature 'Microsoft.Compute/EncryptionAtHost' is not registered in the subscription."
refusal "more cores than are left" \
    '{usages: {cores: {limit: 40, currentValue: 3}}}' . \
    ResourceQuotaExceeded "" "Resource quota of cores exceeded. Maximum allowed: 40, Current in use: 3, Additional requested: 38."
refusal "more public addresses than are left" \
    '{usages: {PublicIPAddresses: {limit: 2}}}' . \
    ResourceQuotaExceeded "" "Resource quota of PublicIPAddresses exceeded. Maximum allowed: 2, Current in use: 0, Additional requested: 3."
for provider in Authorization Compute Network Storage; do
    refusal "a subscription without Microsoft.$provider" \
        "{registrations: {\"microsoft.${provider,,}\": \"NotRegistered\"}}" . \
        ResourceProviderNotRegistered "" "The resource provider 'Microsoft.$provider' is not registered."
done

# ---- names that are taken ----

refusal "a resource group that is somebody else's" \
    '{resources: {"/subscriptions/\(env.AZURE_SUBSCRIPTION_ID)/resourcegroups/taken": {id: "/subscriptions/\(env.AZURE_SUBSCRIPTION_ID)/resourceGroups/taken", name: "taken",
        type: "Microsoft.Resources/resourceGroups", location: env.LOCATION, properties: {provisioningState: "Succeeded"}}}}' \
    '.properties.clusterProfile.resourceGroupId |= sub("[^/]*$"; "taken")' \
    ClusterResourceGroupAlreadyExists properties.clusterProfile.resourceGroupId "Resource group taken must not already exist."
refusal "a domain that another cluster has" \
    'resource("/subscriptions/\(env.AZURE_SUBSCRIPTION_ID)/resourceGroups/\(env.DOMAIN_RESOURCEGROUP)/providers/Microsoft.Network/dnszones/\(env.DOMAIN)/A/api.taken";
        "Microsoft.Network/dnszones/A"; {properties: {TTL: 300, metadata: {resourceId: "/subscriptions/another"}}})' \
    '.properties.clusterProfile.domain = "taken"' \
    DuplicateDomain properties.clusterProfile.domain "The provided domain 'taken' is already in use by a cluster."

(run_cases validation "${CASES[@]}")
