#!/usr/bin/env bash
# Two masters under short leases, killed and frozen at random instants while what they keep is deleted and edited. Whatever the
# instant: never two of them lead, and once they are left alone everything is as it was, whole.
#
# CRASH_SECONDS (600): how long it goes on. CRASH_SEED: the random numbers of an earlier run, which prints it.
set -euo pipefail
# shellcheck source=test/e2e/drills/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/drills/lib.sh"

readonly DURATION=${CRASH_SECONDS:-600}
readonly LEASE_S=$((${ARO_LEASE_DURATION_MS:?the lease of the operator that runs} / 1000))
RANDOM=${CRASH_SEED:-$$}
printf 'CRASH_SEED=%s\n' "${CRASH_SEED:-$$}"

readonly LOGGING=openshift-azure-logging MACHINE_API=openshift-machine-api
# What the operator keeps: everything here is deleted or edited.
readonly KEPT=(
    'clusterrole system:aro-sre' 'clusterrolebinding system:aro-sre' 'clusterrole system:aro-diagnostics'
    'clusterrolebinding system:aro-diagnostics' 'clusteroperators.config.openshift.io aro'
    'consolenotifications.console.openshift.io openshift-aro-sre'
    "-n $MACHINE_API machinehealthchecks.machine.openshift.io aro-machinehealthcheck"
    "-n $LOGGING daemonset otel-exporter-master" "-n $LOGGING daemonset otel-exporter-worker"
    "-n $LOGGING configmap otel-config" "-n $LOGGING serviceaccount geneva"
    "-n $LOGGING podmonitors.monitoring.coreos.com otel-exporter"
    "-n $LOGGING prometheusrules.monitoring.coreos.com otel-exporter-alerts"
    'securitycontextconstraints.security.openshift.io privileged-genevalogging'
    '-n openshift-config secret pull-secret'
)

# An object without what differs from one creation, or one status, to the next. Labels of others are left alone.
whole() {
    # shellcheck disable=SC2086 # words
    kubectl get $1 -o json | jq -cS 'del(.status, .secrets, .imagePullSecrets, .metadata.uid, .metadata.resourceVersion,
        .metadata.creationTimestamp, .metadata.generation, .metadata.managedFields, .metadata.selfLink,
        .metadata.annotations["deprecated.daemonset.template.generation"], .metadata.labels.drift)
        | del(.metadata.annotations, .metadata.labels | select(. == {}))'
}

all_whole() {
    local object
    for object in "${KEPT[@]}"; do
        whole "$object"
    done
}

as_before() { diff <(all_whole 2>&1) "$scratch/before"; }

# --- What happens to them --------------------------------------------------------------------------

pick() {
    local -n list=$1
    printf '%s' "${list[RANDOM % ${#list[@]}]}"
}

drift() {
    local object
    while :; do
        object=$(pick KEPT)
        # shellcheck disable=SC2086 # words
        case $((RANDOM % 4)) in
            0 | 1) kubectl delete --wait=false $object ;;
            2) kubectl patch $object --type=merge -p '{"rules":[],"data":null,"metadata":{"labels":{"drift":"x"}}}' ;;
            3) kubectl -n "$MACHINE_API" patch machinehealthchecks.machine.openshift.io aro-machinehealthcheck \
                --type=merge -p "{\"spec\":{\"nodeStartupTimeout\":\"${RANDOM}m\"}}" ;;
        esac >/dev/null 2>&1 || true
        sleep "0.$((RANDOM % 5))"
    done
}

# How many say that they lead, asked one after the other in less time than a lease takes to change hands.
leading() {
    local pod ip n=0
    for pod in $(pods aro-operator-master); do
        ip=$(kubectl -n "$NS" get pod "$pod" -o 'jsonpath={.status.podIP}')
        if curl -fsS --noproxy '*' --max-time 1 "http://$E2E_POD_NET.${ip#*.}:8888/metrics" |
            grep -q '^leader_election_master_status{.*} 1$'; then
            n=$((n + 1))
        fi
    done
    printf '%s\n' "$n"
}

# What a process says that has just been thawed is as old as its freeze; that it does not write is the leader drill's to show.
watch_leaders() {
    local n before
    while :; do
        before=$(ls "$scratch/freezes")
        n=$(leading) || n=0
        if [[ $before == "$(ls "$scratch/freezes")" && $before != *.now ]]; then
            printf '%s %s\n' "$n" "$(date +%T)" >>"$scratch/samples"
        fi
    done 2>/dev/null
}

# A process is killed; one time in four it is frozen instead for longer than its lease.
harm() {
    local victims pod pid
    read -ra victims <<<"$(pods aro-operator-master)"
    ((RANDOM % 5)) || victims=("$(pods aro-operator-worker)")
    ((${#victims[@]})) || return 0
    pod=$(pick victims)
    pid=$(pod_pid "$pod") || return 0
    if ((RANDOM % 4)); then
        kill -KILL "$pid" 2>/dev/null || return 0
        killed=$((killed + 1))
        return
    fi
    frozen=$((frozen + 1))
    touch "$scratch/freezes/$frozen.now"
    kill -STOP "$pid" 2>/dev/null || true
    sleep $((LEASE_S + 1))
    kill -CONT "$pid" 2>/dev/null || true
    sleep 1
    mv "$scratch/freezes/$frozen.now" "$scratch/freezes/$frozen"
}

end_noise() {
    local pid
    for pid in "${noise[@]}"; do
        kill "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    noise=()
}

settled() { within "$1" rolled_out aro-operator-master && within "$1" rolled_out aro-operator-worker; }

scratch=$(mktemp -d)
mkdir "$scratch/freezes"
noise=() killed=0 frozen=0
trap 'end_noise; rm -rf "$scratch"' EXIT

kubectl -n "$NS" patch deployment aro-operator-master -p '{"spec":{"replicas":2,"template":{"spec":{
    "containers":[{"name":"aro-operator","livenessProbe":{"failureThreshold":30}}]}}}}' >/dev/null
set_banner ContactSupport >/dev/null
check 'two masters are ready' settled "$BOUND_S"
check 'the banner is shown' within "$BOUND_S" banner_is_shown
check 'the platform is well' within "$BOUND_S" healthy
all_whole >"$scratch/before"
check 'everything that is kept is there' test "$(wc -l <"$scratch/before")" -eq "${#KEPT[@]}"

drift &
noise+=($!)
watch_leaders &
noise+=($!)
end=$((SECONDS + DURATION))
while ((SECONDS < end || (killed == 0 && SECONDS < end + BOUND_S))); do # chance may have it that all are frozen
    sleep "$((RANDOM % 3)).$((RANDOM % 10))"
    harm
done
end_noise
printf '%s kills, %s freezes, %s looks at who leads\n' "$killed" "$frozen" "$(wc -l <"$scratch/samples")"
check 'masters were killed' test "$killed" -gt 0
check 'never did two masters lead' refuses grep '^[2-9]' "$scratch/samples"
check 'all processes run again' settled "$BOUND_S"
check 'a master leads' within "$BOUND_S" leader
check 'the conditions are right' within "$BOUND_S" healthy
check 'and everything is whole again' within "$BOUND_S" as_before
crashes=$(grep -lE 'crashed|Sanitizer|stack smashing|double free' "$E2E_PODS"/*/log || true)
check 'no process ended by itself' test -z "$crashes"
finish
