#!/bin/bash
# The Azure CLI of Debian against the real frontend and backend of a development cloud: whole lives of clusters, and what a
# customer reads when something is wrong. Clusters exist in documents only (test/rp-scripted). BIN holds devcloud and what it
# starts. The cases build on each other.
# shellcheck source=test/unit/support/cases.sh
. "$(dirname "$0")/../unit/support/cases.sh"
# shellcheck source=test/az/cloud.sh
. "$(dirname "$0")/cloud.sh"

# create NAME ARGUMENTS...
create() {
    az aro create -g dev -n "$1" --vnet vnet --master-subnet master --worker-subnet worker \
        --worker-vm-size Standard_D2s_v3 -o none "${@:2}"
}

# state_of NAME
state_of() { az aro show -g dev -n "$1" --query provisioningState -o tsv; }

# The CLI looks itself before it asks for a cluster; Resource Manager refuses whoever does not.
test_unregistered() {
    az provider unregister -n Microsoft.RedHatOpenShift --wait
    expect_status 1 create early
    expect_text 'Microsoft.RedHatOpenShift provider is not registered' <output
    expect_status 1 az rest --method put --body '{"location":"eastus"}' --url \
        "/subscriptions/{subscriptionId}/resourceGroups/dev/providers/Microsoft.RedHatOpenShift/openShiftClusters/early?api-version=2022-04-01"
    expect_text MissingSubscriptionRegistration <output
    az provider register -n Microsoft.RedHatOpenShift --wait
}

test_creates() {
    create cluster
    expect "$(state_of cluster)" = Succeeded
    expect "$(az aro show -g dev -n cluster --query systemData.createdByType -o tsv)" = Application
    az aro show -g dev -n cluster --query apiserverProfile.url -o tsv | expect_text '^https://api\.'
    expect "$(az aro list --query '[].name' -o tsv)" = cluster
    az resource list -g dev --query '[].type' -o tsv | expect_text openShiftClusters
    # two principals on the network, and each state of the operation through ARM
    expect "$(asks 'put .*/vnet/providers/Microsoft.Authorization/roleAssignments')" -eq 2
    expect "$(asks 'get .*/operationsstatus/')" -ge 2
    expect "$(az aro list -g dev --query '[].name' -o tsv)" = cluster
    expect "$(az aro list-credentials -g dev -n cluster --query kubeadminUsername -o tsv)" = kubeadmin
    az aro list-credentials -g dev -n cluster --query kubeadminPassword -o tsv | expect_text '^aaaaa-'
}

test_updates() {
    az aro update -g dev -n cluster --refresh-credentials -o none
    expect "$(state_of cluster)" = Succeeded
    local id
    id=$(az ad app create --display-name another --query appId -o tsv)
    az aro update -g dev -n cluster --client-id "$id" --client-secret other -o none
    expect "$(az aro show -g dev -n cluster --query servicePrincipalProfile.clientId -o tsv)" = "$id"
}

test_refusals() {
    expect_status 1 create second --location westus
    expect_text "InvalidParameter.*location 'westus' is invalid" <output
    expect_status 1 create second --pull-secret '{"auths":[]}'
    expect_text 'InvalidParameter.*pull secret is invalid' <output
    expect_status 1 az aro create -g dev -n second --vnet vnet --master-subnet master --worker-subnet worker
    expect_text "InvalidParameter.*'Standard_D4s_v3' is invalid for the 'worker' role" <output
    local id
    id=$(az ad app list --display-name another --query '[0].appId' -o tsv)
    expect_status 1 create second --client-id "$id" --client-secret other
    expect_text DuplicateClientID <output
    expect_status 3 az aro show -g dev -n second
}

test_failure() {
    expect_status 1 create fail-create
    expect_text 'DeploymentFailed' <output
    expect "$(state_of fail-create)" = Failed
    expect_status 1 az aro update -g dev -n fail-create --refresh-credentials
    expect_text RequestNotAllowed <output
    expect_status 1 az aro list-credentials -g dev -n fail-create
    expect_text RequestNotAllowed <output
}

test_deletes() {
    az aro delete -y -g dev -n cluster
    az aro delete -y -g dev -n fail-create
    expect "$(az aro list --query 'length(@)' -o tsv)" = 0
    expect "$(grep -cE "$AZURE_CLIENT_SECRET|aaaaa-bbbbb" "$work/cloud/log/rp.log")" = 0
    az provider unregister -n Microsoft.RedHatOpenShift --wait
    expect "$(az provider show -n Microsoft.RedHatOpenShift --query registrationState -o tsv)" = Unregistered
}

ARO_RP_BACKEND_DELETE_DELAY_MS=0 start_cloud && sign_in || exit 1
(run_cases az-rp \
    "nobody creates clusters before the provider is registered" test_unregistered \
    "az aro create makes a cluster, and show, lists and credentials know it" test_creates \
    "az aro update takes new credentials in both forms" test_updates \
    "what cannot be is refused, and says why" test_refusals \
    "a create that fails says why, and nothing but a delete is allowed" test_failure \
    "clusters are deleted, no secret is in the log, and the provider is left" test_deletes)
