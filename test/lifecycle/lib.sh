# shellcheck shell=bash disable=SC2034,SC2154 # some is for who sources this, some is of cloud.sh
# lib.sh - clusters in a development cloud, asked for by curl. Sourced after cases.sh and cloud.sh.

OLD=api-version=2019-12-31-preview
NEW=api-version=2022-09-04
LIMIT_S=300 # of an operation
RP_COMES_BACK= # yes: that nobody answers is no failure

# hurry: the resource provider that is started from now on looks again at once where it would rest.
hurry() {
    export ARO_RP_BACKEND_TICK_MS=100 ARO_RP_STEP_POLL_MS=100 ARO_RP_STEP_RETRY_MS=100 ARO_RP_READY_DELAY_MS=0
    export ARO_RP_BACKEND_DELETE_DELAY_MS=0 ARO_RP_BACKEND_RETRY_MS=50
    export ARO_RP_VALIDATE_TOKEN_TIMEOUT_MS=0 ARO_RP_VALIDATE_ACCESS_TIMEOUT_MS=0
    export ARO_IMAGE=registry.example.com/aro:first
}
# What make_group merges into the state: writes in Azure take no time, pods of operators only look as if they ran.
PRETEND='{operation_ms: 20, retry_after_s: 0, clusters: {"*": {pretend: true}}}'

# start_rp [PROGRAM]: a cloud with a resource provider at $RP.
start_rp() {
    start_cloud --rp "${1:-aro-rp}" || return 1
    RP=$(sed -n 's/^rp .* \(http:[^ ]*\) .*/\1/p' "$work/cloud/status")
}

# start_rp_by SCRIPT: as start_rp, the provider being started by a script of the repository from a folder that holds all of BIN.
start_rp_by() {
    local program
    mkdir -p "${work:?}/bin"
    for program in "$BIN"/*; do ln -sf "$program" "$work/bin/"; done
    cp --remove-destination "$BIN/devcloud" "$work/bin/devcloud" # it starts what lies beside it
    ln -sf "$ROOT/$1" "$work/bin/by-script"
    BIN=$work/bin start_rp by-script
}
# make_registry: that of with-registry.sh.
make_registry() {
    control state -X PATCH -d "$(jq -n '"/subscriptions/\(env.AZURE_SUBSCRIPTION_ID)/resourceGroups/rp/providers/Microsoft.ContainerRegistry/registries/images" as $id | {resources: {
        ($id | ascii_downcase): {id: $id, name: "images", type: "Microsoft.ContainerRegistry/registries", location: env.LOCATION, sku: {name: "Premium"}, properties: {provisioningState: "Succeeded"}},
        ("\($id)/scopeMaps/_repositories_pull" | ascii_downcase): {id: "\($id)/scopeMaps/_repositories_pull", name: "_repositories_pull", type: "Microsoft.ContainerRegistry/registries/scopeMaps",
            properties: {provisioningState: "Succeeded", actions: ["repositories/*/content/read"]}}}}')" >/dev/null
}

# id NAME: the resource ID of a cluster in the group of its name.
id() { echo "/subscriptions/$AZURE_SUBSCRIPTION_ID/resourceGroups/$1/providers/Microsoft.RedHatOpenShift/openShiftClusters/$1"; }
# rp METHOD PATH [ARGUMENT OF curl]...: the resource provider's answer.
rp() { curl -sS -X "$1" "$RP$2" -H 'Content-Type: application/json' ${RP_COMES_BACK:+--retry 200 --retry-delay 1 --retry-max-time 60 --retry-connrefused} "${@:3}"; }

# put NAME MASTER_SUBNET WORKER_SUBNET: creates a cluster.
put() { cluster_body "$@" | rp PUT "$(id "$1")?$NEW" -d @-; }

# state NAME: of a cluster, or why there is none; nothing while nobody answers.
state() { RP_COMES_BACK='' rp GET "$(id "$1")?$NEW" --max-time 5 2>/dev/null | jq -r '.properties.provisioningState // .error.code // "none"' 2>/dev/null; }
# await NAME [STATE]: until the cluster's operation has ended, in that state; ResourceNotFound: until it is there no more.
await() {
    local now wanted=${2:-Succeeded} until=$((SECONDS + LIMIT_S))
    while now=$(state "$1"); [ "$now" != "$wanted" ]; do
        case $now in
        Creating | Updating | AdminUpdating | Deleting) ;;
        Succeeded | Failed) until=0 ;;
        *) [ -n "$RP_COMES_BACK" ] || until=0 ;; # an error, or nobody answers
        esac
        [ "$SECONDS" -lt "$until" ] || {
            echo "$1 is ${now:-not told of}, not $wanted"
            rp GET "/admin$(id "$1")/progress" | jq -c '.step, .log[-4:][]'
            return 1
        }
        sleep 0.1
    done
}
# admin NAME BODY: an admin update that ends well.
admin() {
    rp PATCH "$(id "$1")?api-version=admin" -d "$2" >patch.json
    expect "$(jq -r .properties.provisioningState patch.json)" = AdminUpdating
    await "$1"
    expect "$(rp GET "$(id "$1")?api-version=admin" | jq -r '.properties.lastAdminUpdateError // ""')" = ''
}
# await_gone NAME: until a cluster that is being deleted is there no more.
await_gone() { await "$1" ResourceNotFound; }

# operation_in FILE: where the operation is that the headers of a reply in FILE name.
operation_in() { sed -n 's/\r$//; s,^[Aa]zure-[Aa]sync[Oo]peration: https*://[^/]*,,p' "$1"; }
# ended OPERATION: its status, once it has one that lasts.
ended() {
    local until=$((SECONDS + LIMIT_S))
    until rp GET "$1" >operation.json && jq -e '.status == "Failed" or .status == "Succeeded"' operation.json >/dev/null; do
        [ "$SECONDS" -lt "$until" ] || { echo "the operation goes on:"; cat operation.json; return 1; }
        sleep 0.1
    done
    cat operation.json
}

uuid() { cat /proc/sys/kernel/random/uuid; }
# make_application ID SECRET: in the directory, with a service principal.
make_application() {
    control state -X PATCH -d "$(jq -n --arg id "$1" --arg secret "$2" --arg object "$(uuid)" '{applications: {($id): {objectId: $object, secret: $secret, graphRoles: []}}}')" >/dev/null
}

# make_network NAME: with the subnets master and worker, which the resource provider may use.
make_network() {
    control state -X PATCH -d "$(jq -n --arg vnet "/subscriptions/$AZURE_SUBSCRIPTION_ID/resourceGroups/dev/providers/Microsoft.Network/virtualNetworks/$1" --arg name "$1" '
        def at($id; $type; $o): {($id | ascii_downcase): ({id: $id, name: ($id | split("/") | last), type: $type, etag: "W/\"1\""} * $o)};
        def subnet($id; $prefix): at($id; "Microsoft.Network/virtualNetworks/subnets"; {properties: {addressPrefix: $prefix, provisioningState: "Succeeded"}});
        {resources: (at($vnet; "Microsoft.Network/virtualNetworks"; {location: env.LOCATION, properties: {provisioningState: "Succeeded", addressSpace: {addressPrefixes: ["10.0.0.0/22"]}}})
            + subnet("\($vnet)/subnets/master"; "10.0.0.0/23") + subnet("\($vnet)/subnets/worker"; "10.0.2.0/23"))}')" >/dev/null
    trust "/subscriptions/$AZURE_SUBSCRIPTION_ID/resourceGroups/dev/providers/Microsoft.Network/virtualNetworks/$1"
}
# in_network NAME: the request on the standard input, for those subnets.
in_network() { jq --arg name "$1" '(.properties.masterProfile, .properties.workerProfiles[0]).subnetId |= sub("/vnet/"; "/\($name)/")'; }

kube() { kubectl --kubeconfig "$work/$1.kubeconfig" "${@:2}"; }
# open NAME: for kube.
open() { "$ROOT/hack/get-admin-kubeconfig.sh" "$(id "$1")" - >"$work/$1.kubeconfig"; }
# eventually COMMAND...: until it succeeds, for three minutes at most: machines may be busy.
eventually() {
    local until=$((SECONDS + 180))
    until "$@" >output 2>&1; do
        [ "$SECONDS" -lt "$until" ] || { echo "not within three minutes: $*"; cat output; return 1; }
        sleep 0.2
    done
}

# inventory: what Azure holds, without what was allotted by chance or time.
inventory() { control state | jq -S '.resources | keys' | grep -v resourcegroups/cloud-shell; }
