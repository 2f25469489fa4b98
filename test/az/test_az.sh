#!/bin/bash
# The Azure CLI of Debian against the simulated Azure, with a scripted resource provider behind it. BIN holds azuresim. The
# cases build on each other: groups, networks, templates, the directory, a cluster.
# shellcheck source=test/unit/support/cases.sh
. "$(dirname "$0")/../unit/support/cases.sh"

# shellcheck source=test/az/sim.sh
. "$(dirname "$0")/sim.sh"

start() {
    start_sim || return
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=rp \
        -addext subjectAltName=IP:127.0.0.1 -keyout rp.key -out rp.crt 2>/dev/null || return
    /usr/bin/python3 "$ROOT/test/az/rp.py" rp.crt rp.key sim/ca.crt rp.port >rp.log 2>&1 &
    pids+=($!)
    await "$work/rp.port" && stand_before "https://127.0.0.1:$(cat rp.port)" rp.crt
}

subscription=/subscriptions/00000000-0000-0000-0000-000000000000
RP_RESOURCEGROUP=rp LOCATION=eastus COSMOSDB_ACCOUNT=aro-account

test_signs_in() {
    expect "$(az account show --query id -o tsv)" = "${subscription##*/}"
    expect_status 1 env AZ_PASSWORD=wrong "$ROOT/hack/az-sim.sh" "$(other_sim)" account show
    expect_text AADSTS7000215 <output
}
# Another folder for the same simulator: nobody is signed in there.
other_sim() {
    mkdir -p "$CASE_DIR/other"
    cp "$work/sim/url" "$work/sim/ca.crt" "$CASE_DIR/other"
    echo "$CASE_DIR/other"
}

test_groups() {
    expect "$(az group exists -g "$RP_RESOURCEGROUP")" = false
    expect "$(az group create -g "$RP_RESOURCEGROUP" -l "$LOCATION" --query properties.provisioningState -o tsv)" = Succeeded
    expect "$(az group exists -g "$RP_RESOURCEGROUP")" = true
    az group list --query '[].name' -o tsv | expect_text "^$RP_RESOURCEGROUP\$"
}

# As the quick start has it.
test_quick_start() {
    cd "$ROOT"
    expect "$(az deployment group create -g "$RP_RESOURCEGROUP" --mode Complete --template-file deploy/rp.json \
        --parameters "location=$LOCATION" "databaseAccountName=$COSMOSDB_ACCOUNT" \
        --query properties.provisioningState -o tsv)" = Succeeded
    expect "$(az cosmosdb keys list -g "$RP_RESOURCEGROUP" -n "$COSMOSDB_ACCOUNT" \
        --query 'length(primaryMasterKey)' -o tsv)" -eq 88
}

test_old_words() {
    cd "$ROOT"
    expect "$(az group deployment create -g "$RP_RESOURCEGROUP" --mode complete --template-file deploy/rp.json \
        --parameters "location=$LOCATION" "databaseAccountName=$COSMOSDB_ACCOUNT" \
        --query properties.provisioningState -o tsv)" = Succeeded
}

test_failed_deployment() {
    cat >bad.json <<'JSON'
{ // comments are allowed
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  "contentVersion": "1.0.0.0",
  "resources": [{"type": "Microsoft.Network/virtualNetworks/subnets", "apiVersion": "2020-08-01",
    "name": "none/one", "properties": {"addressPrefix": "10.0.0.0/24"}}]
}
JSON
    expect_status 1 az deployment group create -g "$RP_RESOURCEGROUP" -n bad --template-file bad.json
    expect_text ParentResourceNotFound <output
    az deployment operation group list -g "$RP_RESOURCEGROUP" -n bad \
        --query '[0].properties.provisioningState' -o tsv | expect_text '^Failed$'
    sed -i 's/none\/one/none/' bad.json
    expect_status 1 az deployment group create -g "$RP_RESOURCEGROUP" -n bad --template-file bad.json
    expect_text 'InvalidTemplate.*incorrect segment lengths' <output
}

test_networks() {
    az group create -g net -l "$LOCATION" -o none
    az network vnet create -g net -n vnet --address-prefixes 10.0.0.0/22 -o none
    az network vnet subnet create -g net --vnet-name vnet -n master --address-prefixes 10.0.0.0/23 -o none
    az network vnet subnet create -g net --vnet-name vnet -n worker --address-prefixes 10.0.2.0/23 -o none
    expect "$(az network vnet show -g net -n vnet --query 'length(subnets)' -o tsv)" = 2
    expect_status 1 az network vnet subnet create -g net --vnet-name vnet -n x --address-prefixes 10.0.3.0/24
    expect_text NetcfgSubnetRangesOverlap <output
    expect "$(az network list-usages -l "$LOCATION" --query "[?name.value=='LoadBalancers'].currentValue" -o tsv)" = 0
    az vm list-skus -l "$LOCATION" --size Standard_D8s --query '[].name' -o tsv | expect_text '^Standard_D8s_v3$'
}

test_directory() {
    local id
    id=$(az ad app create --display-name mine --query appId -o tsv)
    expect "$(az ad app list --display-name mine --query '[0].appId' -o tsv)" = "$id"
    az ad app delete --id "$id"
    expect_status 3 az ad app show --id "$id"
    az ad sp create-for-rbac --name other --query password -o tsv | expect_text '^.{20,}$'
    expect "$(az ad sp list --display-name other --query 'length(@)' -o tsv)" = 1
}

test_registers() {
    az provider register -n Microsoft.RedHatOpenShift --wait
    expect "$(az provider show -n Microsoft.RedHatOpenShift --query registrationState -o tsv)" = Registered
}

test_creates() {
    az aro create -g net -n cluster --vnet vnet --master-subnet master --worker-subnet worker -o none
    expect "$(az aro show -g net -n cluster --query provisioningState -o tsv)" = Succeeded
    expect "$(az aro list -g net --query '[0].name' -o tsv)" = cluster
    expect "$(az aro show -g net -n cluster --query systemData.createdByType -o tsv)" = Application
    az aro list-credentials -g net -n cluster -o tsv | expect_text kubeadmin
    az resource list -g net --query '[].type' -o tsv | expect_text OpenShiftClusters
    # two principals on the network, and each state of the operation through ARM
    expect "$(asks 'put .*/vnet/providers/Microsoft.Authorization/roleAssignments')" -eq 2
    expect "$(asks 'get .*/operationsstatus/')" -ge 2
}

test_updates() {
    az aro update -g net -n cluster --refresh-credentials -o none
    expect "$(asks 'patch .*/openShiftClusters/cluster$')" -eq 1
}

test_deletes() {
    az aro delete -y -g net -n cluster
    expect "$(az aro list -g net --query 'length(@)' -o tsv)" = 0
    az group delete -y -g net
    expect "$(az group exists -g net)" = false
    expect_status 3 az network vnet show -g net -n vnet
}

start >"$work/start.log" 2>&1 || {
    cat "$work/start.log"
    exit 1
}
(run_cases az \
    "a service principal signs in, with its own secret only" test_signs_in \
    "resource groups are made and listed" test_groups \
    "the quick start deploys the database and finds its key" test_quick_start \
    "the older words for it work, too" test_old_words \
    "a deployment that fails says why" test_failed_deployment \
    "networks and subnets are made, overlaps refused, quotas listed" test_networks \
    "applications and service principals are made" test_directory \
    "the provider is registered" test_registers \
    "az aro create makes a cluster" test_creates \
    "az aro update changes its credentials" test_updates \
    "cluster and group are deleted" test_deletes)
