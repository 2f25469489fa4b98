# shellcheck shell=bash disable=SC2034 # some is for the other library
# lib.sh - lives of a cluster during which the resource provider is killed. Sourced after cases.sh, cloud.sh and lifecycle/lib.sh.

LIMIT_S=150
RP_COMES_BACK=yes

# start_crash_cloud: leases are short, and pods of the operator only look as if they ran. With CRASH_LAYOUT=0 clusters are of the
# first layout, and have what development turns off: a registry (respawn.sh) and signed certificates.
start_crash_cloud() {
    hurry
    export ARO_RP_LEASE_MS=2000 ARO_RP_BACKEND_HEARTBEAT_MS=300 ARO_RP_BACKEND_LEASE_TRUST_MS=1000
    [ "${CRASH_LAYOUT:-1}" = 1 ] || export ARO_RP_ARCHITECTURE_VERSION=0 RP_FEATURES=-DisableSignedCertificates
    start_rp_by test/lifecrash/respawn.sh && make_group one "$PRETEND" || return 1
    [ "${CRASH_LAYOUT:-1}" = 1 ] || { make_registry && prepare_subnets; }
}
# prepare_subnets: what the customer has to have done for the first layout.
prepare_subnets() {
    control state -X PATCH -d "$(jq -n '"/subscriptions/\(env.AZURE_SUBSCRIPTION_ID)/resourcegroups/dev/providers/microsoft.network/virtualnetworks/vnet/subnets" as $subnets |
        {resources: (["master", "worker"] | map({("\($subnets)/\(.)"): {properties: {privateLinkServiceNetworkPolicies: "Disabled",
            serviceEndpoints: [{service: "Microsoft.ContainerRegistry", provisioningState: "Succeeded", locations: ["*"]}]}}}) | add)}')" >/dev/null
}

# live PLAN_OF_CREATION PLAN_OF_DELETION DIR: a cluster's life, from a PUT to a DELETE that leaves nothing; killed as planned. Kept in
# DIR: what Azure holds in between (made) and afterwards (left), and the steps that were begun (create, delete).
live() {
    local rp=${work:?}/cloud/rp
    mkdir -p "$3"
    cp "$1" "$rp/plan" && : >"$rp/steps"
    put one master worker >"$3/put.json"
    await one && mv "$rp/steps" "$3/create" && holdings >"$3/made" && was_killed "$1" || return 1
    cp "$2" "$rp/plan" && : >"$rp/steps"
    rp DELETE "$(id one)?$NEW"
    await_gone one && mv "$rp/steps" "$3/delete" && holdings >"$3/left" && was_killed "$2"
}
was_killed() {
    [ ! -s "$work/cloud/rp/plan" ] || { echo "not all of $(tr '\n' ' ' <"$1") came: still $(tr '\n' ' ' <"$work/cloud/rp/plan")"; return 1; }
}

# holdings: what Azure holds, without what was allotted by chance or time: resources, what is in vaults, and applications by what
# they have to sign in with.
holdings() {
    control state | jq -S '{
        resources: (.resources | with_entries(select(.key | contains("resourcegroups/cloud-shell") | not))
            | walk(if type == "object" then del(.etag, .keys, .data, .customData, .duration, .timestamp, .started_ns, .created,
                   .lastModified, .size, .ignition, .linkIdentifier, .operation, (select(.creationTime) | .value)) else . end)),
        vaults: (.vaults // {} | map_values(map_values(keys))),
        applications: ([.applications[] | {displayName, passwords: (.passwords // [] | length),
            certificates: (.certificates // [] | length), federated: (.federated // [] | length)}] | sort) }' |
        sed -E -e "s/\b(one)-[a-z0-9]{5}\b/\1-INFRA/g" -e 's/\b(cluster|imageregistry)[a-z0-9]{5,}\b/\1SUFFIX/g' \
            -e 's/[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}/UUID/g' -e 's/\b127\.[0-9]+\.[0-9]+\.[0-9]+\b/ADDRESS/g' \
            -e 's/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z/TIME/g' -e 's/(-worker-[a-z]+[0-9])-[a-z0-9]{5}([^a-z0-9])/\1-NODE\2/g'
}
