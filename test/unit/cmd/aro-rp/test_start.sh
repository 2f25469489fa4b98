#!/bin/bash
# The resource provider as its users start it: by the dispatcher, with the environment of the first quick start, and
# that quick start's own commands.
# shellcheck source=test/unit/support/cases.sh
. "$(dirname "$0")/../../support/cases.sh"
# shellcheck source=test/unit/support/aro_rp.sh
. "$(dirname "$0")/../../support/aro_rp.sh"

test_help() {
    expect_status 0 "$BIN/aro" rp --help
    expect_text '^usage: aro-rp ' <output
    expect_text 'rp-settings\.md' <output
    expect_status 0 "$BIN/aro-rp" --version
    expect_status 0 "$BIN/aro-rp" --completion=bash
    expect_text 'plain-port' <output
}

test_bad_arguments() {
    expect_status 2 "$BIN/aro-rp" moon
    expect_text "unexpected argument 'moon'" <output
    expect_status 2 "$BIN/aro-rp" --loglevel moon
    expect_text "invalid log level 'moon'" <output
    expect_status 2 "$BIN/aro-rp" --port 70000
    expect_status 1 "$BIN/aro-rp" work-on-cluster /subscriptions/s lease 3>&-
    expect_text 'only a backend runs work-on-cluster' <output
    expect ! -e aro.db
}

test_bad_environment() {
    development
    AZURE_TENANT_ID='' DOMAIN='a b' RP_FEATURES=Moon expect_status 1 "$BIN/aro-rp"
    expect_text 'AZURE_TENANT_ID is not set' <output
    expect_text "DOMAIN: 'a b'" <output
    expect_text "'Moon' is no feature" <output
    expect "$(grep -c verysecret output)" = 0
}

test_stop() {
    development
    start "$BIN/aro" rp
    curl -s "localhost:$PORT/healthz/ready" | expect_text '^{}$'
    stop
    expect -e aro.db
    expect "$(stat -c %a secrets)" = 700
}

# A look makes nothing, and opens what a resource provider has made.
test_show() {
    development
    local id
    id=$(cluster_id looked)
    expect_status 1 "$BIN/aro" rp show "$id"
    expect_text 'no documents here: there is no file aro\.db' <output
    expect "$(ls)" = output
    ARO_RP_DATABASE=sqlite:other.db expect_status 1 "$BIN/aro" rp show "$id"
    expect_text 'there is no file other\.db' <output
    start "$BIN/aro" rp
    stop
    expect_status 1 "$BIN/aro" rp show "$id"
    expect_text 'reading the cluster .*/looked: ' <output
}

test_taken_ports() {
    development
    start "$BIN/aro-rp"
    expect_status 1 "$BIN/aro-rp" --port "$TLS_PORT" --plain-port 0
    expect_text "the TLS listener \(--port\): .* port $TLS_PORT: .*in use" <output
    expect_status 1 "$BIN/aro-rp" --port 0 --plain-port "$PORT"
    expect_text "the plain listener \(--plain-port\): .* port $PORT: .*in use" <output
    stop
}

# name_of: whose certificate the TLS port shows.
name_of() { openssl s_client -connect "localhost:$1" </dev/null 2>/dev/null | sed -n 's/^subject=.*CN *= *//p'; }

test_renewal() {
    development
    export ARO_RP_CERT_POLL_MS=100
    start "$BIN/aro" rp
    expect "$(name_of "$TLS_PORT")" = localhost
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=renewed -days 1 \
        -keyout key.pem -out cert.pem 2>/dev/null
    cat key.pem cert.pem >secrets/new
    mv secrets/new secrets/rp-server
    until grep -q 'the certificate of the listener was renewed' log; do kill -0 "$PID"; done
    expect "$(name_of "$TLS_PORT")" = renewed
    stop
}

# Word for word, but for the port. Without an installer the cluster fails, and can only be deleted.
test_quick_start() {
    development
    export ARO_RP_INSTALLER=none
    start "$BIN/aro" rp
    CLUSTER=cluster
    ID=$(cluster_id "$CLUSTER")
    curl -X PUT "localhost:8080/subscriptions/$AZURE_SUBSCRIPTION_ID/resourceGroups/$CLUSTER/providers/Microsoft.RedHatOpenShift/OpenShiftClusters/$CLUSTER?api-version=2019-12-31-preview" -H 'Content-Type: application/json' -d '{"location":"'"$LOCATION"'", "properties": {"pullSecret": "'"$(base64 -w0 <<<"$PULL_SECRET")"'"}}' >put.json
    expect_text '"provisioningState": "Creating"' <put.json
    expect_text "\"domain\": \"$CLUSTER" <put.json
    expect_text "/resourcegroups/aro-$CLUSTER\"" <put.json
    expect_text '"vmSize": "Standard_D8s_v3"' <put.json
    expect_text '"vmSize": "Standard_D2s_v3"' <put.json
    expect_text "\"clientId\": \"$AZURE_CLIENT_ID\"" <put.json
    expect "$(grep -c 'ecret"' put.json)" = 0
    curl "localhost:8080/subscriptions/$AZURE_SUBSCRIPTION_ID/resourceGroups/$CLUSTER/providers/Microsoft.RedHatOpenShift/OpenShiftClusters/$CLUSTER?api-version=2019-12-31-preview" >get.json
    expect_text '"name": "cluster"' <get.json
    await_text "$ID" '"provisioningState": "Failed"'
    curl -X POST "localhost:8080/subscriptions/$AZURE_SUBSCRIPTION_ID/resourceGroups/$CLUSTER/providers/Microsoft.RedHatOpenShift/OpenShiftClusters/$CLUSTER/credentials?api-version=2019-12-31-preview" -H 'Content-Type: application/json' -d '{}' >credentials.json
    expect_text "Request is not allowed in provisioningState 'Failed'" <credentials.json
    curl "localhost:8080/subscriptions/$AZURE_SUBSCRIPTION_ID/resourceGroups/$CLUSTER/providers/Microsoft.RedHatOpenShift/OpenShiftClusters?api-version=2019-12-31-preview" >group.json
    expect_text '"name": "cluster"' <group.json
    curl "localhost:8080/subscriptions/$AZURE_SUBSCRIPTION_ID/providers/Microsoft.RedHatOpenShift/OpenShiftClusters?api-version=2019-12-31-preview" >subscription.json
    expect_text '"name": "cluster"' <subscription.json
    COUNT=3
    curl -X PATCH "localhost:8080/subscriptions/$AZURE_SUBSCRIPTION_ID/resourceGroups/$CLUSTER/providers/Microsoft.RedHatOpenShift/OpenShiftClusters/$CLUSTER?api-version=2019-12-31-preview" -H 'Content-Type: application/json' -d '{"properties": {"workerProfiles": [{"name": "worker", "count": '"$COUNT"'}]}}' >patch.json
    expect_text 'Request is not allowed on cluster whose creation failed. Delete the cluster' <patch.json
    curl -X DELETE "localhost:8080/subscriptions/$AZURE_SUBSCRIPTION_ID/resourceGroups/$CLUSTER/providers/Microsoft.RedHatOpenShift/OpenShiftClusters/$CLUSTER?api-version=2019-12-31-preview" >delete.json
    expect ! -s delete.json
    await_text "$ID" '"ResourceNotFound"'
    stop
    grep 'has no installer and cannot create clusters' log | expect_text "resource_id=${ID,,}"
    expect "$(grep -c verysecret log)" = 0
}

run_cases aro-rp \
    "help, version and completion" test_help \
    "bad arguments end with status 2" test_bad_arguments \
    "a bad environment ends the start with everything that is wrong" test_bad_environment \
    "starts, is ready and stops at a signal" test_stop \
    "show makes nothing, and says where there are no documents" test_show \
    "a port in use is named with its option" test_taken_ports \
    "a renewed certificate is shown without a restart" test_renewal \
    "the first quick start's commands work" test_quick_start
