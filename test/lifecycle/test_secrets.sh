#!/bin/bash
# The secrets of a cluster's life: made, asked for, updated by its owner and by the service, failed, deleted. None of them, plain or in
# base64, is in what the resource provider logs and answers, in its document store's files, or in what it asks Azure for outside of
# bodies and headers. BIN holds devcloud and what it starts. The cases build on each other.
# shellcheck source=test/unit/support/cases.sh
. "$(dirname "$0")/../unit/support/cases.sh"
# shellcheck source=test/az/cloud.sh
. "$(dirname "$0")/../az/cloud.sh"
# shellcheck source=test/lifecycle/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=test/lifecycle/needles.sh
. "$(dirname "$0")/needles.sh"

CLIENT=$(uuid)
JWT='eyJ[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}\.'

# seen NAME: keeps the standard input, an answer of the resource provider, among those that are searched.
seen() { tee -a "$work/answers"; }
# secret NAME VALUE: one that must not be found from now on.
secret() { printf '%s %s\n' "$1" "$2" >>"$work/secrets"; }

# gather: what only Azure knows: keys of accounts, passwords of tokens, and what the bootstrap machine is to be given.
gather() {
    control state >state.json
    jq -r '.resources[] | select(.keys) | .keys[] | "account-key \(.value)"' state.json
    jq -r '.resources[] | .inside? // {} | .password1?, .password2? | select(.) | "registry-token \(.value)"' state.json
    jq -r '.resources[] | .containers?.ignition?.blobs? // {} | .[] | .data | @base64d' state.json >ignition
    [ ! -s ignition ] || jq -r '.storage.files[]? | .contents.source | select(type == "string") | sub("^data:[^,]*,"; "") | @base64d? // ""' ignition 2>/dev/null | key_lines ignition-key
}
# gather_all: all of it, while the cluster is made: the machine's configuration is there for a while only.
gather_all() {
    while [ "$(rp GET "$(id "$1")?$NEW" | jq -r .properties.provisioningState)" = Creating ]; do
        gather
        sleep 0.2
    done | sort -u >>"$work/secrets"
    gather | sort -u >>"$work/secrets"
}

create() {
    cluster_body "$1" master worker | in_network "${2:-vnet}" | jq --arg id "$CLIENT" '.properties.servicePrincipalProfile = {clientId: $id, clientSecret: "first-S3cret/of+the=customer"}
        | .properties.clusterProfile.pullSecret = ({auths: {"registry.example.com": {auth: ("someone:pull-S3cret-of-the-customer" | @base64)}}} | tojson)' |
        rp PUT "$(id "$1")?$NEW" -D headers -d @- | seen >put.json
}

test_create() {
    secret client-secret 'first-S3cret/of+the=customer'
    secret pull-secret pull-S3cret-of-the-customer
    secret pull-secret "$(printf someone:pull-S3cret-of-the-customer | base64)"
    secret provider-secret "$AZURE_CLIENT_SECRET"
    create one
    gather_all one
    await one
    for kind in account-key registry-token ignition-key; do expect_text "^$kind " <"$work/secrets"; done
}

test_use() {
    rp POST "$(id one)/listCredentials?$NEW" >credentials.json
    secret kubeadmin-password "$(jq -r .kubeadminPassword credentials.json)"
    rp POST "$(id one)/listAdminCredentials?$NEW" | jq -r '.kubeconfig | @base64d' >one.kubeconfig
    sed -n 's/.*client-key-data: //p' one.kubeconfig | base64 -d | key_lines user-key >>"$work/secrets"
    "$ROOT/hack/get-admin-kubeconfig.sh" "$(id one)" - | sed -n 's/.*client-key-data: //p' | base64 -d | key_lines admin-key >>"$work/secrets"
    for kind in kubeadmin-password user-key admin-key; do expect_text "^$kind .{20}" <"$work/secrets"; done
    for version in "$OLD" "$NEW" api-version=admin; do rp GET "$(id one)?$version" | seen >/dev/null; done
    rp GET "/admin$(id one)/progress" | seen >/dev/null
}

test_update() {
    secret new-client-secret second-S3cret-of-the-customer
    control state -X PATCH -d "$(jq -n --arg id "$CLIENT" '{applications: {($id): {secret: "second-S3cret-of-the-customer"}}}')" >/dev/null
    rp PATCH "$(id one)?$NEW" -d '{"properties": {"servicePrincipalProfile": {"clientSecret": "second-S3cret-of-the-customer"}}}' | seen >/dev/null
    await one
    rp PATCH "$(id one)?api-version=admin" -d '{}' | seen >/dev/null
    await one
    gather | sort -u >>"$work/secrets"
    rp GET "$(id one)?api-version=admin" | seen >/dev/null
}

# What is told of failures comes from everywhere, and of a machine that began from itself.
test_failures() {
    secret wrong-secret wrong-S3cret-of-the-customer
    rp PATCH "$(id one)?$NEW" -D headers -d '{"properties": {"servicePrincipalProfile": {"clientSecret": "wrong-S3cret-of-the-customer"}}}' | seen >/dev/null
    ended "$(operation_in headers)" | seen | expect_text AADSTS7000215
    rp PUT "$(id one)?$NEW" -d '{"properties": {"servicePrincipalProfile": {"clientSecret": "wrong-S3cret-of-the-customer", "clientId": 7}}}' | seen >/dev/null
    rp PUT "$(id one)?$NEW" -d '{"properties": "wrong-S3cret-of-the-customer' | seen >/dev/null
    CLIENT=$(uuid)
    make_application "$CLIENT" 'first-S3cret/of+the=customer'
    control state -X PATCH -d '{"machine_failures": [{"name": "*master-1", "times": 1, "code": "AllocationFailed", "message": "no room"}]}' >/dev/null
    make_network two
    create two two
    gather_all two
    ended "$(operation_in headers)" | seen | expect_text DeploymentFailed
    rp GET "$(id two)?api-version=admin" | seen >/dev/null
    rp GET "/admin$(id two)/progress" | seen >/dev/null
    grep 'resource_id=[^ ]*/openshiftclusters/two ' "$work/cloud/log/rp.log" | grep -o 'after the failure: [^"]*' >after
    expect_text '^after the failure: console of two-[a-z0-9]+-bootstrap: .* ignition: version 3' <after
    expect_text '^after the failure: (no )?journal of the bootstrap machine: ' <after
}

# found FILE...: in none of them is a secret, nor a token that opens Azure.
found() {
    sort -u "$work/secrets" | needles >all.needles
    expect "$(wc -l <all.needles)" -gt 100
    find_needles all.needles "$@"
    expect "$(LC_ALL=C grep -aoE "$JWT" "$@" | head -1)" = ''
}
# No test of nothing: what is looked for is found where it is.
test_needles() {
    sort -u "$work/secrets" | needles >all.needles
    control state | jq -r '[.. | strings] | .[]' >everything
    find_needles all.needles everything >output && return 1
    for kind in client-secret account-key registry-token provider-secret; do expect_text "^$kind is in everything" <output; done
}
test_logs() {
    expect_text 'audit event' <"$work/cloud/log/rp.log"
    found "$work/cloud/log/rp.log"
    expect "$(grep -oE '[?&]sig=[A-Za-z0-9%+/]{10,}' "$work/cloud/log/rp.log" | head -1)" = ''
}
test_answers() { found "$work/answers"; }
# What was deleted from a page of it may still lie there.
test_store() {
    expect -s "$work/cloud/rp/aro.db"
    find "$work/cloud/rp" -maxdepth 1 -type f -name 'aro.db*' >files
    grep -c 'aro.db-wal$' files | expect_text 1
    mapfile -t files <files
    found "${files[@]}"
}
# The signature of a URL stands in its query: it is what the storage service asks for.
test_requests() {
    control requests | jq -r '.[] | "\(.method) \(.host) \(.path) \(if .host | test("\\.blob\\.") then .query | gsub("sig=[^&]*"; "") else .query end)"' >asked
    expect_text '^PUT .*blob.core.windows.net /aro/graph ' <asked
    found asked
}
test_process() {
    local pid
    for pid in $(pgrep -f "^$work/bin/aro-rp "); do
        expect_text '^Max core file size +0 +0 ' <"/proc/$pid/limits"
        tr '\0' '\n' <"/proc/$pid/cmdline" >arguments
        found arguments
    done
    expect -n "$pid"
}

test_delete() {
    for name in one two; do
        rp DELETE "$(id $name)?$NEW"
        await_gone $name
    done
    test_logs
    test_store
    test_requests
}

hurry
export ARO_LOG_LEVEL=trace
start_rp_by test/lifecycle/with-registry.sh || exit 1
make_group one "$PRETEND"
make_registry
make_application "$CLIENT" 'first-S3cret/of+the=customer'
(run_cases secrets \
    "a cluster is made of secrets" test_create \
    "they are given to who asks" test_use \
    "they are renewed" test_update \
    "what fails tells of failures" test_failures \
    "what is searched for is found where it has to be" test_needles \
    "the logs, audit included, hold none" test_logs \
    "no answer holds one but those that are asked for them" test_answers \
    "the files of the document store hold none" test_store \
    "no address that is asked for in Azure holds one" test_requests \
    "a crash would leave none, and none is on a command line" test_process \
    "nor is one left in them behind the clusters' end" test_delete)
