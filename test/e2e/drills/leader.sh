#!/usr/bin/env bash
# Two masters, one of which writes: the leader is killed, and frozen until it has lost its lease.
set -euo pipefail
# shellcheck source=test/e2e/drills/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

restore() {
    local pod
    for pod in $(pods aro-operator-master); do
        signal_pod "$pod" CONT 2>/dev/null || true
    done
    set_banner "" >/dev/null || true
    kubectl -n "$NS" patch deployment aro-operator-master -p "$(template 1 3 '"$patch":"delete"')" >/dev/null || true
}
trap restore EXIT

# template REPLICAS FAILURES MORE: so many masters, killed only after so many failed liveness probes (one that is frozen must
# live longer than its lease), and the settings of a lease that changes hands soon, each with more words.
template() {
    printf '{"spec":{"replicas":%s,"template":{"spec":{"containers":[{"name":"aro-operator",
        "livenessProbe":{"failureThreshold":%s},"env":[{"name":"ARO_LEASE_DURATION_MS",%s},
        {"name":"ARO_LEASE_RENEW_DEADLINE_MS",%s},{"name":"ARO_LEASE_RETRY_MS",%s}]}]}}}}' \
        "$1" "$2" "$3" "${4:-$3}" "${5:-$3}"
}

two_masters() {
    local both
    read -ra both <<<"$(pods aro-operator-master)"
    ((${#both[@]} == 2))
}

# The other of the two.
standby() {
    local pod
    for pod in $(pods aro-operator-master); do
        if [[ $pod != "$1" ]]; then
            printf '%s\n' "$pod"
        fi
    done
}

drill_kill() {
    local first role transitions
    first=$(leader)
    role=$(uid clusterrole system:aro-sre)
    transitions=$(lease leaseTransitions)
    signal_pod "$first" KILL
    kubectl delete clusterrole system:aro-sre >/dev/null
    check 'after the leader was killed its work is done by another' \
        within "$BOUND_S" recreated "$role" clusterrole system:aro-sre
    check 'the lease changed hands' test "$(lease leaseTransitions)" -gt "${transitions:-0}"
    check 'both masters are ready again' within "$BOUND_S" rolled_out aro-operator-master
}

has_lost() { grep -qs 'leadership lost' "$E2E_PODS/$1/log"; }

# The old leader must not write after it was thawed, whatever it had in its hands. To see its writes alone, the new leader is
# frozen, too, while its lease lasts: then nobody may repair anything.
drill_freeze() {
    local old new role
    old=$(leader)
    signal_pod "$old" STOP
    check 'after the leader was frozen the other one leads' within "$BOUND_S" other_leads "$old"
    new=$(leader)
    role=$(uid clusterrole system:aro-sre)
    kubectl delete clusterrole system:aro-sre >/dev/null
    check 'the new leader repairs' within "$BOUND_S" recreated "$role" clusterrole system:aro-sre
    signal_pod "$new" STOP
    kubectl delete clusterrole system:aro-sre >/dev/null
    set_banner ContactSupport >/dev/null
    signal_pod "$old" CONT
    check 'the old leader does not write once it runs again' during 4 \
        absent clusterrole system:aro-sre
    check 'nor does it show the banner' absent consolenotifications.console.openshift.io openshift-aro-sre
    check 'but says that it lost its lease' within 10 has_lost "$old"
    signal_pod "$new" CONT
    check 'the deletion is repaired when a leader is there' within "$BOUND_S" kubectl get clusterrole system:aro-sre
    check 'and the banner is shown' within "$BOUND_S" banner_is_shown
    set_banner "" >/dev/null
    check 'a master leads' within "$BOUND_S" leader
    check 'the conditions are right with two masters' within "$BOUND_S" healthy
}

# A regular end hands the lease over at once.
drill_release() {
    local old
    old=$(leader)
    kubectl -n "$NS" delete pod "$old" --wait=false >/dev/null
    check 'a leader that ends regularly is followed long before its lease would end' within 14 other_leads "$old"
}

set_banner "" >/dev/null
kubectl -n "$NS" patch deployment aro-operator-master \
    -p "$(template 2 30 '"value":"20000"' '"value":"15000"' '"value":"1500"')" >/dev/null
check 'two masters become ready, the standby too' within "$BOUND_S" rolled_out aro-operator-master
check 'and the one before is gone' within "$BOUND_S" two_masters
check 'one of them leads' within "$BOUND_S" leader
check 'there is a standby' test -n "$(standby "$(leader)")"
drill_kill
drill_freeze
drill_release
finish
