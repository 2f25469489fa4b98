#!/bin/bash
# A fleet that the resource provider makes, configured by one SelectorSyncSet: clusters get it that are there and that come later,
# changes reach them, what somebody takes away comes back, and what the set no longer has goes. BIN holds devcloud and what it
# starts. The cases build on each other.
# shellcheck source=test/unit/support/cases.sh
. "$(dirname "$0")/../unit/support/cases.sh"
# shellcheck source=test/az/cloud.sh
. "$(dirname "$0")/../az/cloud.sh"
# shellcheck source=test/lifecycle/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=test/lifecycle/network.sh
. "$(dirname "$0")/network.sh"

# sets METHOD PATH [ARGUMENT OF curl]...: the answer of SyncSets.
sets() { curl -sS --fail-with-body -X "$1" "$SETS/v1/$2" -H 'Content-Type: application/json' "${@:3}"; }
# create NAME THIRD_BYTE: a cluster in a network of its own (network.sh).
create() {
    network "$1" "$2"
    body "$1" | rp PUT "$(id "$1")?$NEW" -d @- >put.json
    expect "$(jq -r .properties.provisioningState put.json)" = Creating
}
# set_of GREETING: with two ConfigMaps, the second only when there is a greeting.
set_of() {
    jq -n --arg greeting "$1" 'def map($name; $data): {apiVersion: "v1", kind: "ConfigMap", metadata: {name: $name, namespace: "default"}, data: $data};
        {metadata: {name: "fleet"}, spec: {clusterDeploymentSelector: {matchLabels: {"hive.openshift.io/cluster-platform": "azure"}}, resourceApplyMode: "Sync",
            resources: [map("fleet"; {by: "syncsets"}), if $greeting == "" then empty else map("greeting"; {text: $greeting}) end]}}'
}
# has CLUSTER NAME KEY VALUE: of a ConfigMap.
has() { [ "$(kube "$1" -n default get configmap "$2" -o json | jq -r --arg key "$3" '.data[$key]')" = "$4" ]; }
lacks() { ! kube "$1" -n default get configmap "$2" >output 2>&1 && grep -q NotFound output; }
applied() { sets GET selectorsyncsets/fleet:status | jq -e --argjson n "$1" '.matched == $n and .applied == $n and .failing == 0'; }

test_registered() {
    create one 16
    create two 18
    for name in one two; do await "$name" && open "$name"; done
    sets GET clusters | jq -e '.items | length == 2 and all(.metadata.name == "cluster" and .metadata.labels["hive.openshift.io/cluster-region"] == env.LOCATION)'
    sets GET clusters | jq -e 'tojson | test("client-key|PRIVATE KEY") | not'
}

test_configured() {
    set_of hello | sets POST selectorsyncsets -d @- >set.json
    for name in one two; do
        eventually has "$name" fleet by syncsets
        has "$name" greeting text hello
    done
    eventually applied 2
}

test_comes_later() {
    create three 20
    await three && open three
    eventually has three greeting text hello
    eventually applied 3
}

test_changed() {
    sets GET selectorsyncsets/fleet >set.json
    set_of bonjour | jq --slurpfile old set.json '.metadata.resourceVersion = $old[0].metadata.resourceVersion' | sets PUT selectorsyncsets/fleet -d @- >/dev/null
    for name in one two three; do eventually has "$name" greeting text bonjour; done
}

# Nobody looks at clusters all the time; a resync is asked for.
test_drift() {
    kube one -n default delete configmap fleet >/dev/null
    kube one -n default patch configmap greeting --type=merge -p '{"data": {"text": "drifted"}}' >/dev/null
    local nspace
    nspace=$(sets GET clusters | jq -r --arg id "$(id one)" '.items[] | select(.metadata.annotations | tojson | ascii_downcase | contains($id | ascii_downcase)) | .metadata.namespace')
    sets POST "clusters/$nspace/cluster:resync" >/dev/null
    eventually has one fleet by syncsets
    eventually has one greeting text bonjour
}

test_sync_deletes() {
    sets GET selectorsyncsets/fleet >set.json
    set_of '' | jq --slurpfile old set.json '.metadata.resourceVersion = $old[0].metadata.resourceVersion' | sets PUT selectorsyncsets/fleet -d @- >/dev/null
    for name in one two three; do eventually lacks "$name" greeting && has "$name" fleet by syncsets; done
}

test_cluster_deleted() {
    rp DELETE "$(id two)?$NEW" >/dev/null
    await_gone two
    expect "$(sets GET clusters | jq '.items | length')" = 2
    eventually applied 2
}

test_set_deleted() {
    sets DELETE selectorsyncsets/fleet >/dev/null
    for name in one three; do eventually lacks "$name" fleet; done
}

hurry
start_cloud --rp aro-rp --syncsets --syncsets-port 0 || exit 1
RP=$(sed -n 's/^rp .* \(http:[^ ]*\) .*/\1/p' "$work/cloud/status")
SETS=$(sed -n 's/^syncsets .* \(http:[^ ]*\) .*/\1/p' "$work/cloud/status")
control state -X PATCH -d "$(jq -n "$PRETEND")" >/dev/null

(run_cases fleet \
    "clusters are registered once they are made" test_registered \
    "one set configures them" test_configured \
    "a cluster that comes later is configured, too" test_comes_later \
    "a change of the set reaches all" test_changed \
    "what somebody changed in a cluster comes back" test_drift \
    "what the set no longer has goes" test_sync_deletes \
    "a deleted cluster is forgotten" test_cluster_deleted \
    "with the set goes what it brought" test_set_deleted)
