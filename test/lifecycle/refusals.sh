# shellcheck shell=bash
# refusals.sh - creations that are refused, a table of them: what is wrong, and what exactly the client is told. Sourced after lib.sh.
# Each is of an application and a cluster of its own, so that none knows of the others.

CLIENT= # of the cluster in hand
CASES=()
GROUP=/subscriptions/$AZURE_SUBSCRIPTION_ID/resourceGroups/dev/providers
VNET=$GROUP/Microsoft.Network/virtualNetworks/vnet
MASTER=$VNET/subnets/master
WORKER=$VNET/subnets/worker
VERSION=api-version=2023-11-22

# refusal NAME STATE BODY CODE TARGET MESSAGE: one row. STATE is merged into the simulator's state while the cluster is asked for, BODY
# edits the request. Both are in the words of jq, which know $client (the cluster's application), $rp (the provider's),
# $vnet, $master, $worker, $group (their IDs) and the functions below. TARGET is empty where there is none. MESSAGE is told word for
# word; it has {client}, {rp}, {vnet}, {master}, {worker}, {group}, {name} for what they stand for.
refusal() {
    local test=test_refusal_$((${#CASES[@]} / 2))
    eval "$test() { check_refusal $(printf '%q ' "${@:2}"); }"
    CASES+=("it refuses $1" "$test")
}

# at(ID; OBJECT): the object merged into a resource; permits(APP; ID; ACTIONS): all that an application may do with a resource.
WORDS='def at($id; $o): {resources: {($id | ascii_downcase): $o}};
def permits($app; $id; $actions): {applications: {($app): {permissions: {($id | ascii_downcase): [{actions: $actions, notActions: []}]}}}};
def resource($id; $type; $o): at($id; {id: $id, name: ($id | split("/") | last), type: $type, location: env.LOCATION, etag: "W/\"1\""} * $o);
def on_subnets($o): at($master; {properties: $o}) * at($worker; {properties: $o});'

words() {
    jq -n --arg client "$CLIENT" --arg rp "$AZURE_FP_CLIENT_ID" --arg vnet "$VNET" --arg master "$MASTER" --arg worker "$WORKER" --arg group "$GROUP" "$WORDS $1"
}

# merge_state FILE: merges it into the simulator's state; FILE.undo brings back what was there.
merge_state() {
    control state >state.json
    jq --slurpfile patch "$1" -n 'input as $state | def undo($o): with_entries(.value as $p | $o[.key] as $was |
        .value = (if ($p | type) == "object" and ($was | type) == "object" then $p | undo($was) else $was end)); $patch[0] | undo($state)' \
        state.json >"$1.undo"
    control state -X PATCH -d @"$1" | expect_text '"applications"'
}

# check_refusal STATE BODY CODE TARGET MESSAGE
check_refusal() {
    local name=refused$RANDOM message=$5 word operation=
    CLIENT=$(uuid)
    make_application "$CLIENT" s3cret-of-the-customer
    words "$1" >patch.json
    merge_state patch.json
    cluster_body "$name" master worker >whole.json
    jq --arg client "$CLIENT" --arg group "$GROUP" '.properties.servicePrincipalProfile = {clientId: $client, clientSecret: "s3cret-of-the-customer"} | '"$2" whole.json >body.json
    for word in "client $CLIENT" "rp $AZURE_FP_CLIENT_ID" "vnet $VNET" "master $MASTER" "worker $WORKER" "group $GROUP" "name $name"; do
        message=${message//"{${word%% *}}"/${word#* }}
    done

    rp PUT "$(id "$name")?$VERSION" -d @body.json -D headers >put.json
    if jq -e .error put.json >/dev/null; then
        cp put.json told.json
    else
        operation=$(operation_in headers)
        ended "$operation" >told.json
    fi
    control state -X PATCH -d @patch.json.undo >/dev/null
    jq -n --arg code "$3" --arg target "$4" --arg message "$message" '{code: $code, message: $message} + if $target == "" then {} else {target: $target} end' | jq -S . >want.json
    jq -S .error told.json | diff want.json - || return 1
    [ -z "$operation" ] || forget "$name"
}

# forget NAME: a cluster that was refused can be deleted, and leaves nothing.
forget() {
    await "$1" Failed
    rp DELETE "$(id "$1")?$VERSION"
    await_gone "$1"
    expect "$(control state | jq --arg group "resourcegroups/aro-$1" '[.resources | keys[] | select(contains($group))] | length')" = 0
}
