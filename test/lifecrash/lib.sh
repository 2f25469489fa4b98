# shellcheck shell=bash
# lib.sh - lives of a cluster during which the resource provider is killed. Sourced after cases.sh and cloud.sh.

NEW=api-version=2022-09-04
NAME=one

# start_crash_cloud: leases are short, and pods of the operator only look as if they ran.
start_crash_cloud() {
    local program
    export ARO_RP_LEASE_MS=2000 ARO_RP_BACKEND_HEARTBEAT_MS=300 ARO_RP_BACKEND_LEASE_TRUST_MS=1000 ARO_RP_BACKEND_RETRY_MS=50
    export ARO_RP_BACKEND_TICK_MS=100 ARO_RP_STEP_POLL_MS=100 ARO_RP_STEP_RETRY_MS=100 ARO_RP_READY_DELAY_MS=0
    export ARO_RP_BACKEND_DELETE_DELAY_MS=0 ARO_IMAGE=registry.example.com/aro:first
    mkdir "${work:?}/bin"
    for program in "$BIN"/*; do ln -s "$program" "$work/bin/"; done
    cp --remove-destination "$BIN/devcloud" "$work/bin/devcloud" # it starts what lies beside it
    ln -s "$ROOT/test/lifecrash/respawn.sh" "$work/bin/respawn"
    BIN=$work/bin start_cloud --rp respawn || return 1
    RP=$(sed -n 's/^rp .* \(http:[^ ]*\) .*/\1/p' "$work/cloud/status")
    ID=/subscriptions/$AZURE_SUBSCRIPTION_ID/resourceGroups/$NAME/providers/Microsoft.RedHatOpenShift/openShiftClusters/$NAME
    make_group "$NAME" '{operation_ms: 20, retry_after_s: 0, clusters: {"*": {pretend: true}}}'
}

# rp METHOD PATH [ARGUMENT OF curl]...: the resource provider's answer, once it is back.
rp() { curl -sS -X "$1" "$RP$2" -H 'Content-Type: application/json' --retry 200 --retry-delay 1 --retry-max-time 60 --retry-connrefused "${@:3}"; }
# look PATH: what it answers now; nothing when it is away.
look() { curl -s --max-time 5 "$RP$1"; }
state() { look "$ID?$NEW" | jq -r '.properties.provisioningState // .error.code // "none"' 2>/dev/null; }

put() { cluster_body "$NAME" master worker | rp PUT "$ID?$NEW" -d @-; }

# await STATE SECONDS: until the cluster's operation has ended so; ResourceNotFound: until it is gone.
await() {
    local now until=$((SECONDS + $2))
    while [ "$SECONDS" -lt "$until" ]; do
        now=$(state)
        [ "$now" != "$1" ] || return 0
        case $now in
        Failed | Succeeded)
            echo "the cluster is $now, not $1"
            break
            ;;
        esac
        sleep 0.1
    done
    [ "$SECONDS" -lt "$until" ] || echo "not $1 within $2 s but $now"
    look "/admin$ID/progress" | jq -c '.step, .log[-4:][]'
    return 1
}

# live PLAN_OF_CREATION PLAN_OF_DELETION DIR: a cluster's life, from a PUT to a DELETE that leaves nothing; killed as planned. Kept in
# DIR: what Azure holds in between (made) and afterwards (left), and the steps that were begun (create, delete).
live() {
    local rp=$work/cloud/rp
    mkdir -p "$3"
    cp "$1" "$rp/plan" && : >"$rp/steps"
    put >"$3/put.json"
    await Succeeded 150 && mv "$rp/steps" "$3/create" && holdings >"$3/made" && was_killed "$1" || return 1
    cp "$2" "$rp/plan" && : >"$rp/steps"
    rp DELETE "$ID?$NEW"
    await ResourceNotFound 150 && mv "$rp/steps" "$3/delete" && holdings >"$3/left" && was_killed "$2"
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
                   .lastModified, .size, .ignition, .linkIdentifier, .operation) else . end)),
        vaults: (.vaults // {} | map_values(map_values(keys))),
        applications: ([.applications[] | {displayName, passwords: (.passwords // [] | length),
            certificates: (.certificates // [] | length), federated: (.federated // [] | length)}] | sort) }' |
        sed -E -e "s/\b($NAME)-[a-z0-9]{5}\b/\1-INFRA/g" -e 's/\b(cluster|imageregistry)[a-z0-9]{5,}\b/\1SUFFIX/g' \
            -e 's/[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}/UUID/g' -e 's/\b127\.[0-9]+\.[0-9]+\.[0-9]+\b/ADDRESS/g' \
            -e 's/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z/TIME/g' -e 's/(-worker-[a-z]+[0-9])-[a-z0-9]{5}([^a-z0-9])/\1-NODE\2/g'
}
