#!/usr/bin/env bash
# What is between the operator and the API server: connections that are refused, reset, silent or slow, and every kind of wrong
# answer. The operator says what is wrong, notices what happened meanwhile, and neither restarts nor loses its lease.
set -euo pipefail
# shellcheck source=test/e2e/drills/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

readonly LOGGING=openshift-azure-logging

# Each kind of fault hits requests for another kind of object, so that all stand at the same time and none hides another:
#
#   NAME | OBJECT that is deleted meanwhile | words that a warning of the operator has to hold; empty: it is everyday | RULE
#
# Objects come back when the fault has been got over: it strikes reads, watches and writes of that kind.
readonly FAULTS=(
    '401|clusterrole system:aro-sre|drill says 401|"path":"*/clusterroles*","times":3,"status":401,"body":"@Unauthorized"'
    '403|clusterrolebinding system:aro-sre|drill says 403|"path":"*/clusterrolebindings*","times":3,"status":403,"body":"@Forbidden"'
    '409|-n openshift-machine-api machinehealthchecks.machine.openshift.io aro-machinehealthcheck||"path":"*/machinehealthchecks*","method":"P*","times":3,"status":409,"body":"@Conflict"'
    "410|-n $LOGGING configmap otel-config||\"path\":\"*/configmaps*\",\"query\":\"*watch=*\",\"times\":3,\"status\":410,\"body\":\"@Expired\""
    "429|-n $LOGGING daemonset otel-exporter-master||\"path\":\"*/daemonsets*\",\"times\":3,\"status\":429,\"headers\":{\"Retry-After\":\"1\"},\"body\":\"@TooManyRequests\""
    "500|-n $LOGGING serviceaccount geneva|drill says 500|\"path\":\"*/serviceaccounts*\",\"times\":3,\"status\":500,\"body\":\"@InternalError\""
    "503 without a body|-n $LOGGING podmonitors.monitoring.coreos.com otel-exporter|currently unable to handle|\"path\":\"*/podmonitors*\",\"times\":3,\"status\":503"
    "a login page|-n $LOGGING prometheusrules.monitoring.coreos.com otel-exporter-alerts|expected( at)? byte|\"path\":\"*/prometheusrules*\",\"method\":\"GET\",\"times\":3,\"status\":200,\"body\":\"<html>sign in</html>\""
    'a reply that is cut|clusteroperators.config.openshift.io aro||"path":"*/clusteroperators*","method":"GET","times":3,"cut_after":60'
    'a reply that ends too early|securitycontextconstraints.security.openshift.io privileged-genevalogging|JSON text|"path":"*/securitycontextconstraints/*","method":"GET","times":3,"end_after":60'
    'a reply of 80 MB|consolenotifications.console.openshift.io openshift-aro-sre||"path":"*/consolenotifications*","method":"GET","times":2,"pad":80000000'
    "slow replies|-n $LOGGING daemonset otel-exporter-worker||\"path\":\"*/$LOGGING/*\",\"times\":5,\"delay_ms\":1500"
    'a reply that never comes|-n openshift-config secret pull-secret||"path":"*/secrets/pull-secret","times":1,"stall":true'
    'a reply that stops coming|clusterrole system:aro-diagnostics||"path":"*/clusteroperators/aro","times":1,"stall_after":30'
)

trap 'clear_faults; set_banner "" >/dev/null' EXIT

# The rules as JSON. "@Reason" becomes the Status that an API server would send.
rules() {
    local row
    for row in "${FAULTS[@]}"; do
        printf '{%s}\n' "${row##*|}"
    done | jq -cs 'map(if (.body // "" | startswith("@")) then .body =
        { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", code: .status, reason: .body[1:],
          message: "drill says \(.status)" } else . end)'
}

# Whether the rule of that number has struck.
struck() { [[ $(proxy GET rules | jq ".[$1].times") -lt $(jq ".[$1].times" <<<"$2") ]]; }

no_restart() { (($(restarts) <= restarts_before)); }

same_leader() { leads "$leader_before"; }

drill_answers() {
    local rules row name object words uids=() i=0
    rules=$(rules)
    set_banner ContactSupport >/dev/null
    check 'the banner is shown' within "$BOUND_S" banner_is_shown
    mark_logs
    wire '{"http":true}'
    proxy PUT rules "$rules" >/dev/null
    proxy POST cut '' >/dev/null
    for row in "${FAULTS[@]}"; do
        IFS='|' read -r name object words _ <<<"$row"
        # shellcheck disable=SC2086 # words
        uids+=("$(uid $object)")
        # shellcheck disable=SC2086
        kubectl delete --wait=false $object >/dev/null
    done
    for row in "${FAULTS[@]}"; do
        IFS='|' read -r name object words _ <<<"$row"
        # shellcheck disable=SC2086
        check "$name: the deletion is noticed" within "$BOUND_S" recreated "${uids[i]}" $object
        check "$name: the fault has struck" within "$BOUND_S" struck "$i" "$rules"
        if [[ $words ]]; then
            check "$name: the operator says so" within 10 warned "$words"
        fi
        i=$((i + 1))
    done
    set_banner "" >/dev/null
    check 'no answer made a process restart' no_restart
    check 'and the conditions are right while the proxy reads along' within "$BOUND_S" healthy
    clear_faults
}

# A leader keeps its lease while renewals fail, as long as its deadline lets it.
drill_lease() {
    mark_logs
    wire '{"http":true}'
    proxy PUT rules '[{"path":"*/leases/*","times":4,"status":500,"body":"lease trouble"}]' >/dev/null
    check 'failed renewals: the leader says so' within 30 warned 'not renewed'
    check 'failed renewals: it goes on leading' within 30 same_leader
    clear_faults
}

# The proxy itself has reset connections while the wire was broken.
has_reset() { ((resets_after > resets_before)); }

resets() { proxy GET stats | jq .reset; }

# after SENTENCE MODE SECONDS CLAIM COMMAND...: the wire is in that mode, and something is deleted meanwhile. The command proves
# the claim.
after() {
    local role resets_before resets_after
    role=$(uid clusterrole system:aro-sre)
    mark_logs
    wire "$2"
    proxy POST cut '' >/dev/null
    sleep 0.5 # the cut's own resets are counted
    resets_before=$(resets)
    kubectl delete clusterrole system:aro-sre >/dev/null
    sleep "$3"
    resets_after=$(resets)
    wire '{}'
    proxy POST cut '' >/dev/null
    check "$1: a deletion meanwhile is noticed" within "$BOUND_S" recreated "$role" clusterrole system:aro-sre
    check "$1: $4" "${@:5}"
    check "$1: the conditions are right" within "$BOUND_S" healthy
}

# No packet ever tells that something is wrong: the probe of the connection has to find out.
drill_silence() {
    local role
    role=$(uid clusterrole system:aro-sre)
    mark_logs
    wire '{"silent":true}'
    kubectl delete clusterrole system:aro-sre >/dev/null
    sleep 18 # the probe gives up after 5 s, the handshake that follows after 10
    wire '{}'
    proxy POST cut '' >/dev/null
    check 'silence in the middle of a watch: a deletion meanwhile is noticed' \
        within "$BOUND_S" recreated "$role" clusterrole system:aro-sre
    check 'silence in the middle of a watch: the operator says so, once' warned_once 'API server .* cannot be reached'
    check 'silence in the middle of a watch: the conditions are right' within "$BOUND_S" healthy
}

# A process that starts while nobody answers waits, and is ready once somebody does.
drill_start() {
    local old new
    old=$(pods aro-operator-worker)
    wire '{"refuse":true}'
    kubectl -n "$NS" delete pod "$old" --wait=false >/dev/null
    check 'a worker starts while the API server refuses' within "$BOUND_S" replaced aro-operator-worker "$old"
    new=$(pods aro-operator-worker | tr ' ' '\n' | grep -vxF "$old")
    check 'and says that it cannot be reached' within "$BOUND_S" grep -q 'cannot be reached' "$E2E_PODS/$new/log"
    wire '{}'
    check 'and is ready when it answers' within "$BOUND_S" rolled_out aro-operator-worker
    check 'without a restart' no_restart
}

check 'the masters are at rest' within "$BOUND_S" rolled_out aro-operator-master
check 'the platform is well' within "$BOUND_S" healthy
check 'a master leads' within "$BOUND_S" leader
restarts_before=$(restarts)
leader_before=$(leader)
drill_answers
drill_lease
after 'refused connections' '{"refuse":true}' 6 'the operator says so, once' warned_once 'API server .* cannot be reached'
# Handshakes and small answers get through, and the next connection works again: not worth a warning.
after 'connections that are reset in the middle' '{"reset_after":6000}' 6 'the fault has struck' has_reset
drill_silence
check 'the network made no process restart' no_restart
check 'and the leader is still the same' same_leader
drill_start
finish
