#!/bin/bash
# The Azure CLI of Debian against the real frontend and backend, behind the simulated Azure: whole lives of clusters, and what a
# customer reads when something is wrong. Clusters exist in documents only (test/rp-scripted). BIN holds azuresim and
# rp-scripted. The cases build on each other.
# shellcheck source=test/unit/support/cases.sh
. "$(dirname "$0")/../unit/support/cases.sh"
# shellcheck source=test/az/sim.sh
. "$(dirname "$0")/sim.sh"

# Another subscription than the simulator's: that one is registered through Resource Manager, or not at all.
start_rp() {
    # shellcheck source=env.example
    . "$ROOT/env.example"
    export AZURE_TENANT_ID=00000000-0000-0000-0000-00000000000b AZURE_CLIENT_SECRET=verysecret DOMAIN=aro.example
    export ARO_RP_BACKEND_DELETE_DELAY_MS=0 DOMAIN_RESOURCEGROUP=dns
    AZURE_SUBSCRIPTION_ID=00000000-0000-0000-0000-00000000000a AZURE_CLIENT_ID=00000000-0000-0000-0000-00000000000c
    mkdir rp || return
    (cd rp && exec "${BIN:?}/rp-scripted" --port 0 --plain-port 0) >rp.log 2>&1 &
    pids+=($!)
    local until=$((SECONDS + 30))
    until port=$(sed -n 's/.*listening on port \([0-9]*\)".*/\1/p' rp.log 2>/dev/null) && [ -n "$port" ]; do
        [ "$SECONDS" -lt "$until" ] || return
        sleep 0.05
    done
}

start() {
    start_sim && start_rp && stand_before "https://localhost:$port" rp/secrets/rp-server
}

# create NAME ARGUMENTS...
create() {
    az aro create -g net -n "$1" --vnet vnet --master-subnet master --worker-subnet worker \
        --worker-vm-size Standard_D2s_v3 -o none "${@:2}"
}

# state_of NAME
state_of() { az aro show -g net -n "$1" --query provisioningState -o tsv; }

make_network() {
    az group create -g net -l eastus -o none
    az network vnet create -g net -n vnet --address-prefixes 10.0.0.0/22 -o none
    az network vnet subnet create -g net --vnet-name vnet -n master --address-prefixes 10.0.0.0/23 -o none
    az network vnet subnet create -g net --vnet-name vnet -n worker --address-prefixes 10.0.2.0/23 -o none
}

# The CLI looks itself before it asks for a cluster; Resource Manager refuses whoever does not.
test_unregistered() {
    make_network
    expect_status 1 create early
    expect_text 'Microsoft.RedHatOpenShift provider is not registered' <output
    expect_status 1 az rest --method put --body '{"location":"eastus"}' --url \
        "/subscriptions/{subscriptionId}/resourceGroups/net/providers/Microsoft.RedHatOpenShift/openShiftClusters/early?api-version=2022-04-01"
    expect_text MissingSubscriptionRegistration <output
    az provider register -n Microsoft.RedHatOpenShift --wait
}

test_creates() {
    create cluster
    expect "$(state_of cluster)" = Succeeded
    expect "$(az aro show -g net -n cluster --query systemData.createdByType -o tsv)" = Application
    az aro show -g net -n cluster --query apiserverProfile.url -o tsv | expect_text '^https://api\.'
    expect "$(az aro list --query '[].name' -o tsv)" = cluster
    expect "$(az aro list -g net --query '[].name' -o tsv)" = cluster
    expect "$(az aro list-credentials -g net -n cluster --query kubeadminUsername -o tsv)" = kubeadmin
    az aro list-credentials -g net -n cluster --query kubeadminPassword -o tsv | expect_text '^aaaaa-'
}

test_updates() {
    az aro update -g net -n cluster --refresh-credentials -o none
    expect "$(state_of cluster)" = Succeeded
    local id
    id=$(az ad app create --display-name another --query appId -o tsv)
    az aro update -g net -n cluster --client-id "$id" --client-secret other -o none
    expect "$(az aro show -g net -n cluster --query servicePrincipalProfile.clientId -o tsv)" = "$id"
}

test_refusals() {
    expect_status 1 create second --location westus
    expect_text "InvalidParameter.*location 'westus' is invalid" <output
    expect_status 1 create second --pull-secret '{"auths":[]}'
    expect_text 'InvalidParameter.*pull secret is invalid' <output
    expect_status 1 az aro create -g net -n second --vnet vnet --master-subnet master --worker-subnet worker
    expect_text "InvalidParameter.*'Standard_D4s_v3' is invalid for the 'worker' role" <output
    local id
    id=$(az ad app list --display-name another --query '[0].appId' -o tsv)
    expect_status 1 create second --client-id "$id" --client-secret other
    expect_text DuplicateClientID <output
    expect_status 3 az aro show -g net -n second
}

test_failure() {
    expect_status 1 create fail-create
    expect_text 'DeploymentFailed' <output
    expect "$(state_of fail-create)" = Failed
    expect_status 1 az aro update -g net -n fail-create --refresh-credentials
    expect_text RequestNotAllowed <output
    expect_status 1 az aro list-credentials -g net -n fail-create
    expect_text RequestNotAllowed <output
}

test_deletes() {
    az aro delete -y -g net -n cluster
    az aro delete -y -g net -n fail-create
    expect "$(az aro list --query 'length(@)' -o tsv)" = 0
    expect "$(grep -cE 'verysecret|aaaaa-bbbbb' "$work/rp.log")" = 0
    az provider unregister -n Microsoft.RedHatOpenShift --wait
    expect "$(az provider show -n Microsoft.RedHatOpenShift --query registrationState -o tsv)" = Unregistered
}

start >"$work/start.log" 2>&1 || {
    cat "$work"/*.log
    exit 1
}
(run_cases az-rp \
    "nobody creates clusters before the provider is registered" test_unregistered \
    "az aro create makes a cluster, and show, lists and credentials know it" test_creates \
    "az aro update takes new credentials in both forms" test_updates \
    "what cannot be is refused, and says why" test_refusals \
    "a create that fails says why, and nothing but a delete is allowed" test_failure \
    "clusters are deleted, no secret is in the log, and the provider is left" test_deletes)
