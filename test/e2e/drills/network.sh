#!/usr/bin/env bash
# The network between the operator and the API server: refused, reset, silent and slow connections, every kind of wrong
# answer. After each the operator notices what happened meanwhile, without a restart.
set -euo pipefail
# shellcheck source=test/e2e/drills/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

proxy() { curl -fsS --noproxy '*' --max-time 10 -X "$1" ${3:+-d "$3"} "$E2E_PROXY/$2"; }

clear_faults() {
    proxy PUT rules '[]' >/dev/null
    proxy PUT wire '{}' >/dev/null
}
trap clear_faults EXIT

status() {
    printf '{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"fault","reason":"%s","code":%s}' "$2" "$1"
}

# A deletion that the operator has to notice, through whatever trouble there is now.
notices() {
    local what=$1 role
    role=$(uid clusterrole system:aro-sre)
    kubectl delete clusterrole system:aro-sre >/dev/null
    check "$what: a deletion is noticed" within "$BOUND_S" recreated "$role" clusterrole system:aro-sre
    check "$what: no restart was needed" no_restart
}

# A new process: its pauses after failures begin short again, which a row of faults would make a minute long.
fresh() {
    local old
    old=$(leader)
    kubectl -n "$NS" delete pod "$old" --wait=false >/dev/null
    within "$BOUND_S" other_leads "$old"
    within "$BOUND_S" healthy
    within "$BOUND_S" rolled_out aro-operator-master >/dev/null
    restarts_before=$(restarts)
}

# through SENTENCE RULES: the fault stands while the deletion happens.
through() {
    fresh
    proxy PUT rules "$2" >/dev/null
    proxy POST cut '' >/dev/null
    notices "$1"
    proxy PUT rules '[]' >/dev/null
}

no_restart() { (($(restarts) <= restarts_before)); }

drill_wire() {
    proxy PUT wire '{"refuse":true}' >/dev/null
    sleep 6
    proxy PUT wire '{}' >/dev/null
    notices 'after refused connections'
    fresh

    proxy PUT wire '{"reset_after":20000}' >/dev/null
    proxy POST cut '' >/dev/null
    sleep 6
    proxy PUT wire '{}' >/dev/null
    notices 'after connections that are reset in the middle'
    fresh

    # Its probe has to find out: no packet ever tells.
    proxy PUT wire '{"silent":true}' >/dev/null
    local role
    role=$(uid clusterrole system:aro-sre)
    kubectl delete clusterrole system:aro-sre >/dev/null
    sleep 12
    proxy POST cut '' >/dev/null
    proxy PUT wire '{}' >/dev/null
    check 'after a network that fell silent in a watch: a deletion meanwhile is noticed' \
        within "$BOUND_S" recreated "$role" clusterrole system:aro-sre
    check 'after a network that fell silent in a watch: no restart was needed' no_restart
}

drill_answers() {
    proxy PUT wire '{"http":true}' >/dev/null
    notices 'over HTTP/1.1'
    through '401' "[{\"status\":401,\"times\":20,\"body\":$(status 401 Unauthorized)}]"
    through '403' "[{\"status\":403,\"times\":20,\"method\":\"GET\",\"body\":$(status 403 Forbidden)}]"
    through '409' "[{\"status\":409,\"times\":4,\"method\":\"P*\",\"body\":$(status 409 Conflict)}]"
    through '410' "[{\"status\":410,\"times\":40,\"query\":\"*watch=*\",\"body\":$(status 410 Expired)}]"
    through '429 with Retry-After' \
        "[{\"status\":429,\"times\":20,\"headers\":{\"Retry-After\":\"1\"},\"body\":$(status 429 TooManyRequests)}]"
    through '500' "[{\"status\":500,\"times\":20,\"body\":$(status 500 InternalError)}]"
    through '503 without body' '[{"status":503,"times":20}]'
    through 'replies of garbage' '[{"status":200,"times":10,"method":"GET","body":"<html>captive portal</html>"}]'
    through 'replies that are cut' '[{"cut_after":200,"times":30,"method":"GET"}]'
    through 'truncated replies' '[{"end_after":200,"times":30,"method":"GET"}]'
    through 'oversized replies' '[{"pad":80000000,"times":2,"method":"GET","path":"*/clusterroles*"}]'
    through 'slow replies' '[{"delay_ms":1500,"times":30}]'
}

set_banner "" >/dev/null
check 'the masters are at rest' within "$BOUND_S" rolled_out aro-operator-master
check 'the platform is well' within "$BOUND_S" healthy
restarts_before=$(restarts)
drill_wire
drill_answers
clear_faults
check 'the conditions are right in the end' within "$BOUND_S" healthy
finish
