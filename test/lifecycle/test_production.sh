#!/bin/bash
# The life of a cluster as production makes it: a registry, signed certificates, a gateway, accounts behind a firewall, and a deny
# assignment that Azure enforces. BIN holds devcloud and what it starts. The cases build on each other.
#
# With RP_MODE=production, by a program that installs, in an Azure with the names of the public cloud; where this machine makes no
# namespaces, in development with the same features.
# shellcheck source=test/lifecycle/public_cloud.sh
. "$(dirname "$0")/public_cloud.sh"
enter_public_cloud "$@"
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

# make_gateway: what the service has in its own groups: a private link service before a balancer, and the networks that accounts are
# open to.
make_gateway() {
    local network=api-version=2020-08-01 place balancer subnet
    place=$(group gateway)/providers/Microsoft.Network
    balancer=$place/loadBalancers/gateway
    subnet=$place/virtualNetworks/gateway-vnet/subnets/gateway-subnet
    make_group gateway
    trust "$(group gateway)"
    put_and_wait "$place/virtualNetworks/gateway-vnet?$network" '{location: env.LOCATION, properties: {addressSpace: {addressPrefixes: ["10.9.0.0/24"]},
        subnets: [{name: "gateway-subnet", properties: {addressPrefix: "10.9.0.0/24", privateLinkServiceNetworkPolicies: "Disabled",
            serviceEndpoints: [{service: "Microsoft.Storage", locations: ["*"]}]}}]}}'
    put_and_wait "$balancer?$network" --arg subnet "$subnet" '{location: env.LOCATION, sku: {name: "Standard"}, properties: {
        frontendIPConfigurations: [{name: "front", properties: {subnet: {id: $subnet}}}]}}'
    put_and_wait "$place/privateLinkServices/gateway-pls-001?$network" --arg subnet "$subnet" --arg front "$balancer/frontendIPConfigurations/front" '{
        location: env.LOCATION, properties: {loadBalancerFrontendIpConfigurations: [{id: $front}],
        ipConfigurations: [{name: "nic", properties: {subnet: {id: $subnet}, primary: true}}]}}'
}
# put_and_wait PATH_AND_QUERY [ARGUMENT OF jq]...: makes a resource of ARM.
put_and_wait() {
    jq -n "${@:2}" | arm PUT "$1" -d @- >put.json
    eventually is_made "$1"
}
is_made() { arm GET "$1" | jq -e '.properties.provisioningState == "Succeeded"'; }

test_create() {
    make_gateway
    network one 16
    inventory >"$work/before"
    body one '.properties.workerProfiles[0].vmSize = "Standard_D4s_v3"' | rp PUT "$(id one)?$NEW" -d @- >put.json
    expect "$(jq -r .properties.provisioningState put.json)" = Creating || cat put.json
    await one
    open one
    rp GET "/admin$(id one)/progress" | jq -r '.log[].step' >steps
    for step in ensureACRToken ensureGatewayCreate createCertificates configureAPIServerCertificate configureIngressCertificate; do
        expect_text "^$step\$" <steps
    done
    expect "$(kube one get nodes -o name | wc -l)" = 6
}

test_certificates() { certificates one; }

# Accounts are open to the service's networks and nobody else.
test_storage() {
    local account
    resources aro-one Microsoft.Storage/storageAccounts >accounts
    expect "$(wc -l <accounts)" = 2
    while read -r account; do
        arm GET "$account?api-version=2021-09-01" | jq '.properties.networkAcls' >acls.json
        expect "$(jq -r .defaultAction acls.json)" = Deny
        jq -r '.virtualNetworkRules[].id' acls.json >networks
        expect_text /gateway-vnet/subnets/gateway-subnet <networks
        expect_text /rp-pe-vnet-001/subnets/rp-pe-subnet <networks
    done <accounts
}

gateway() { arm "$1" "$(group gateway)/providers/Microsoft.Network/privateLinkServices/gateway-pls-001$2?api-version=2020-08-01"; }
test_gateway() {
    gateway GET '' | jq '.properties.privateEndpointConnections' >connections.json
    expect "$(jq length connections.json)" = 1
    expect "$(jq -r '.[0].properties.privateLinkServiceConnectionState.status' connections.json)" = Approved
    kube one get clusters.aro.openshift.io cluster -o json | jq -e '.spec.gatewayDomains | length > 0' >/dev/null
}

# The customer may not touch what is in the managed group; the cluster and the service may.
test_denied() {
    local nsg denial
    make_application "$(client stranger)" s3cret-stranger
    nsg=$(resources aro-one Microsoft.Network/networkSecurityGroups)
    AZURE_CLIENT_ID=$(client stranger) AZURE_CLIENT_SECRET=s3cret-stranger arm DELETE "$nsg?api-version=2020-08-01" >denied.json
    expect "$(jq -r .error.code denied.json)" = DenyAssignmentAuthorizationFailed
    # One that is gone comes back.
    denial=$(control state | jq -r '.resources | keys[] | select(test("/denyassignments/"))')
    control state -X PATCH -d "$(jq -n --arg id "$denial" '{resources: {($id): null}}')" >/dev/null
    admin one '{}'
    expect "$(control state | jq -r '.resources | keys[] | select(test("/denyassignments/"))')" = "$denial"
}

infra() { basename "$(resources aro-one Microsoft.Network/privateLinkServices)" -pls; }
balancer() { arm "$1" "$(group aro-one)/providers/Microsoft.Network/loadBalancers/$(infra)-internal?api-version=2020-08-01" "${@:2}"; }
has_ways_to_masters() { balancer GET | jq -e --argjson wanted "$1" '[.properties.loadBalancingRules[].name | select(startswith("ssh-"))] | length == $wanted'; }
# What the gateway's owner does to it: the cluster's endpoint stays, and leads nowhere.
cut_connection() {
    gateway GET '' | jq -r '.properties.privateEndpointConnections[0].name' >connection
    gateway DELETE "/privateEndpointConnections/$(cat connection)"
    gateway GET '' | jq -e '.properties.privateEndpointConnections == []' >/dev/null
}
secret() { kube one -n "$1" get secret "$2" -o json; }

# What was broken around the cluster, in Azure, by whom the deny assignment lets.
test_mended() {
    local account AZURE_CLIENT_ID=$AZURE_FP_CLIENT_ID
    resources aro-one Microsoft.Storage/storageAccounts >accounts
    while read -r account; do
        arm PATCH "$account?api-version=2021-09-01" -d '{"properties": {"networkAcls": {"defaultAction": "Allow", "virtualNetworkRules": []}}}' >acls.json
        expect "$(jq -r .properties.networkAcls.defaultAction acls.json)" = Allow
    done <accounts
    balancer GET | jq 'del(.properties.loadBalancingRules[] | select(.name | startswith("ssh-")))' >bare.json
    balancer PUT -d @bare.json >put.json
    eventually has_ways_to_masters 0
    cut_connection
    admin one '{}'
    test_storage
    has_ways_to_masters 3 >/dev/null
    test_gateway
}

# What machines to come would fetch their configuration by, and from.
test_machines_to_come() {
    secret openshift-machine-api worker-user-data >told.json
    jq -r '.data.userData | @base64d' told.json | expect_text 'https://10\.0\.16\.[0-9]*:22623/config/worker'
    jq '.data.userData |= (@base64d | sub("https://[0-9.]+:22623"; "https://api-int.one.aro.example:22623") | @base64)' told.json | kube one replace -f -
    kube one -n openshift-machine-config-operator patch secret machine-config-server-tls --type=merge -p '{"data": {"tls.crt": "eA=="}}'
    admin one '{"properties": {"maintenanceTask": "CertificatesRenewal"}}'
    diff <(jq .data told.json) <(secret openshift-machine-api worker-user-data | jq .data)
    secret openshift-machine-config-operator machine-config-server-tls | jq -r '.data["tls.crt"] | @base64d' |
        openssl x509 -noout -ext subjectAltName | expect_text 'IP Address:10\.0\.16\.'
}

# answer CERTIFICATE PATH: the status that whoever comes with it gets; "": without one.
answer() { curl -sS --cacert "$PLACE/rp.crt" ${1:+--cert "$1"} -o answer.json -w '%{http_code}' "$RP$2"; }
# Each caller is let in where it belongs, and nobody else is.
test_callers() {
    local cluster
    cluster="$(id one)?$NEW"
    make_pair stranger admin.example # its name, and no authority for it
    expect "$(answer '' "$cluster")" = 403
    expect "$(answer stranger.pem "$cluster")" = 403
    expect "$(answer stranger.pem "/admin$(id one)/progress")" = 403
    expect "$(answer "$PLACE/admin.pem" "$cluster")" = 403
    expect "$(answer "$PLACE/admin.pem" "/admin$(id one)/progress")" = 200
    expect "$(answer '' /nowhere)" = 403
    expect "$(answer '' /healthz)" = 200
    arm GET "$cluster" | jq -e '.properties.provisioningState == "Succeeded"' >/dev/null
}

# The gateway is given a minute to hear of it.
test_delete() {
    rp DELETE "$(id one)?$NEW"
    await_gone one
    inventory | diff "$work/before" -
    gateway GET '' | jq -e '.properties.privateEndpointConnections == []' >/dev/null
}

hurry
callers=()
if [ -n "${IN_PUBLIC_CLOUD-}" ]; then
    # shellcheck source=test/lifecycle/in_production.sh
    . "$(dirname "$0")/in_production.sh"
    trap 'end_production; end' EXIT
    name_everything "$work" && start_production || exit 1
    callers=("each caller gets in where it belongs" test_callers)
else
    echo "RP_MODE=production is left out: unshare(1) may make no namespaces here"
    start_rp_by test/lifecycle/as-production.sh || exit 1
fi
make_registry
(run_cases production \
    "a cluster is made" test_create \
    "its certificates are the service's" test_certificates \
    "its accounts are behind a firewall" test_storage \
    "it is connected to the gateway" test_gateway \
    "what is broken around it is mended" test_mended \
    "machines to come find what they need" test_machines_to_come \
    "what is its own is not the customer's to change" test_denied \
    "${callers[@]}" \
    "a delete leaves nothing" test_delete)
