#!/bin/bash
# A cluster's whole life, by curl: created by the resource provider of `aro rp` in the simulated Azure, used, scaled, updated and
# deleted. BIN holds devcloud and what it starts. The cases build on each other.
# shellcheck source=test/unit/support/cases.sh
. "$(dirname "$0")/../unit/support/cases.sh"
# shellcheck source=test/az/cloud.sh
. "$(dirname "$0")/../az/cloud.sh"
# shellcheck source=test/lifecycle/lib.sh
. "$(dirname "$0")/lib.sh"

test_create() {
    inventory >"$work/before"
    put one master worker >put.json
    expect "$(jq -r .properties.provisioningState put.json)" = Creating
    await one
    rp GET "$(id one)?$NEW" >get.json
    expect_text '"url": "https://api.one.aro.example:6443/"' <get.json
    expect_text '"url": "https://console-openshift-console.apps.one.aro.example/"' <get.json
    expect "$(grep -ci secret get.json)" = 0
    rp GET "/admin$(id one)/progress" | jq -r '.log[].step' >steps
    expect_text '^installAROOperator$' <steps
    expect_text '^finishInstallation$' <steps
}

test_credentials() {
    rp POST "$(id one)/listCredentials?$NEW" >credentials.json
    expect "$(jq -r .kubeadminUsername credentials.json)" = kubeadmin
    jq -r .kubeadminPassword credentials.json | expect_text '^[a-zA-Z0-9]{5}-[a-zA-Z0-9]{5}-[a-zA-Z0-9]{5}-[a-zA-Z0-9]{5}$'
    rp POST "$(id one)/credentials?$OLD" -d '{}' | expect_text "$(jq -r .kubeadminPassword credentials.json)"
}

test_kubeconfig() {
    expect_status 1 "$ROOT/hack/get-admin-kubeconfig.sh"
    expect_text '^usage: ' <output
    "$ROOT/hack/get-admin-kubeconfig.sh" "$(id one)"
    expect "$(stat -c %a admin.kubeconfig)" = 600
    cmp admin.kubeconfig <("$ROOT/hack/get-admin-kubeconfig.sh" "$(id one)" -)
    cp admin.kubeconfig "$work/one.kubeconfig"
    kube one get nodes -o name | wc -l | expect_text '^6$'
    expect_status 1 "$ROOT/hack/get-admin-kubeconfig.sh" "$(id two)"
    expect_text 'reading the cluster .*two' <output
    expect "$(stat -c %a "$work/one.kubeconfig")" = 600
}

# api PATH [ARGUMENT OF curl]...: the API server's answer, by its public name, which is looked up nowhere.
api() { curl -sS --cacert api.crt --connect-to "api.one.aro.example:6443:$(cat address)" "https://api.one.aro.example:6443$1" "${@:2}"; }
# authorize [ARGUMENT OF curl]...: the status with which the OAuth server answers as it does `oc login`; what it said is in headers.
authorize() { api "$(cat authorize)?client_id=openshift-challenging-client&response_type=token" -H 'X-CSRF-Token: 1' -o reply -D headers -w '%{http_code}' "$@"; }
# What `oc login -u kubeadmin` does: it asks where, is challenged, and gets a token with the password.
test_sign_in() {
    local password token
    kubectl --kubeconfig "$work/one.kubeconfig" config view --raw -o json >config.json
    jq -r '.clusters[0].cluster.server | sub("^https://"; "")' config.json >address
    jq -r '.clusters[0].cluster["certificate-authority-data"] | @base64d' config.json >api.crt
    api /.well-known/oauth-authorization-server | jq -r '.authorization_endpoint | sub("^https://[^/]*"; "")' >authorize
    password=$(rp POST "$(id one)/listCredentials?$NEW" | jq -r .kubeadminPassword)
    expect "$(authorize)" = 401
    tr '[:upper:]' '[:lower:]' <headers | expect_text "^www-authenticate: basic"
    expect "$(authorize -u "kubeadmin:${password}x")" = 401
    expect "$(authorize -u "kubeadmin:$password")" = 302
    token=$(sed -n 's/^[Ll]ocation: .*#access_token=\([^&]*\).*/\1/p' headers)
    token=$(printf '%b' "${token//%/\\x}")
    api /apis/user.openshift.io/v1/users/~ -H "Authorization: Bearer $token" | jq -r .metadata.name | expect_text '^kube:admin$'
    expect "$(api /api/v1/nodes -H "Authorization: Bearer $token" | jq '.items | length')" = 6
    expect "$(api /api/v1/nodes -H "Authorization: Bearer ${token}x" -o reply -w '%{http_code}')" = 401
}

test_conditions() {
    eventually kube one wait --for=condition=InternetReachableFromMaster --timeout=1s clusters.aro.openshift.io/cluster
    eventually kube one wait --for=condition=ServicePrincipalValid --timeout=1s clusters.aro.openshift.io/cluster
    kube one get clusters.aro.openshift.io cluster -o yaml | expect_text "resourceId: $(id one)"
    kube one -n openshift-azure-operator get deployments aro-operator-master aro-operator-worker
}

# machines COUNT: so many are workers, and so many nodes more than masters there are. A machine that goes takes its time.
machines() {
    local workers nodes
    workers=$(kube one get machines -n openshift-machine-api -o json | jq '[.items[] | select(.metadata.name | contains("worker"))] | length')
    nodes=$(kube one get nodes -o name | wc -l)
    [ "$workers" = "$1" ] && [ "$nodes" = $(($1 + 3)) ]
}
# scale COUNT: with the quick start's own request.
scale() {
    rp PATCH "$(id one)?$OLD" -d '{"properties": {"workerProfiles": [{"name": "worker", "count": '"$1"'}]}}' >patch.json
    expect "$(jq -r .properties.provisioningState patch.json)" = Updating
    await one
    eventually machines "$1"
    rp GET "$(id one)?$OLD" | jq '[.properties.workerProfiles[].count] | add' | expect_text "^$1\$"
}
test_scale() {
    scale 5
    scale 3
}

# operator PATH: a member of the master's Deployment, in the words of jq.
operator() { kube one -n openshift-azure-operator get deployment aro-operator-master -o json | jq -r "$1"; }
pod() { kube one -n openshift-azure-operator get pods -l app=aro-operator-master -o json | jq -r '.items[] | select(.metadata.deletionTimestamp == null) | .metadata.name'; }
# admin BODY: an admin update that ends well.
admin() {
    rp PATCH "$(id one)?api-version=admin" -d "$1" >patch.json
    expect "$(jq -r .properties.provisioningState patch.json)" = AdminUpdating
    await one
    expect "$(rp GET "$(id one)?api-version=admin" | jq -r '.properties.lastAdminUpdateError // ""')" = ''
}
test_new_image() {
    local before namespaces
    before=$(pod)
    namespaces=$(kube one get namespaces -o name)
    expect "$(operator '.spec.template.spec.containers[0].image')" = registry.example.com/aro:first
    admin '{}'
    expect "$(pod)" = "$before"
    expect "$(kube one get namespaces -o name)" = "$namespaces" # it brings what was missing, and nothing was
    admin '{"properties": {"operatorVersion": "second"}}'
    operator '.spec.template.spec.containers[0].image' | expect_text '/aro:second$'
    expect "$(operator '.metadata.labels.version')" = second
    eventually kube one -n openshift-azure-operator rollout status --timeout=5s deployment/aro-operator-master
    expect "$(pod)" != "$before"
}

test_delete() {
    rp DELETE "$(id one)?$NEW" >delete.json
    expect ! -s delete.json
    await_gone one
    inventory | diff "$work/before" -
}

# Word for word, but for the port: what the request leaves out has its defaults.
test_quick_start() {
    CLUSTER=cluster
    # shellcheck disable=SC2086 # as it is printed
    rp PUT "/subscriptions/$AZURE_SUBSCRIPTION_ID/resourceGroups/$CLUSTER/providers/Microsoft.RedHatOpenShift/OpenShiftClusters/$CLUSTER?api-version=2019-12-31-preview" -H 'Content-Type: application/json' -d '{"location":"'"$LOCATION"'", "properties": {"pullSecret": "'"$(base64 -w0 <<<$PULL_SECRET)"'"}}' >put.json
    await cluster
    rp POST "$(id cluster)/credentials?$OLD" -d '{}' | expect_text kubeadmin
}

export ARO_IMAGE=registry.example.com/aro:first
start_rp || exit 1
make_group one
(run_cases lifecycle \
    "a PUT makes a cluster, step by step" test_create \
    "its credentials are given by the new and the old request" test_credentials \
    "the administrator's kubeconfig opens it" test_kubeconfig \
    "kubeadmin signs in with the password" test_sign_in \
    "the operator in it tells of its conditions" test_conditions \
    "workers are scaled by the quick start's PATCH" test_scale \
    "an admin update keeps the operator, another version replaces it" test_new_image \
    "a delete leaves nothing" test_delete \
    "the first quick start's PUT makes a cluster" test_quick_start)
