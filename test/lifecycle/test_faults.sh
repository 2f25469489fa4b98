#!/bin/bash
# Every call to Azure that a cluster's creation and deletion make fails once: it is throttled, answered with an error, cut off before and
# after it took effect, and what it began ends badly. The calls are those that an undisturbed life made. What heals is tried again; what
# does not is told to the cluster's owner, who can delete it then; nothing is left of any, and nothing else is touched. One resource
# provider, many clusters at the same time. BIN holds devcloud and what it starts. FAULT_STRIDE: only each so-manieth of the lives
# that end badly.
# shellcheck source=test/unit/support/cases.sh
. "$(dirname "$0")/../unit/support/cases.sh"
# shellcheck source=test/az/cloud.sh
. "$(dirname "$0")/../az/cloud.sh"
# shellcheck source=test/lifecycle/lib.sh
. "$(dirname "$0")/lib.sh"

STRIDE=${FAULT_STRIDE:-1}
LIMIT_S=600 # many clusters at the same time
lives=$work/lives
mkdir "$lives"
# Words of faults.jq.
words() { jq -L "$ROOT/test/lifecycle" "${@:1:$#-1}" 'include "faults"; '"${*: -1}"; }

# ---- clusters, each in a network of its own ----

# prepare NAME...: what customers bring.
prepare() {
    local name
    for name; do
        mkdir "$lives/$name"
        uuid >"$lives/$name/client"
        make_application "$(cat "$lives/$name/client")" "secret-of-$name"
        make_network "$name"
    done
}
# create NAME, delete NAME: until the operation has ended, which is kept.
create() {
    cluster_body "$1" master worker | jq --arg id "$(cat "$lives/$1/client")" --arg name "$1" '.properties.servicePrincipalProfile = {clientId: $id, clientSecret: "secret-of-\($name)"}' | in_network "$1" |
        rp PUT "$(id "$1")?$NEW" -D "$lives/$1/headers" -d @- >"$lives/$1/put.json"
    (cd "$lives/$1" && ended "$(operation_in headers)" >created.json)
}
delete() {
    rp DELETE "$(id "$1")?$NEW" -D "$lives/$1/headers"
    (cd "$lives/$1" && ended "$(operation_in headers)" >deleted.json)
}
# each FUNCTION NAME...: for all names at the same time.
each() {
    local name pids=()
    for name in "${@:2}"; do "$1" "$name" & pids+=($!); done
    wait "${pids[@]}"
}
set_faults() { control faults -X PUT -d @"$1" >/dev/null; }

# ---- what there is to fail ----

# record NAME: a life without a fault; the calls of its halves are left in files.
record() {
    local from
    from=$(control requests | jq length)
    create "$1"
    control requests | words --arg name "$1" --argjson from "$from" '.[$from:] | calls($name)' >"$lives/create.calls"
    from=$(control requests | jq length)
    delete "$1"
    control requests | words --arg name "$1" --argjson from "$from" '.[$from:] | calls($name)' >"$lives/delete.calls"
}

# A POST that is cut off may have had its effect: it is not asked again.
STORMS='[{name: "throttled", kind: "throttled", every: 1}, {name: "broken", kind: "broken", every: 1}]
    + [("reset", "lost") as $kind | range(3) | {name: "\($kind)\(.)", kind: $kind, every: 3, from: .}]'
# storm_faults CALLS: the faults of clusters that have nothing else.
storm_faults() {
    words -c --slurpfile calls "$1" -n "$STORMS"' | map(. as $storm | [$calls[0][] | select(is_own("undisturbed"))]
        | to_entries[] | select(.key % $storm.every == ($storm.from // 0)) | .value | of("undisturbed"; $storm.name) | once($storm.kind))'
}
# What all clusters ask alike fails for some of them: never as often in a row as one of them would ask again.
shared_faults() {
    words -c --slurpfile calls "$1" -n '[$calls[0][] | select(is_own("undisturbed") | not) | del(.at)] | unique
        | map(. as $call | ["throttled", "broken", "reset"] | to_entries[] | select(.value != "reset" or ($call.path | endswith("/generateCredentials") | not))
            | .value as $kind | $call + {at: (5 * .key)} | once($kind))'
}
# operations CALLS: those that begin something that takes its time.
operations() { words -c '.[] | select(is_operation)' <"$1"; }

# ---- what is done ----

# live_alone NAME FAULT FAULT: a life in which the creation meets a fault that any cluster could meet, and the first deletion another.
live_alone() {
    prepare "$1"
    echo "[$2]" >"$lives/$1/create.faults"
    echo "[$3]" >"$lives/$1/delete.faults"
    set_faults "$lives/$1/create.faults"
    create "$1"
    set_faults "$lives/$1/delete.faults"
    delete "$1"
    cp "$lives/$1/deleted.json" "$lives/$1/undeleted.json"
    [ -z "$3" ] || delete "$1"
}
ENDS_BADLY='"operation": {"error": {"code": "MadeToFail", "message": "made to fail"}}'

# make_faulty_creations: at the same time.
make_faulty_creations() {
    words -c -n --slurpfile operations "$lives/create.operations" --argjson stride "$STRIDE" '[$operations | map(select(is_own("undisturbed"))) | to_entries[] | select(.key % $stride == 0)
        | {name: "ends\(.key + 100 | tostring[1:])", call: .value}]' >"$lives/ends"
    jq -r '.[].name' "$lives/ends" >"$lives/ends.names"
    jq -r -n "$STORMS | .[].name" >"$lives/storms.names"
    mapfile -t ENDS <"$lives/ends.names"
    mapfile -t STORM_NAMES <"$lives/storms.names"
    prepare "${STORM_NAMES[@]}" "${ENDS[@]}" rounds inside refused
    foreign >"$lives/before"
    {
        storm_faults "$lives/create.calls"
        shared_faults "$lives/create.calls"
        words -c '[.[] | .name as $name | .call | of("undisturbed"; $name) | {method, host, path, skip: .at,
            operation: (if $name | test("[02468]$") then {error: envelope("MadeToFail").error} else {canceled: true} end)}]' <"$lives/ends"
        # What a deployment makes is refused: for good, and until the rights have spread.
        jq -n -c '[{inside: true, method: "PUT", path: "*/aro-inside/*/loadBalancers/*", status: 400, body: {error: {code: "MadeToFail", message: "made to fail"}}},
            {inside: true, method: "PUT", path: "*/aro-refused/*/networkSecurityGroups/*", status: 403, body: {error: {code: "AuthorizationFailed", message: "not yet"}}}]'
    } | jq -s add >"$lives/create.faults"
    set_faults "$lives/create.faults"
    each create "${STORM_NAMES[@]}" "${ENDS[@]}" rounds inside refused
    control faults >"$lives/create.left"
}
# make_faulty_deletions: of all of them, at the same time.
make_faulty_deletions() {
    {
        storm_faults "$lives/delete.calls"
        shared_faults "$lives/delete.calls"
        words -c --slurpfile operations "$lives/delete.operations" -n '[$operations[] | select(is_own("undisturbed")) | of("undisturbed"; "rounds")
            | {method, host, path, skip: .at, operation: {error: envelope("MadeToFail").error}}]'
    } | jq -s add >"$lives/delete.faults"
    set_faults "$lives/delete.faults"
    each delete "${STORM_NAMES[@]}" "${ENDS[@]}" inside refused &
    go_round rounds
    wait $!
    control faults >"$lives/delete.left"
}
# go_round NAME: asks for its deletion until that ends well, and counts.
go_round() {
    : >"$lives/$1/rounds"
    until delete "$1" && [ "$(jq -r .status "$lives/$1/deleted.json")" = Succeeded ]; do
        jq -c .error "$lives/$1/deleted.json" >>"$lives/$1/rounds"
        [ "$(wc -l <"$lives/$1/rounds")" -lt 100 ] || return 1
    done
}

# ---- what must hold ----

# told NAME: what happened to a cluster.
told() { cat "$lives/$1"/*.json | cut -c1-1500; grep -E "level=(warning|error)" "$work/cloud/log/rp.log" | grep -E "$1" | cut -c1-600 | tail -4; }
# ended_as NAME HALF STATUS CODE
ended_as() {
    [ "$(jq -r '"\(.status) \(.error.code // "")"' "$lives/$1/$2.json")" != "$3 $4" ] || return 0
    echo "$1 was not $2: $3 $4"
    told "$1"
    return 1
}
# all_met HALF NAME: the calls of a cluster that should have failed and did not.
all_met() {
    jq -c --arg name "$2" '.[] | select((.path | contains($name)) and (.times // 1) > 0) | [.method, .path, .skip]' "$lives/$1.left" >left
    expect ! -s left || { cat left; return 1; }
}
test_record() {
    expect "$(jq length "$lives/create.calls")" -gt 40
    expect "$(jq length "$lives/delete.calls")" -gt 40
    ended_as undisturbed created Succeeded ''
    ended_as undisturbed deleted Succeeded ''
}
test_storm() {
    ended_as "$1" created Succeeded ''
    all_met create "$1"
    ended_as "$1" deleted Succeeded ''
    all_met delete "$1"
}
# The end of a deployment is the customer's business; everything else is ours.
test_ends() {
    ended_as "$1" created Failed InternalServerError
    expect "$(jq -r .error.message "$lives/$1/created.json")" = 'Internal server error.'
    all_met create "$1"
    ended_as "$1" deleted Succeeded ''
}
test_alone() {
    ended_as "$1" created Failed InternalServerError
    ended_as "$1" deleted Succeeded ''
}
test_endpoint() {
    test_alone endpoint
    ended_as endpoint undeleted Failed InternalServerError
}
test_token() { test_alone token; }
test_inside() {
    ended_as inside created Failed DeploymentFailed
    expect "$(jq -r .error.message "$lives/inside/created.json")" = 'Deployment failed.'
    jq -r '.error.details[].message' "$lives/inside/created.json" | expect_text MadeToFail
    ended_as inside deleted Succeeded ''
}
test_refused() {
    ended_as refused created Succeeded ''
    ended_as refused deleted Succeeded ''
}
test_rounds() {
    ended_as rounds created Succeeded ''
    expect "$(wc -l <"$lives/rounds/rounds")" -gt 2
    expect "$(sort -u "$lives/rounds/rounds")" = '{"code":"InternalServerError","message":"Internal server error."}'
    ended_as rounds deleted Succeeded ''
}
# What Azure holds but for the clusters'. They leave endpoints and policies on subnets, and what fails there leaves its mark.
foreign() {
    control state | jq -S '{
        resources: (.resources | map_values(if .type | test("virtualNetworks") then del(.etag, .properties["serviceEndpoints", "delegations", "provisioningState",
            "privateEndpointNetworkPolicies", "privateLinkServiceNetworkPolicies"]) else . end)),
        vaults: (.vaults // {} | map_values(map_values(keys))), applications: (.applications | map_values({displayName, objectId, secret})) }'
}
test_left() {
    foreign >after
    diff "$lives/before" after
}

hurry
start_rp_by test/lifecycle/with-registry.sh || exit 1
make_group one "$PRETEND"
make_registry
prepare undisturbed
record undisturbed
operations "$lives/create.calls" >"$lives/create.operations"
operations "$lives/delete.calls" >"$lives/delete.operations"
live_alone endpoint "{\"method\": \"PUT\", \"path\": \"*/privateEndpoints/*\", $ENDS_BADLY}" "{\"method\": \"DELETE\", \"path\": \"*/privateEndpoints/*\", $ENDS_BADLY}"
live_alone token '{"method": "POST", "path": "*/generateCredentials", "abort": true, "late": true}' ''
make_faulty_creations
make_faulty_deletions

cases=("a cluster lives undisturbed" test_record)
for name in "${STORM_NAMES[@]}"; do
    eval "test_$name() { test_storm $name; }"
    cases+=("a cluster lives whose calls are all $name once" "test_$name")
done
for name in "${ENDS[@]}"; do
    eval "test_$name() { test_ends $name; }"
    cases+=("it fails and can be deleted when this ends badly: $(jq -r --arg name "$name" '.[] | select(.name == $name) | .call | "\(.method) \(.path | split("/")[-4:] | join("/")), \(.at + 1)."' "$lives/ends")" "test_$name")
done
cases+=("a private endpoint whose making and deletion end badly" test_endpoint
    "a password whose answer is lost is not asked for twice" test_token
    "what a deployment is refused is told the customer" test_inside
    "a right that is missing at first is waited for" test_refused
    "a deletion goes on where it failed" test_rounds
    "nothing is left, and nothing else was touched" test_left)
(run_cases faults "${cases[@]}")
exit
