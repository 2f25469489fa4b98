#!/bin/bash
# A cluster gets another service principal, and another secret of it: everything that signs in uses it then, and the former one is
# of no use any more. BIN holds devcloud and what it starts. The cases build on each other.
# shellcheck source=test/unit/support/cases.sh
. "$(dirname "$0")/../unit/support/cases.sh"
# shellcheck source=test/az/cloud.sh
. "$(dirname "$0")/../az/cloud.sh"
# shellcheck source=test/lifecycle/lib.sh
. "$(dirname "$0")/lib.sh"

FIRST=$(uuid) SECOND=$(uuid)
GROUP_ROLES='[.resources[] | select(.type == "Microsoft.Authorization/roleAssignments") | select(.id | test("resourcegroups/aro-one/"; "i"))]'

# principal APPLICATION: its object ID.
principal() { control state | jq -r --arg id "$1" '.applications[$id].objectId'; }
# holders: who has roles on the cluster's resource group.
holders() { control state | jq -r "$GROUP_ROLES | map(.properties.principalId) | unique[]"; }
# secret NAMESPACE NAME KEY: a value of a Secret in the cluster.
secret() { kube one -n "$1" get secret "$2" -o json | jq -r --arg key "$3" '.data[$key] | @base64d'; }
# secrets_with TEXT: the Secrets of the cluster that hold it.
secrets_with() { kube one get secrets -A -o json | jq -r --arg text "$1" '.items[] | select([.data[]? | @base64d | contains($text)] | any) | "\(.metadata.namespace)/\(.metadata.name)"'; }
reason() { kube one get "$1" cluster -o json | jq -r '.spec.forceRedeploymentReason // ""'; }
pod() { kube one -n openshift-azure-operator get pods -l app=aro-operator-master -o json | jq -r '.items[] | select(.metadata.deletionTimestamp == null) | .metadata.name'; }

# is_replaced POD: another one is there in its stead.
is_replaced() {
    local now
    now=$(pod)
    [ -n "$now" ] && [ "$now" != "$1" ]
}

# renew CLIENT SECRET: by a PATCH; CLIENT is empty where it stays. How it ended is in operation.json.
renew() {
    jq -n --arg id "$1" --arg secret "$2" '{properties: {servicePrincipalProfile: ({clientSecret: $secret} + if $id == "" then {} else {clientId: $id} end)}}' |
        rp PATCH "$(id one)?$NEW" -D headers -d @- >patch.json
    expect "$(jq -r .properties.provisioningState patch.json)" = Updating
    expect "$(grep -c "$2" patch.json)" = 0
    ended "$(operation_in headers)" >/dev/null
}
# uses CLIENT SECRET: so does all that signs in from within the cluster.
uses() {
    expect "$(secret kube-system azure-credentials azure_client_id)" = "$1"
    expect "$(secret kube-system azure-credentials azure_client_secret)" = "$2"
    secret kube-system azure-cloud-provider cloud-config | expect_text "^aadClientId: \"?$1\"?\$"
    secret kube-system azure-cloud-provider cloud-config | expect_text "^aadClientSecret: \"?$2\"?\$"
    # What the credential operator makes of them for others, ours among them.
    eventually minted "$1" "$2"
}
minted() { [ "$(secret openshift-azure-operator azure-cloud-credentials azure_client_id)" = "$1" ] && [ "$(secret openshift-azure-operator azure-cloud-credentials azure_client_secret)" = "$2" ]; }

test_create() {
    inventory >"$work/before"
    cluster_body one master worker | jq --arg id "$FIRST" '.properties.servicePrincipalProfile = {clientId: $id, clientSecret: "first-secret"}' |
        rp PUT "$(id one)?$NEW" -d @- >/dev/null
    await one
    open one
    uses "$FIRST" first-secret
    expect "$(holders)" = "$(principal "$FIRST")"
}

test_refused() {
    renew "$SECOND" not-its-secret
    expect "$(jq -r .error.code operation.json)" = InvalidServicePrincipalCredentials
    expect "$(jq -r .error.target operation.json)" = properties.servicePrincipalProfile
    jq -r .error.message operation.json | expect_text 'AADSTS7000215: Invalid client secret provided\.'
    expect "$(rp GET "$(id one)?$NEW" | jq -r .properties.provisioningState)" = Failed
    uses "$FIRST" first-secret
    expect "$(holders)" = "$(principal "$FIRST")"
}

test_other_client() {
    local before
    before=$(pod)
    expect -n "$before"
    renew "$SECOND" second-secret
    expect "$(jq -r .status operation.json)" = Succeeded
    uses "$SECOND" second-secret
    expect "$(rp GET "$(id one)?$NEW" | jq -c .properties.servicePrincipalProfile)" = "{\"clientId\":\"$SECOND\"}"
    expect "$(holders)" = "$(principal "$SECOND")"
    control state | jq -c "$GROUP_ROLES | map(.properties.roleDefinitionId | split(\"/\") | last)" | expect_text '^\["b24988ac-6180-42a0-ab88-20f7382dd24c"\]$'
    reason kubeapiserver | expect_text '^Credential rotation 20'
    reason kubecontrollermanager | expect_text '^Credential rotation 20'
    eventually is_replaced "$before"
    expect "$(secrets_with first-secret)" = ''
    expect "$(secrets_with "$FIRST")" = ''
}

test_other_secret() {
    local reasons
    reasons=$(reason kubeapiserver)
    control state -X PATCH -d "$(jq -n --arg id "$SECOND" '{applications: {($id): {secret: "third-secret"}}}')" >/dev/null
    renew '' third-secret
    expect "$(jq -r .status operation.json)" = Succeeded
    uses "$SECOND" third-secret
    expect "$(holders)" = "$(principal "$SECOND")"
    expect "$(secrets_with second-secret)" = ''
    expect "$(reason kubeapiserver)" != "$reasons"
}

# Nothing needs the former one, nor an update that changes nothing the control plane's rollout.
test_unchanged() {
    local reasons
    reasons=$(reason kubeapiserver)
    control state -X PATCH -d "$(jq -n --arg id "$FIRST" '{applications: {($id): null}}')" >/dev/null
    renew "$SECOND" third-secret
    expect "$(jq -r .status operation.json)" = Succeeded
    expect "$(reason kubeapiserver)" = "$reasons"
}

test_delete() {
    rp DELETE "$(id one)?$NEW"
    await_gone one
    inventory | diff "$work/before" -
}

hurry
start_rp || exit 1
make_group one "$PRETEND"
make_application "$FIRST" first-secret
make_application "$SECOND" second-secret
(run_cases credentials \
    "a cluster signs in as its owner said" test_create \
    "credentials that do not work are refused, and change nothing" test_refused \
    "a PATCH gives it another service principal, the former one is gone" test_other_client \
    "a PATCH gives it another secret alone" test_other_secret \
    "a PATCH with what it has restarts nothing" test_unchanged \
    "a delete leaves nothing" test_delete)
