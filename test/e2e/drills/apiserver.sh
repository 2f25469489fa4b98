#!/usr/bin/env bash
# The API server is killed, frozen, and forgets history, while the operator watches it.
set -euo pipefail
# shellcheck source=test/e2e/drills/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# Changes that wake many controllers, until stopped; requests may fail.
load() {
    local i=0
    set +e
    while :; do
        i=$((i + 1))
        kubectl -n openshift-azure-logging annotate --overwrite configmap otel-config "drill=$i"
        kubectl annotate --overwrite clusterroles system:aro-sre "drill=$i"
        kubectl -n openshift-machine-api patch machinehealthchecks.machine.openshift.io aro-machinehealthcheck \
            --type=merge -p "{\"spec\":{\"nodeStartupTimeout\":\"${i}m\"}}"
        kubectl -n openshift-config annotate --overwrite secret pull-secret "drill=$i"
    done >/dev/null 2>&1
}

end_load() {
    if [[ -n $loader ]]; then
        kill "$loader" 2>/dev/null || true
        wait "$loader" 2>/dev/null || true
        loader=""
    fi
}

timeout_is_restored() {
    [[ $(kubectl -n openshift-machine-api get machinehealthchecks.machine.openshift.io aro-machinehealthcheck \
        -o 'jsonpath={.spec.nodeStartupTimeout}') == 25m ]]
}

drill_kill() {
    local role
    role=$(uid clusterrole system:aro-sre)
    load &
    loader=$!
    sleep 3
    # The last words before the end: nobody has repaired them when the server dies.
    kubectl delete clusterrole system:aro-sre --wait=false >/dev/null
    set_banner ContactSupport >/dev/null
    plane kill-apiserver
    sleep 2
    check 'a killed API server comes back under load' plane restart-apiserver
    check 'what was deleted just before the kill is restored' within "$BOUND_S" recreated "$role" clusterrole system:aro-sre
    check 'what was asked for just before the kill is done' within "$BOUND_S" banner_is_shown
    end_load
    set_banner "" >/dev/null
    check 'the banner goes again' within "$BOUND_S" absent consolenotifications.console.openshift.io openshift-aro-sre
    check 'the edits of the load are undone' within "$BOUND_S" timeout_is_restored
    check 'the conditions are right after the kill' within "$BOUND_S" healthy
    check 'the operator went through the kill without a restart' no_restart
}

# Whether the API server knows the master's rights again. Until then it refuses watches, and who is refused lists again
# without ever hearing that history was forgotten.
knows_rights() {
    local master=system:serviceaccount:$NS:aro-operator-master
    kubectl auth can-i watch clusterroles/system:aro-sre --as "$master" &&
        kubectl -n openshift-config auth can-i get secrets/pull-secret --as "$master"
}

watches() { proxy GET requests | jq '[.[] | select(.query // "" | test("watch="))] | length'; }

# For some seconds nobody began a watch: all are open, and so long that their end makes nobody list.
watches_rest() {
    local before
    before=$(watches)
    sleep 3
    (($(watches) == before))
}

# No watch gets through while things happen and history is thrown away: the next ones end in 410 Gone.
drill_compact() {
    local pod role before
    pod=$(leader)
    role=$(uid clusterrole system:aro-sre)
    before=$(metric "$pod" kr_reflector_relist_410_total)
    wire '{"http":true}'
    proxy POST cut '' >/dev/null
    check 'the watches go through the proxy' within "$BOUND_S" watches_rest
    proxy PUT rules '[{"query":"*watch=*","times":-1,"stall":true}]' >/dev/null
    proxy POST cut '' >/dev/null
    kubectl delete clusterrole system:aro-sre >/dev/null
    kubectl annotate --overwrite clusterroles system:aro-diagnostics drill=compact >/dev/null
    check 'etcd compacts and the API server starts again' plane compact
    check 'the API server knows the rights of the master' within "$BOUND_S" knows_rights
    clear_faults
    check 'what was deleted in forgotten history is restored' \
        within "$BOUND_S" recreated "$role" clusterrole system:aro-sre
    check 'the operator met 410 Gone and listed again' within "$BOUND_S" \
        metric_above "$pod" kr_reflector_relist_410_total "$before"
    check 'the conditions are right after the compaction' within "$BOUND_S" healthy
    check 'the operator went through the compaction without a restart' no_restart
}

# Connections stay open and nothing answers.
drill_freeze() {
    local role
    role=$(uid clusterrole system:aro-sre)
    plane freeze-apiserver
    sleep 20
    plane thaw-apiserver
    within 30 kubectl delete clusterrole system:aro-sre >/dev/null
    check 'after a silence of 20 s a deletion is noticed' within "$BOUND_S" recreated "$role" clusterrole system:aro-sre
    check 'the conditions are right after the silence' within "$BOUND_S" healthy
    check 'the operator went through the silence without a restart' no_restart
}

no_restart() { (($(restarts) <= restarts_before)); }

loader=""
trap 'end_load; plane thaw-apiserver; clear_faults' EXIT
set_banner "" >/dev/null
check 'the masters are at rest' within "$BOUND_S" rolled_out aro-operator-master
check 'the platform is well' within "$BOUND_S" healthy
restarts_before=$(restarts)
drill_kill
drill_compact
drill_freeze
finish
