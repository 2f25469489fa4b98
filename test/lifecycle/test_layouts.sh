#!/bin/bash
# The life of a cluster of the first layout, of a version before the operator, with signed certificates, until it was upgraded
# to one with it. BIN holds devcloud and what it starts. The cases build on each other.
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

# What the customer has to have done for this layout.
PREPARED='{serviceEndpoints: [{service: "Microsoft.ContainerRegistry", locations: ["*"]}], privateLinkServiceNetworkPolicies: "Disabled"}'

# make_logging_pair: the certificate with which the service's clusters ship their logs.
make_logging_pair() {
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=shipper -keyout key.pem -out cert.pem 2>/dev/null
    cat key.pem cert.pem >"$work/cloud/rp/secrets/cluster-mdsd"
}

test_create() {
    make_logging_pair
    network old 16 "$PREPARED"
    inventory >"$work/before"
    body old | rp PUT "$(id old)?$NEW" -d @- >put.json
    await old
    open old
    rp GET "/admin$(id old)/progress" | jq -r '.log[].step' >steps
    expect_text '^deployStorageTemplate$' <steps
    expect_text '^ensureIfReload$' <steps
    expect "$(grep -c AROOperator steps)" = 0
    expect "$(kube old get nodes -o name | wc -l)" = 6
}

# Two groups of rules, two public addresses, and the names of the machines in a zone that their network knows.
test_parts() {
    local infra
    infra=$(basename "$(resources aro-old Microsoft.Network/privateLinkServices)" -pls)
    resources aro-old Microsoft.Network/networkSecurityGroups | xargs -n1 basename >groups
    diff groups <(printf '%s\n' "$infra-controlplane-nsg" "$infra-node-nsg")
    resources aro-old Microsoft.Network/loadBalancers | xargs -n1 basename >balancers
    diff balancers <(printf '%s\n' "$infra" "$infra-internal-lb" "$infra-public-lb")
    expect_text "^$(group aro-old)/providers/Microsoft.Network/publicIPAddresses/$infra-outbound-pip-v4\$" \
        < <(resources aro-old Microsoft.Network/publicIPAddresses)
    arm GET "$(group aro-old)/providers/Microsoft.Network/privateDnsZones/old.aro.example/A/etcd-2?api-version=2018-09-01" |
        jq -r '.properties.aRecords[0].ipv4Address' | expect_text '^10\.0\.16\.'
    arm GET "$(group old)/providers/Microsoft.Network/virtualNetworks/vnet/subnets/worker?api-version=2020-08-01" |
        jq -r .properties.networkSecurityGroup.id | expect_text "-node-nsg\$"
}

# Before the operator there was one, its work was the service's.
test_without_operator() {
    expect_status 1 kube old get namespace openshift-azure-operator
    kube old -n openshift-azure-ifreload get daemonset ifreload -o name | expect_text ifreload
    kube old -n openshift-monitoring get secret alertmanager-main -o json | jq -r '.data["alertmanager.yaml"] | @base64d' |
        expect_text 'http://localhost:1234/'
    kube old -n openshift-azure-logging get daemonset mdsd -o json | jq -r '.. | strings' | expect_text '^AROClusterLogsINT$'
    kube old -n openshift-azure-logging get secret certificates -o json | jq -r '.data["gcscert.pem"] | @base64d' |
        openssl x509 -noout -subject | expect_text 'CN = shipper'
    kube old get securitycontextconstraints privileged-genevalogging -o name | expect_text genevalogging
}

test_certificates() { certificates old; }

# upgrade NAME VERSION: as the owner of a cluster does it.
upgrade() {
    kube "$1" patch clusterversion version --type=merge -p '{"spec": {"desiredUpdate": {"version": "'"$2"'", "image": "x"}}}'
    eventually runs "$1" "$2"
}
runs() { kube "$1" get clusterversion version -o json | jq -e '.status.history[0] | .version == "'"$2"'" and .state == "Completed"'; }

balancer() { arm "$1" "$(resources aro-old Microsoft.Network/loadBalancers | grep -e -internal-lb)?api-version=2020-08-01" "${@:2}"; }
internal_balancer() { balancer GET; }
has_protocol() { internal_balancer | jq -e --arg wanted "$1" '[.properties.probes[] | select(.name == "sint-probe") | .properties.protocol] == [$wanted]'; }
# Clusters of that layout that are older still have load balancers that only try ports.
test_balancer() {
    internal_balancer | jq '(.properties.probes[] | select(.name == "sint-probe").properties) |= (.protocol = "Tcp" | del(.requestPath))' >tcp.json
    balancer PUT -d @tcp.json >put.json
    eventually has_protocol Tcp
    admin old '{}'
    has_protocol Https >/dev/null
    internal_balancer >mended.json
    expect "$(jq -c '[.properties.loadBalancingRules[].properties.frontendPort] | sort' mended.json)" = '[2200,2201,2202,6443,22623]'
    expect "$(jq -c '[.properties.backendAddressPools[] | select(.name | startswith("ssh-")).properties.backendIPConfigurations | length]' mended.json)" = '[1,1,1]'
}

test_upgrade() {
    admin old '{}'
    expect_status 1 kube old get namespace openshift-azure-operator
    upgrade old 4.7.12
    admin old '{}'
    eventually holds old ServicePrincipalValid
    kube old get clusters.aro.openshift.io cluster -o json >cluster.json
    expect "$(jq -r .spec.architectureVersion cluster.json)" = 0
    jq -r .spec.apiIntIP cluster.json | expect_text '^10\.0\.16\.'
    expect "$(jq -r .spec.ingressIP cluster.json)" = "$(rp GET "$(id old)?$NEW" | jq -r '.properties.ingressProfiles[0].ip')"
}

test_zones() {
    internal_balancer >before.json
    expect "$(jq '[.properties.frontendIPConfigurations[].zones // [] | length] | add' before.json)" = 0
    admin old '{"properties": {"maintenanceTask": "MigrateLoadBalancer"}}'
    internal_balancer >after.json
    expect "$(jq -c '.properties.frontendIPConfigurations[0].zones' after.json)" = '["1","2","3"]'
    diff <(jq '.properties | .frontendIPConfigurations[0].properties.privateIPAddress, (.loadBalancingRules | sort_by(.name) | map(.properties.frontendPort))' before.json) \
        <(jq '.properties | .frontendIPConfigurations[0].properties.privateIPAddress, (.loadBalancingRules | sort_by(.name) | map(.properties.frontendPort))' after.json)
    kube old get nodes -o name | expect_text master
}

test_delete() {
    rp DELETE "$(id old)?$NEW"
    await_gone old
    inventory | diff "$work/before" -
}

hurry
export ARO_RP_ARCHITECTURE_VERSION=0 RP_FEATURES=-DisableSignedCertificates
start_rp_by test/lifecycle/with-logging.sh || exit 1
(run_cases layouts \
    "a cluster of the first layout is made" test_create \
    "its parts are those of that layout" test_parts \
    "what the operator does later the service did" test_without_operator \
    "its certificates are of the vault" test_certificates \
    "its load balancers get probes and ways to the masters" test_balancer \
    "once it is upgraded an admin update brings the operator" test_upgrade \
    "its internal load balancer gets into zones and keeps its address" test_zones \
    "a delete leaves nothing" test_delete)
