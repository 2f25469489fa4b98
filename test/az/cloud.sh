# shellcheck shell=bash
# cloud.sh - a development cloud for test scripts, started as its users start it, on free ports. Sourced after cases.sh. BIN
# holds devcloud and what it starts. Everything lies in $work, and ends with the script.

work=$(mktemp -d "${TMPDIR:-/tmp}/az-check.XXXXXX")
# shellcheck disable=SC2317
end() {
    "$BIN/devcloud" down --dir "$work/cloud" 2>/dev/null
    rm -rf -- "$work"
}
trap end EXIT

# shellcheck disable=SC2120 # its callers need none so far
# start_cloud [OPTION OF devcloud up]...: its variables are those of this shell then, in which nobody is signed in. What it
# printed is in $work/told. Writes in Azure take next to no time.
start_cloud() {
    "${BIN:?}/devcloud" up --detach --dir "$work/cloud" --port 0 --plain-port 0 --azure-port 0 "$@" >"$work/told" 2>&1 || {
        cat "$work/told"
        return 1
    }
    # shellcheck source=/dev/null
    . "$work/cloud/env"
    export AZURE_CORE_NO_COLOR=1 AZURE_CORE_ONLY_SHOW_ERRORS=1
    control state -X PATCH -d '{"operation_ms": 50}' >/dev/null
}

sign_in() {
    az login --service-principal -u "$AZURE_CLIENT_ID" -p "$AZURE_CLIENT_SECRET" -t "$AZURE_TENANT_ID" -o none
}

# control NAME [ARGUMENT OF curl]...: the simulator's own interface
control() {
    curl -sS --cacert "$work/cloud/azure/ca.crt" "$AZURE_URL/_devcloud/$1" "${@:2}"
}

# asks PATTERN: how many requests that match were answered with success.
asks() {
    control requests | jq -r '.[] | select(.status < 400) | "\(.method) \(.path)"' | grep -ciE -e "$1" || true
}

# cluster_body NAME MASTER WORKER: a request for a cluster of that name, in these two subnets of the network that devcloud makes.
cluster_body() {
    local subnets="/subscriptions/$AZURE_SUBSCRIPTION_ID/resourceGroups/dev/providers/Microsoft.Network/virtualNetworks/vnet/subnets"
    jq -n --arg name "$1" --arg master "$subnets/$2" --arg worker "$subnets/$3" '{
        location: env.LOCATION,
        properties: {
            clusterProfile: { domain: $name, resourceGroupId: "/subscriptions/\(env.AZURE_SUBSCRIPTION_ID)/resourceGroups/aro-\($name)",
                              pullSecret: env.PULL_SECRET, fipsValidatedModules: "Disabled" },
            servicePrincipalProfile: { clientId: env.AZURE_CLIENT_ID, clientSecret: env.AZURE_CLIENT_SECRET },
            networkProfile: { podCidr: "10.128.0.0/14", serviceCidr: "172.30.0.0/16" },
            masterProfile: { vmSize: "Standard_D8s_v3", subnetId: $master, encryptionAtHost: "Disabled" },
            workerProfiles: [{ name: "worker", vmSize: "Standard_D2s_v3", diskSizeGB: 128, subnetId: $worker, count: 3,
                               encryptionAtHost: "Disabled" }],
            apiserverProfile: { visibility: "Public" },
            ingressProfiles: [{ name: "default", visibility: "Public" }] } }'
}

# make_group NAME [ARGUMENT OF jq]: an empty resource group; the argument is merged into the state as well.
make_group() {
    control state -X PATCH -d "$(jq -n --arg id "/subscriptions/$AZURE_SUBSCRIPTION_ID/resourcegroups/$1" --arg name "$1" '{resources: {
        ($id): {id: $id, name: $name, type: "Microsoft.Resources/resourceGroups", location: env.LOCATION,
                properties: {provisioningState: "Succeeded"}}}} * '"${2:-{\}}")" >/dev/null
}

# trust SCOPE [ROLE]: the customer lets the resource provider change networks there (or what another role lets it).
trust() {
    control state >"$work/trust.json"
    control state -X PATCH -d "$(jq --arg scope "$1" --arg role "${2:-4d97b98b-1d4f-4787-a291-c67834d212e7}" '"\($scope)/providers/Microsoft.Authorization/roleAssignments/\($role)" as $id |
        {resources: {($id | ascii_downcase): {id: $id, name: $role, type: "Microsoft.Authorization/roleAssignments", properties: {
            roleDefinitionId: "/subscriptions/\(.subscription)/providers/Microsoft.Authorization/roleDefinitions/\($role)",
            principalId: .applications[env.AZURE_FP_CLIENT_ID].objectId, principalType: "ServicePrincipal", scope: $scope}}}}' "$work/trust.json")" >/dev/null
}
