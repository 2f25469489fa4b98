#!/bin/bash
# The Azure CLI of Debian against the simulated Azure of a development cloud. BIN holds devcloud and what it starts.
# shellcheck source=test/unit/support/cases.sh
. "$(dirname "$0")/../unit/support/cases.sh"
# shellcheck source=test/az/cloud.sh
. "$(dirname "$0")/cloud.sh"

test_signs_in() {
    sign_in
    expect "$(az account show --query id -o tsv)" = "$AZURE_SUBSCRIPTION_ID"
    AZURE_CLIENT_SECRET=wrong expect_status 1 sign_in
    expect_text AADSTS7000215 <output
}

test_groups() {
    expect "$(az group exists -g other)" = false
    expect "$(az group create -g other -l "$LOCATION" --query properties.provisioningState -o tsv)" = Succeeded
    expect "$(az group exists -g other)" = true
    az group list --query '[].name' -o tsv | expect_text '^other$'
}

# As the quick start has it, but for the complete mode's old word.
test_quick_start() {
    cd "$ROOT"
    expect "$(az deployment group create -g "$RP_RESOURCEGROUP" --mode Complete --template-file deploy/rp.json \
        --parameters "location=$LOCATION" "databaseAccountName=$COSMOSDB_ACCOUNT" \
        --query properties.provisioningState -o tsv)" = Succeeded
    expect "$(az cosmosdb keys list -g "$RP_RESOURCEGROUP" -n "$COSMOSDB_ACCOUNT" \
        --query 'length(primaryMasterKey)' -o tsv)" -eq 88
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

test_ends() {
    az group delete -y -g net
    expect "$(az group exists -g net)" = false
    expect_status 3 az network vnet show -g net -n vnet
}

start_cloud || exit 1
(run_cases az \
    "a service principal signs in, with its own secret only" test_signs_in \
    "resource groups are made and listed" test_groups \
    "a template deploys the database, whose key is found" test_quick_start \
    "a deployment that fails says why" test_failed_deployment \
    "networks and subnets are made, overlaps refused, quotas listed" test_networks \
    "applications and service principals are made" test_directory \
    "a group ends with what it holds" test_ends)
