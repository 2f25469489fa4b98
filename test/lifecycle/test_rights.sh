#!/bin/bash
# What the resource provider may do in the simulated Azure: without a role on the customer's network a creation ends with what is missing;
# with it another succeeds, although Azure knows late that the managed group is the provider's. BIN holds devcloud and what it starts.
# The cases build on each other.
# shellcheck source=test/unit/support/cases.sh
. "$(dirname "$0")/../unit/support/cases.sh"
# shellcheck source=test/az/cloud.sh
. "$(dirname "$0")/../az/cloud.sh"
# shellcheck source=test/lifecycle/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=test/lifecycle/network.sh
. "$(dirname "$0")/network.sh"

# answers STATUS METHOD PATTERN: how often such a request was answered so.
answers() {
    control requests | jq --argjson status "$1" --arg method "$2" --arg pattern "$3" '[.[] | select(.status == $status and .method == $method and (.path | test($pattern; "i")))] | length'
}

test_without() {
    local operation
    TRUSTING=no network one 16
    inventory >"$work/before"
    body one | rp PUT "$(id one)?$NEW" -d @- -D headers >put.json
    operation=$(operation_in headers)
    ended "$operation" >told.json
    expect "$(jq -r .error.code told.json)" = InvalidResourceProviderPermissions
    expect "$(jq -r .error.message told.json)" = "The resource provider service principal (Application ID: $AZURE_FP_CLIENT_ID) does not have Network Contributor role on vnet '$VNET'."
    await one Failed
    rp DELETE "$(id one)?$NEW"
    await_gone one
    inventory | diff "$work/before" -
}

# It may not do there what its role does not let it.
test_refused() {
    AZURE_CLIENT_ID=$AZURE_FP_CLIENT_ID arm DELETE "$VNET?api-version=2020-08-01" >refused.json
    expect "$(jq -r .error.code refused.json)" = AuthorizationFailed
    jq -r .error.message refused.json | expect_text "^The client '$AZURE_FP_CLIENT_ID' with object id '.*' does not have authorization to perform action 'Microsoft.Network/virtualNetworks/delete' over scope '$VNET'"
}

test_late() {
    trust "$VNET"
    inventory >"$work/before"
    control state -X PATCH -d '{"role_delay_ms": 4000}' >/dev/null
    body one | rp PUT "$(id one)?$NEW" -d @- >put.json
    await one
    control state -X PATCH -d '{"role_delay_ms": 0}' >/dev/null
    expect "$(answers 403 PUT '/resourcegroups/aro-one/providers/')" -ge 1
    rp DELETE "$(id one)?$NEW"
    await_gone one
    inventory | diff "$work/before" -
}

hurry
# shellcheck disable=SC2119
start_rp || exit 1
control state -X PATCH -d "$(jq -n "$PRETEND")" >/dev/null
VNET=$(group one)/providers/Microsoft.Network/virtualNetworks/vnet
(run_cases rights \
    "without a role on the network a creation ends with what is missing" test_without \
    "what no role lets the provider do Azure refuses" test_refused \
    "a right that comes late is waited for" test_late)
