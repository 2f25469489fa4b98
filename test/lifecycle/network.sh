# shellcheck shell=bash
# network.sh - networks of customers, and what clusters leave of them. Sourced after cloud.sh and lib.sh.

# arm METHOD PATH_AND_QUERY [ARGUMENT OF curl]...: Azure Resource Manager's answer to the service principal.
arm() {
    local token
    token=$(curl -sS --cacert "${work:?}/cloud/azure/ca.crt" "$AZURE_URL/$AZURE_TENANT_ID/oauth2/v2.0/token" -d grant_type=client_credentials \
        -d "client_id=$AZURE_CLIENT_ID" --data-urlencode "client_secret=$AZURE_CLIENT_SECRET" -d "scope=$AZURE_URL/arm/.default" | jq -r .access_token)
    curl -sS --cacert "$work/cloud/azure/ca.crt" -X "$1" "$AZURE_URL$2" -H "Authorization: Bearer $token" -H 'Content-Type: application/json' "${@:3}"
}

# group NAME: the ID of a resource group; resources NAME TYPE: IDs of what is in it, by type.
group() { echo "/subscriptions/$AZURE_SUBSCRIPTION_ID/resourceGroups/$1"; }
resources() { arm GET "$(group "$1")/providers/$2?api-version=2020-08-01" | jq -r '.value[].id' | sort; }

# holds NAME CONDITION: the operator in that cluster says so.
holds() { kube "$1" get clusters.aro.openshift.io cluster -o json | jq -e --arg type "$2" '.status.conditions[] | select(.type == $type and .status == "True")'; }

# client NAME: the application that is the service principal of the cluster of that name; its secret is s3cret-NAME.
client() { md5sum <<<"$1" | sed -E 's/^(.{8})(.{4})(.{4})(.{4})(.{12}).*/\1-\2-\3-\4-\5/'; }

# network NAME THIRD_BYTE [JQ]: a resource group with a network of two subnets, 10.0.N.0/24 and the next, master and worker, and an
# application; the resource provider may use it, unless TRUSTING is no. JQ: what both subnets have besides, as an object.
network() {
    make_group "$1"
    make_application "$(client "$1")" "s3cret-$1"
    jq -n --arg master "10.0.$2.0/24" --arg worker "10.0.$(($2 + 1)).0/24" --arg space "10.0.$2.0/23" "(${3:-{\}}) as \$more |"'
        { location: env.LOCATION, properties: { addressSpace: { addressPrefixes: [$space] }, subnets: [
            { name: "master", properties: ({ addressPrefix: $master } + $more) },
            { name: "worker", properties: ({ addressPrefix: $worker } + $more) } ] } }' |
        arm PUT "$(group "$1")/providers/Microsoft.Network/virtualNetworks/vnet?api-version=2020-08-01" -d @- >put.json
    eventually network_is_there "$1"
    [ "${TRUSTING:-yes}" = no ] || trust "$(group "$1")"
}
network_is_there() {
    arm GET "$(group "$1")/providers/Microsoft.Network/virtualNetworks/vnet?api-version=2020-08-01" | jq -e '.properties.provisioningState == "Succeeded"'
}

# body NAME [JQ]: a request for a cluster in the network of its group; JQ is a filter over it.
body() {
    cluster_body "$1" master worker | jq --arg vnet "$(group "$1")/providers/Microsoft.Network/virtualNetworks/vnet" --arg client "$(client "$1")" --arg name "$1" '
        .properties.masterProfile.subnetId = $vnet + "/subnets/master" | .properties.workerProfiles[0].subnetId = $vnet + "/subnets/worker" |
        .properties.servicePrincipalProfile = {clientId: $client, clientSecret: "s3cret-\($name)"} | '"${2:-.}"
}
