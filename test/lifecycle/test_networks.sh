#!/bin/bash
# Three clusters of today's layout at once: one that the Azure CLI makes and whose load balancer and operator are changed, one that is
# private, one whose traffic goes out by routes of its owner. BIN holds devcloud and what it starts. The cases build on each other.
# shellcheck source=test/unit/support/cases.sh
. "$(dirname "$0")/../unit/support/cases.sh"
# shellcheck source=test/az/cloud.sh
. "$(dirname "$0")/../az/cloud.sh"
# shellcheck source=test/lifecycle/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=test/lifecycle/network.sh
. "$(dirname "$0")/network.sh"
# shellcheck source=test/lifecycle/certificates.sh
. "$(dirname "$0")/certificates.sh"

LB="api-version=2023-11-22" # knows the load balancer profile
PRIVATE='.properties.apiserverProfile.visibility = "Private" | .properties.ingressProfiles[0].visibility = "Private"'
ROUTED="$PRIVATE"' | .properties.networkProfile.outboundType = "UserDefinedRouting" | .properties.networkProfile += {preconfiguredNSG: "Disabled"}'

prepare() {
    network hidden 16
    make_group routed
    arm PUT "$(group routed)/providers/Microsoft.Network/routeTables/out?api-version=2020-08-01" -d '{"location": "'"$LOCATION"'", "properties": {"routes": [
        {"name": "all", "properties": {"addressPrefix": "0.0.0.0/0", "nextHopType": "VirtualAppliance", "nextHopIpAddress": "10.9.0.4"}}]}}' >route.json
    network routed 24 "{routeTable: {id: \"$(group routed)/providers/Microsoft.Network/routeTables/out\"}}"
    TRUSTING=no network shown 32 # the CLI gives rights itself
    trust "$(group routed)"
}

# squat NAME: somebody else takes the address that was chosen for the router of that cluster, before there is one.
squat() {
    local address
    eventually has_router_address "$1"
    address=$(address_of "*.apps.$1")
    jq -n --arg address "$address" --arg subnet "$(group "$1")/providers/Microsoft.Network/virtualNetworks/vnet/subnets/worker" '
        { location: env.LOCATION, properties: { ipConfigurations: [ { name: "a", properties: {
            privateIPAllocationMethod: "Static", privateIPAddress: $address, subnet: { id: $subnet } } } ] } }' |
        arm PUT "$(group "$1")/providers/Microsoft.Network/networkInterfaces/squatter?api-version=2020-08-01" -d @- | jq -e '.id != null'
    echo "$address" >"$work/squatted"
}
has_router_address() { address_of "*.apps.$1" | grep -q '^10\.'; }

test_create() {
    prepare
    rest >"$work/before"
    body hidden "$PRIVATE" | rp PUT "$(id hidden)?$NEW" -d @- | jq -r .properties.provisioningState | expect_text Creating
    body routed "$ROUTED" | rp PUT "$(id routed)?$LB" -d @- | jq -r .properties.provisioningState | expect_text Creating
    squat hidden
    az aro create -g shown -n shown --vnet vnet --master-subnet master --worker-subnet worker --worker-vm-size Standard_D2s_v3 \
        --domain shown --cluster-resource-group aro-shown --client-id "$(client shown)" --client-secret s3cret-shown -o none
    await hidden
    await routed
    for name in shown hidden routed; do
        open "$name"
        expect "$(kube "$name" get nodes -o name | wc -l)" = 6
        eventually holds "$name" InternetReachableFromMaster
        certificates "$name"
    done
}

test_cli() {
    expect "$(az aro show -g shown -n shown --query provisioningState -o tsv)" = Succeeded
    expect "$(az aro show -g shown -n shown --query apiserverProfile.url -o tsv)" = https://api.shown.aro.example:6443/
    az aro list --query '[].name' -o tsv | sort | tr '\n' ' ' | expect_text '^hidden routed shown $'
    expect "$(az aro list-credentials -g shown -n shown --query kubeadminUsername -o tsv)" = kubeadmin
    az aro update -g shown -n shown --refresh-credentials -o none
    expect "$(az aro show -g shown -n shown --query provisioningState -o tsv)" = Succeeded
}

# names GROUP TYPE: what is in the managed group of a cluster, without the part by chance.
names() { resources "aro-$1" "Microsoft.Network/$2" | xargs -rn1 basename | sed -E "s/^$1-[a-z0-9]{5}/INFRA/; s/^[0-9a-f]{8}-[-0-9a-f]{27}/UUID/"; }
address_of() { arm GET "$(group dns)/providers/Microsoft.Network/dnsZones/aro.example/A/$1?api-version=2018-05-01" | jq -r '.properties.ARecords[0].ipv4Address'; }

# router_of NAME: where the router of that cluster really is.
router_of() { kube "$1" -n openshift-ingress get service router-default -o jsonpath='{.status.loadBalancer.ingress[0].ip}'; }
test_routers() {
    for name in shown hidden routed; do
        expect "$(router_of "$name")" = "$(address_of "*.apps.$name")"
    done
    arm GET "$(resources aro-hidden Microsoft.Network/loadBalancers | grep -e -internal)?api-version=2020-08-01" |
        jq -r '.properties.frontendIPConfigurations[] | select(.properties.subnet.id | endswith("/worker")) | .properties.privateIPAddress' |
        expect_text "^$(router_of hidden)\$"
}

# It got another address, and whoever has to know it does.
test_squatted() {
    local address encoded
    address=$(router_of hidden)
    expect "$(test "$address" = "$(cat "$work/squatted")" || echo another)" = another
    expect "$(rp GET "$(id hidden)?$NEW" | jq -r '.properties.ingressProfiles[0].ip')" = "$address"
    expect "$(kube hidden get clusters.aro.openshift.io cluster -o jsonpath='{.spec.ingressIP}')" = "$address"
    for role in master worker; do
        encoded=$(kube hidden get machineconfig "99-$role-aro-dns" -o jsonpath='{.spec.config.storage.files[0].contents.source}')
        base64 -d <<<"${encoded#*,}" | expect_text "^address=/\.apps\.hidden\.aro\.example/$address\$"
    done
    arm DELETE "$(group hidden)/providers/Microsoft.Network/networkInterfaces/squatter?api-version=2020-08-01"
}

# Its names lead to addresses of its own network; no rule lets anybody in.
test_private() {
    address_of api.hidden | expect_text '^10\.0\.16\.'
    address_of '*.apps.hidden' | expect_text '^10\.0\.17\.'
    expect "$(rp GET "$(id hidden)?$NEW" | jq -r '.properties.apiserverProfile.ip')" = "$(address_of api.hidden)"
    expect "$(names hidden publicIPAddresses)" = UUID-outbound-pip-v4
    arm GET "$(resources aro-hidden Microsoft.Network/networkSecurityGroups)?api-version=2020-08-01" >nsg.json
    expect "$(jq '[.properties.securityRules[] | select(.name == "apiserver_in")] | length' nsg.json)" = 0
    kube hidden -n openshift-ingress-operator get ingresscontroller default -o json |
        jq -r .spec.endpointPublishingStrategy.loadBalancer.scope | expect_text Internal
    kube hidden get clusters.aro.openshift.io cluster -o json | jq -r .spec.ingressIP | expect_text '^10\.0\.17\.'
}

# Nothing of it is public.
test_routed() {
    address_of api.routed | expect_text '^10\.0\.24\.'
    expect "$(names routed publicIPAddresses)" = ''
    expect "$(names routed loadBalancers)" = INFRA-internal
    rp GET "$(id routed)?$LB" >get.json
    expect "$(jq -r .properties.networkProfile.outboundType get.json)" = UserDefinedRouting
    expect "$(jq -r .properties.networkProfile.loadBalancerProfile get.json)" = null
    body routed '{properties: {networkProfile: {loadBalancerProfile: {managedOutboundIps: {count: 2}}}}}' |
        rp PATCH "$(id routed)?$LB" -d @- | jq -r .error.message | expect_text 'cannot use a loadBalancerProfile if outboundType is UserDefinedRouting'
}

# outbound COUNT: so many addresses let the traffic of the cluster out, the document names them, and no other is left.
outbound() {
    rp PATCH "$(id shown)?$LB" -d '{"properties": {"networkProfile": {"loadBalancerProfile": {"managedOutboundIps": {"count": '"$1"'}}}}}' |
        jq -r .properties.provisioningState | expect_text Updating
    await shown
    rp GET "$(id shown)?$LB" | jq -r '.properties.networkProfile.loadBalancerProfile.effectiveOutboundIps[].id | ascii_downcase' | sort >effective
    expect "$(wc -l <effective)" = "$1"
    arm GET "$(resources aro-shown Microsoft.Network/loadBalancers | grep -v -e -internal)?api-version=2020-08-01" >balancer.json
    jq -r '.properties as $p | $p.outboundRules[0].properties.frontendIPConfigurations[].id as $id | $p.frontendIPConfigurations[] |
        select((.id | ascii_downcase) == ($id | ascii_downcase)) | .properties.publicIPAddress.id | ascii_downcase' balancer.json | sort | diff effective -
    expect "$(names shown publicIPAddresses | grep -c outbound)" = $(($1 - 1))
    expect "$(jq '[.properties.loadBalancingRules[] | select(.name == "api-internal-v4")] | length' balancer.json)" = 1
}
test_outbound() {
    local rules
    expect "$(rp GET "$(id shown)?$LB" | jq '.properties.networkProfile.loadBalancerProfile.effectiveOutboundIps | length')" = 1
    outbound 3
    rules=$(jq -c '[.properties.loadBalancingRules[].name] | sort' balancer.json)
    cp effective "$work/three"
    outbound 2
    comm -23 effective "$work/three" | diff - /dev/null
    expect "$(jq -c '[.properties.loadBalancingRules[].name] | sort' balancer.json)" = "$rules"
    outbound 1
}

master() { kube shown -n openshift-azure-operator "$@"; }
no_master() { [ -z "$(master get pods -l app=aro-operator-master -o name)" ]; }
receivers() { kube shown -n openshift-monitoring get secret alertmanager-main -o json | jq -r '.data["alertmanager.yaml"] | @base64d'; }
has_webhook() { receivers | grep -q 'url: .*:8080/healthz/ready'; }

# As developers of the operator do it: with the Deployment scaled down, a build of theirs does its work.
test_local_operator() {
    export KUBECONFIG=$work/shown.kubeconfig SSL_CERT_FILE=$work/cloud/azure/ca.crt ARO_CONNECT_TO=$work/cloud/azure/connect-to
    kubectl scale -n openshift-azure-operator deployment/aro-operator-master --replicas=0
    eventually no_master
    kube shown -n openshift-monitoring patch secret alertmanager-main -p '{"data": {"alertmanager.yaml": "'"$(printf 'receivers: [{name: "null"}]\n' | base64 -w0)"'"}}'
    "$BIN/aro" operator master --bind-address 127.0.0.1 --health-port 0 --metrics-port 0 >operator.log 2>&1 &
    local pid=$! ended=0
    eventually has_webhook || { tail -5 operator.log; kill "$pid"; return 1; }
    no_master
    kill "$pid"
    wait "$pid" || ended=$?
    expect "$ended" = 0
    kubectl scale -n openshift-azure-operator deployment/aro-operator-master --replicas=1
    kubectl -n openshift-azure-operator rollout status --timeout=60s deployment/aro-operator-master
}

# A custom image by the variable of the resource provider and the empty admin update; then the commands that look at it.
test_custom_image() {
    local pid pod
    expect "$(master get deployment aro-operator-master -o jsonpath='{.spec.template.spec.containers[0].image}')" = registry.example.com/aro:first
    expect "$(master get deployment aro-operator-master -o jsonpath='{.metadata.labels.version}')" = first
    pod=$(master get pods -l app=aro-operator-master -o name)
    old_condition
    pid=$(cat "$work/cloud/rp/pid")
    echo ARO_IMAGE=quay.io/someone/aos-init:latest >"$work/cloud/rp/settings"
    kill "$pid"
    eventually restarted "$pid"
    TLS_PORT=$(sed -n 's/.*listening on port \([0-9]*\).*/\1/p' "$work/cloud/log/rp.log" | tail -1)
    RESOURCEGROUP=shown CLUSTER=shown
    curl -sS -X PATCH -k "https://localhost:$TLS_PORT/subscriptions/$AZURE_SUBSCRIPTION_ID/resourceGroups/$RESOURCEGROUP/providers/Microsoft.RedHatOpenShift/openShiftClusters/$CLUSTER?api-version=admin" --header "Content-Type: application/json" -d "{}" |
        jq -r .properties.provisioningState | expect_text AdminUpdating
    await shown
    master get all | expect_text '^deployment.apps/aro-operator-master +1/1'
    master get clusters.aro.openshift.io/cluster -o yaml | expect_text 'type: InternetReachableFromMaster'
    master logs deployment.apps/aro-operator-master | expect_text 'msg='
    kube shown -n openshift-config get secrets/pull-secret -o template='{{index .data ".dockerconfigjson"}}' | base64 -d | jq -c '.auths | keys' | expect_text registry.example.com
    expect "$(master get deployment aro-operator-master -o jsonpath='{.spec.template.spec.containers[0].image}')" = quay.io/someone/aos-init:latest
    expect "$(master get deployment aro-operator-master -o jsonpath='{.metadata.labels.version}')" = latest
    master rollout status --timeout=60s deployment/aro-operator-master
    eventually pod_is_not "$pod"
    eventually condition_is_new
}
# A condition as an operator of another version may have left it: the one that comes now tells what it finds itself.
old_condition() {
    master get clusters.aro.openshift.io cluster -o json | jq '(.status.conditions[] | select(.type == "InternetReachableFromMaster")) |=
        (.status = "False" | .message = "told by a former operator")' |
        kubectl --kubeconfig "$work/shown.kubeconfig" replace --raw /apis/aro.openshift.io/v1alpha1/clusters/cluster/status -f - >/dev/null
}
condition_is_new() {
    holds shown InternetReachableFromMaster && ! kube shown get clusters.aro.openshift.io cluster -o json | grep -q 'told by a former operator'
}
pod_is_not() { [ "$(master get pods -l app=aro-operator-master -o json | jq -r '.items[] | select(.metadata.deletionTimestamp == null) | "pod/\(.metadata.name)"')" != "$1" ]; }
restarted() { [ "$(cat "$work/cloud/rp/pid")" != "$1" ] && curl -sSf "$RP/healthz" >/dev/null; }

# The CLI itself gives roles on the network that it is told, and does not take them back.
rest() { inventory | grep -v 'resourcegroups/shown/.*/roleassignments/'; }
test_delete() {
    rp DELETE "$(id hidden)?$NEW"
    rp DELETE "$(id routed)?$NEW"
    az aro delete -y -g shown -n shown
    await_gone hidden
    await_gone routed
    expect "$(az aro list --query 'length(@)' -o tsv)" = 0
    rest | diff "$work/before" -
}

hurry
export RP_FEATURES=-DisableSignedCertificates
start_rp_by test/lifecycle/restart.sh && sign_in || exit 1
(run_cases networks \
    "three clusters are made at once, one by az aro create" test_create \
    "az aro shows, lists and updates it" test_cli \
    "routers are where their names lead" test_routers \
    "a router whose address somebody took has another" test_squatted \
    "a private cluster is reached from its own network alone" test_private \
    "one with routes of its owner has nothing public" test_routed \
    "outbound addresses become more and fewer as its profile says" test_outbound \
    "a local build takes the place of the operator" test_local_operator \
    "ARO_IMAGE and an admin update bring a custom operator" test_custom_image \
    "deletes leave nothing" test_delete)
