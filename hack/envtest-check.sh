#!/usr/bin/env bash
# Checks the harness of the real control plane itself: starts one, loads OpenShift's kinds and the
# fixture cluster, breaks and mends it, stops it. Needs kubectl, jq and curl. About a minute.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly here run="$here/envtest-run.sh"
root=$(mktemp -d)
readonly root dir=$root/plane
passed=0 failed=0

finish() {
    local status=$?
    trap - EXIT
    "$run" stop "$dir" || true
    if ((failed || status)); then
        printf 'logs are kept in %s\n' "$dir/log"
    else
        rm -rf "$root"
    fi
    exit "$((failed || status))"
}

# check SENTENCE COMMAND...: counts the command's success or failure.
check() {
    local what=$1
    shift
    if "$@" >"$root/out" 2>&1; then
        passed=$((passed + 1))
        printf 'ok      %s\n' "$what"
    else
        failed=$((failed + 1))
        printf 'FAILED  %s\n' "$what"
        sed 's/^/        /' "$root/out"
    fi
}

# says TEXT COMMAND...: the command, whether it fails or not, prints TEXT.
says() {
    local text=$1
    shift
    { "$@" || true; } >"$root/said" 2>&1
    grep -qF -- "$text" "$root/said" || {
        cat "$root/said"
        return 1
    }
}

refuses() { ! "$@"; }

# within SECONDS COMMAND...: repeats it until it succeeds.
within() {
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        ((SECONDS < end)) || return 1
        sleep 0.5
    done
}

port_is_closed() { ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

part_ended() { ! "$run" status "$1" >/dev/null 2>&1; }

watch_from() {
    kubectl get --raw "/api/v1/namespaces/default/configmaps?watch=1&resourceVersion=$1&timeoutSeconds=1"
}

check_plane() {
    check 'start brings up all four parts' \
        env ENVTEST_PARTS="etcd apiserver controller-manager scheduler" ENVTEST_PARENT_PID=$$ \
        "$run" start "$dir"
    # shellcheck source=/dev/null
    source "$dir/env"
    export KUBECONFIG
    check 'status finds them running' "$run" status "$dir"
    check 'start refuses a directory in use' refuses "$run" start "$dir"
    check 'the server is 1.20.2' says '"gitVersion": "v1.20.2"' kubectl get --raw /version
    check 'service accounts get their tokens' \
        kubectl get --raw /api/v1/namespaces/default/serviceaccounts/default
    check 'RBAC refuses a stranger' stranger_is_refused
}

stranger_is_refused() {
    "$run" kubeconfig "$dir" "$root/stranger.kubeconfig" stranger some-group
    says 'User "stranger" cannot list' kubectl --kubeconfig "$root/stranger.kubeconfig" get nodes
}

check_fixtures() {
    check 'the kinds and the fixture cluster load' "$here/../test/harness/envtest/load.sh"
    check 'loading again changes nothing' loads_without_change
    check 'every schema is structural' says '[]' non_structural_kinds
    check 'the cluster has its version' says 4.16.30 \
        kubectl get clusterversion version -o 'jsonpath={.status.history[0].version}'
    check 'the pools are at rest' says '3 3' kubectl get machineconfigpool \
        -o 'jsonpath={.items[*].status.readyMachineCount}'
    check 'machines point to their nodes' says aro-x7k2p-master-0 kubectl get -n openshift-machine-api \
        machine aro-x7k2p-master-0 -o 'jsonpath={.status.nodeRef.name}'
    check 'machine sets scale' kubectl scale -n openshift-machine-api --replicas=2 \
        machineset/aro-x7k2p-worker-eastus1
    check 'status is not written through the main resource' says 1 status_stays
    check 'an empty string is a string' kubectl patch clusterversion version --type=merge \
        -p '{"spec":{"channel":""}}'
    check 'a wrong type is refused' says 'must be of type' kubectl patch clusterversion version \
        --type=merge -p '{"spec":{"channel":7}}'
}

loads_without_change() {
    contents >"$root/before"
    "$here/../test/harness/envtest/load.sh" objects
    contents | diff "$root/before" -
}

# A server-side apply that changes nothing still touches managedFields on this server.
contents() {
    kubectl get clusterversion,clusteroperator,machines,machinesets,machineconfigpool -A -o json |
        jq '.items[] | del(.metadata.managedFields, .metadata.resourceVersion)'
}

non_structural_kinds() {
    kubectl get crd -o json | jq -c '[.items[] | select(any(.status.conditions[];
        (.type == "NonStructuralSchema" and .status == "True")
        or (.type == "Established" and .status != "True"))) | .metadata.name]'
}

status_stays() {
    kubectl patch -n openshift-machine-api machineset aro-x7k2p-worker-eastus2 --type=merge \
        -p '{"status":{"replicas":9}}'
    kubectl get -n openshift-machine-api machineset aro-x7k2p-worker-eastus2 \
        -o 'jsonpath={.status.replicas}'
}

check_faults() {
    local old
    kubectl create configmap old >/dev/null
    old=$(kubectl get configmap old -o 'jsonpath={.metadata.resourceVersion}')
    kubectl create configmap new >/dev/null
    check 'a watch from an old version sees what came later' says '"name":"new"' watch_from "$old"
    check 'compact restarts the server' "$run" compact "$dir"
    check 'that old version is now gone' says '"code":410' watch_from "$old"
    check 'kill-apiserver ends it' "$run" kill-apiserver "$dir"
    check 'its port is closed' port_is_closed "$ENVTEST_APISERVER_PORT"
    check 'status notices' refuses "$run" status "$dir"
    check 'restart-apiserver brings it back' "$run" restart-apiserver "$dir"
    check 'what was stored is still there' kubectl get configmap old new
    check 'freeze-apiserver stops it' "$run" freeze-apiserver "$dir"
    check 'a frozen server does not answer' refuses kubectl get configmap old --request-timeout=1s
    check 'thaw-apiserver lets it go on' "$run" thaw-apiserver "$dir"
    check 'a thawed server answers' within 20 kubectl get configmap old
}

check_end() {
    check 'stop ends everything' "$run" stop "$dir"
    check 'nothing listens any more' port_is_closed "$ENVTEST_ETCD_PORT"
    check 'stop again is fine' "$run" stop "$dir"
    check 'a failed start leaves nothing running' failed_start_is_clean
    check 'everything ends with the parent' ends_with_parent
}

failed_start_is_clean() {
    if ENVTEST_APISERVER_FLAGS=--no-such-flag "$run" start "$root/bad"; then
        return 1
    fi
    [[ ! -e $root/bad/run ]]
}

ends_with_parent() {
    sleep 600 &
    local parent=$! plane=$root/orphan
    ENVTEST_PARENT_PID=$parent "$run" start "$plane"
    kill "$parent"
    wait "$parent" || true
    within 20 part_ended "$plane" && within 20 test ! -e "$plane/run"
}

trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
check_plane
check_fixtures
check_faults
check_end
printf '%s passed, %s failed\n' "$passed" "$failed"
