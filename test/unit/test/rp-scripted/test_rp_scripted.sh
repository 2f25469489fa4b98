#!/bin/bash
# The real frontend and backend on clusters whose steps only write documents: what clients see of whole lifecycles.
# shellcheck source=test/unit/support/cases.sh
. "$(dirname "$0")/../../support/cases.sh"
# shellcheck source=test/unit/support/aro_rp.sh
. "$(dirname "$0")/../../support/aro_rp.sh"

# create NAME [CLIENT_ID]: leaves the reply's headers in the file headers.
create() {
    curl -D headers -X PUT "localhost:8080$(cluster_id "$1")?api-version=2019-12-31-preview" \
        -H 'Content-Type: application/json' -d '{"location":"'"$LOCATION"'", "properties": {"pullSecret": "e30=",
        "servicePrincipalProfile": {"clientId": "'"${2:-$AZURE_CLIENT_ID}"'", "clientSecret": "secret"}}}'
}

# await_operation STATUS: of the last create; leaves its last reply in operation.json.
await_operation() {
    local url until=$((SECONDS + 60))
    url=$(sed -n 's/^azure-asyncoperation: *//Ip' headers | tr -d '\r')
    until command curl -ks "$url" >operation.json && grep -q "\"status\": \"$1\"" operation.json; do
        if ! kill -0 "$PID" || [ "$SECONDS" -ge "$until" ]; then
            cat operation.json
            return 1
        fi
    done
}

# Word for word, but for the port.
test_quick_start() {
    development
    start "$BIN/rp-scripted"
    CLUSTER=cluster
    curl -X PUT "localhost:8080/subscriptions/$AZURE_SUBSCRIPTION_ID/resourceGroups/$CLUSTER/providers/Microsoft.RedHatOpenShift/OpenShiftClusters/$CLUSTER?api-version=2019-12-31-preview" -H 'Content-Type: application/json' -d '{"location":"'"$LOCATION"'", "properties": {"pullSecret": "'"$(base64 -w0 <<<"$PULL_SECRET")"'"}}' | expect_text '"provisioningState": "Creating"'
    await_text "$(cluster_id cluster)" '"provisioningState": "Succeeded"'
    curl "localhost:8080/subscriptions/$AZURE_SUBSCRIPTION_ID/resourceGroups/$CLUSTER/providers/Microsoft.RedHatOpenShift/OpenShiftClusters/$CLUSTER?api-version=2019-12-31-preview" >get.json
    expect_text '"url": "https://console-openshift-console.apps\.cluster\.aro\.example/"' <get.json
    expect_text '"url": "https://api\.cluster\.aro\.example:6443/"' <get.json
    expect "$(grep -ciE 'secret"|kubeadmin|kubeconfig' get.json)" = 0
    curl -X POST "localhost:8080/subscriptions/$AZURE_SUBSCRIPTION_ID/resourceGroups/$CLUSTER/providers/Microsoft.RedHatOpenShift/OpenShiftClusters/$CLUSTER/credentials?api-version=2019-12-31-preview" -H 'Content-Type: application/json' -d '{}' >credentials.json
    expect_text '"kubeadminUsername": "kubeadmin"' <credentials.json
    expect_text '"kubeadminPassword": "aaaaa-bbbbb-ccccc-ddddd"' <credentials.json
    curl "localhost:8080/subscriptions/$AZURE_SUBSCRIPTION_ID/resourceGroups/$CLUSTER/providers/Microsoft.RedHatOpenShift/OpenShiftClusters?api-version=2019-12-31-preview" >group.json
    expect_text '"name": "cluster"' <group.json
    curl "localhost:8080/subscriptions/$AZURE_SUBSCRIPTION_ID/providers/Microsoft.RedHatOpenShift/OpenShiftClusters?api-version=2019-12-31-preview" >subscription.json
    expect_text '"name": "cluster"' <subscription.json
    COUNT=4
    curl -X PATCH "localhost:8080/subscriptions/$AZURE_SUBSCRIPTION_ID/resourceGroups/$CLUSTER/providers/Microsoft.RedHatOpenShift/OpenShiftClusters/$CLUSTER?api-version=2019-12-31-preview" -H 'Content-Type: application/json' -d '{"properties": {"workerProfiles": [{"name": "worker", "count": '"$COUNT"'}]}}' | expect_text '"provisioningState": "Updating"'
    await_text "$(cluster_id cluster)" '"provisioningState": "Succeeded"'
    curl "localhost:8080$(cluster_id cluster)?api-version=2019-12-31-preview" | expect_text '"count": 4'
    curl -X DELETE "localhost:8080/subscriptions/$AZURE_SUBSCRIPTION_ID/resourceGroups/$CLUSTER/providers/Microsoft.RedHatOpenShift/OpenShiftClusters/$CLUSTER?api-version=2019-12-31-preview" >delete.json
    expect ! -s delete.json
    await_text "$(cluster_id cluster)" '"ResourceNotFound"'
    stop
    expect "$(grep -cE 'verysecret|aaaaa-bbbbb' log)" = 0
}

test_failures() {
    development
    start "$BIN/rp-scripted"
    create fail-create | expect_text '"provisioningState": "Creating"'
    await_operation Failed
    expect_text '"code": "DeploymentFailed"' <operation.json
    expect_text '"message": "Deployment failed: the script of this cluster says so."' <operation.json
    expect_text '"target": "properties.masterProfile"' <operation.json
    create broken 00000000-0000-0000-0000-000000000001 >reply.json
    await_operation Failed
    expect_text '"message": "Internal server error."' <operation.json
    expect "$(grep -c 'script says so' operation.json)" = 0
    stop
}

# Each cluster in a process of its own: one that crashes does so alone.
test_child() {
    development
    ARO_RP_BACKEND_CHILD_AFTER=0 start "$BIN/rp-scripted"
    create poison 00000000-0000-0000-0000-000000000001 >reply.json
    create cluster >reply.json
    await_operation Succeeded
    grep 'working in process' log | expect_text "resource_id=$(cluster_id cluster | tr '[:upper:]' '[:lower:]')"
    until grep -q "the cluster's process was ended by signal 6" log; do kill -0 "$PID"; done
    stop
}

# In development a stop hands over at the next step; the next start goes on.
test_hand_over() {
    development
    start "$BIN/rp-scripted"
    create cluster >reply.json
    until grep -q 'working on the cluster' log; do kill -0 "$PID"; done
    stop
    grep -q 'handing the operation over' log
    start "$BIN/rp-scripted"
    await_text "$(cluster_id cluster)" '"provisioningState": "Succeeded"'
    stop
}

run_cases rp-scripted \
    "the first quick start's commands make, scale and delete a cluster" test_quick_start \
    "a create that fails tells the customer what is meant for the customer" test_failures \
    "a cluster that ends its process ends no other" test_child \
    "a stop hands over, and the next start goes on" test_hand_over
