#!/usr/bin/env bash
# What nobody should write, in everything that the operator reads: its credentials, its flags, the Cluster, the objects that it
# watches, Azure's answers. Each time it says what is wrong, goes on, and is well again when the thing is.
set -euo pipefail
# shellcheck source=test/e2e/drills/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

readonly CLUSTER=/apis/aro.openshift.io/v1alpha1/clusters/cluster
readonly DNS=/apis/operator.openshift.io/v1/dnses/default
readonly INGRESS=/apis/operator.openshift.io/v1/namespaces/openshift-ingress-operator/ingresscontrollers/default
readonly VERSION=/apis/config.openshift.io/v1/clusterversions/version
readonly OPERATOR=/apis/config.openshift.io/v1/clusteroperators/aro
readonly MACHINES=/apis/machine.openshift.io/v1beta1/namespaces/openshift-machine-api
readonly MACHINE=$MACHINES/machines/aro-x7k2p-master-0
readonly SCC=/apis/security.openshift.io/v1/securitycontextconstraints/privileged
readonly ALERTS=/api/v1/namespaces/openshift-monitoring/secrets/alertmanager-main
readonly PULL=/api/v1/namespaces/openshift-azure-operator/secrets/cluster
set_name=$(kubectl get --raw "$MACHINES/machinesets" | jq -r '.items[0].metadata.name')
readonly SET=$MACHINES/machinesets/$set_name
readonly OBJECTS=("$CLUSTER" "$DNS" "$INGRESS" "$VERSION" "$MACHINE" "$SET" "$SCC" "$ALERTS" "$PULL")

azure() { curl -fsS --cacert "$E2E_AZURE_CA" --noproxy '*' --max-time 20 -X "$1" ${3:+-H 'Content-Type: application/json' -d "$3"} "$E2E_AZURE_URL/_devcloud/$2"; }

# --- Breaking and mending --------------------------------------------------------------------------

scratch=$(mktemp -d)
saved() { printf '%s/%s' "$scratch" "$(tr / _ <<<"$1")"; }

# edit OBJECT[/status] FILTER [OPTION OF jq...]: what jq makes of the object is written back, also past the operator's own writes. Fails when the
# API server refuses it.
edit() {
    local out try
    for try in 1 2 3 4 5; do
        if out=$(kubectl get --raw "${1%/status}" | jq -c "${@:3}" "$2" | kubectl replace --raw "$1" -f - 2>&1); then
            return
        fi
        [[ $out == *modified* ]] || break
    done
    printf '%s (try %s)\n' "$out" "$try"
    return 1
}

save() {
    local object
    for object in "${OBJECTS[@]}"; do
        kubectl get --raw "$object" >"$(saved "$object")"
    done
    azure GET state >"$scratch/azure"
}

# restore [OBJECT...]: as they were saved, but for what identifies them; without objects all, and Azure. The status is put back
# only where others than the operator write it.
restore() {
    local object part
    for object in "${@:-${OBJECTS[@]}}"; do
        object=${object%/status}
        part=$object
        if [[ $object == "$VERSION" ]]; then
            part="$object $object/status"
        fi
        for part in $part; do
            # shellcheck disable=SC2016 # jq's own variables
            edit "$part" '.metadata as $m | $old[0] | .metadata.resourceVersion = $m.resourceVersion
                | .metadata.uid = $m.uid' --slurpfile old "$(saved "$object")"
        done
    done
    (($#)) || restore_azure
}

# A merge patch takes away what was added by setting it to null.
restore_azure() {
    # shellcheck disable=SC2016 # jq's own variables
    azure GET state | jq -c --slurpfile old "$scratch/azure" '
        def undo($now): if (type == "object") and ($now | type == "object")
            then . as $old | reduce ($now | keys[]) as $k ($old; if has($k) then .[$k] |= undo($now[$k]) else .[$k] = null end)
            else . end;
        . as $now | { resources: ($old[0].resources | undo($now.resources)) }' >"$scratch/patch"
    azure PATCH state "$(<"$scratch/patch")" >/dev/null
}
trap 'restore || true; rm -rf "$scratch"' EXIT

no_restart() { (($(restarts) <= restarts_before)); }

# The operator's words: the conditions of the Cluster, and warnings since the mark.
told() {
    {
        kubectl get --raw "$CLUSTER" | jq -r '.status.conditions[]? | .message // empty'
        warnings
    } | grep -E -e "$1" >/dev/null
}

# --- Who it is ------------------------------------------------------------------------------------

base64url() { basenc --base64url -w 0 | tr -d =; }

# The worker's token, but as old as the hills; signed by the API server's own key.
expired_token() {
    local body
    body=$(cut -d . -f 2 "$1" | tr '_-' '/+')
    while ((${#body} % 4)); do
        body+='='
    done
    body=$(base64 -d <<<"$body" | jq -c '.exp = 1600003600 | .iat = 1600000000 | .nbf = 1600000000' | base64url)
    body=$(cut -d . -f 1 "$1").$body
    printf '%s.%s' "$body" "$(printf '%s' "$body" | openssl dgst -sha256 -sign "$E2E_PLANE/pki/sa.key" -binary | base64url)"
}

# A worker of our own, beside the pods; its port is in its log.
start_worker() {
    env -u KUBECONFIG "$BIN/aro-operator" --bind-address 127.0.0.1 --health-port 0 --metrics-port 0 \
        --kubeconfig "$scratch/kubeconfig" worker >"$scratch/log" 2>&1 &
    worker=$!
}

end_worker() {
    kill "$worker" && within 30 grep -E 'msg="?stopped' "$scratch/log"
}

worker_is_ready() {
    local port
    port=$(sed -n 's/.*health on port \([0-9]*\),.*/\1/p' "$scratch/log")
    curl -fsS --noproxy '*' --max-time 5 "http://127.0.0.1:$port/readyz"
}

drill_credentials() {
    local pod
    pod=$(pods aro-operator-worker)
    jq --rawfile ca "$E2E_AZURE_CA" '.clusters[0].cluster["certificate-authority-data"] = ($ca | @base64)' \
        "$E2E_PODS/$pod/kubeconfig" >"$scratch/kubeconfig"
    cp "$E2E_PODS/$pod/token" "$scratch/token"
    start_worker
    check 'a wrong authority: the worker says so' within 30 grep -E 'level=warning.*certificate' "$scratch/log"
    check 'a wrong authority: once, and it lives on' test "$(grep -c level=warning "$scratch/log")" = 1
    check 'a wrong authority: and ends when told to' end_worker

    cp "$E2E_PODS/$pod/kubeconfig" "$scratch/kubeconfig"
    expired_token "$E2E_PODS/$pod/token" >"$scratch/token"
    start_worker
    check 'an expired token: the worker says so' within 30 grep -E 'level=warning.*refuses our credentials' "$scratch/log"
    cp "$E2E_PODS/$pod/token" "$scratch/token.new"
    mv "$scratch/token.new" "$scratch/token"
    check 'an expired token: it is ready with a new one' within "$BOUND_S" worker_is_ready
    check 'an expired token: and ends when told to' end_worker
}

# --- What it reads ---------------------------------------------------------------------------------

# NAME | OBJECT | what jq does to it | what the operator has to say
readonly TOLD=(
    "an unknown cloud|$CLUSTER|.spec.azEnvironment = \"Mars\"|cloud environment .Mars. is unsupported"
    "an unknown architecture|$CLUSTER|.spec.architectureVersion = 99|architectureVersion: unknown value 99"
    "an unknown log profile|$CLUSTER|.spec.operatorflags[\"aro.genevalogging.otel.profile\"] = \"all of them\"|unknown log profile .all of them"
    "a URL that is none|$CLUSTER|.spec.internetChecker.urls = [\"::no url::\"]|::no url::"
    "a network that is none|$CLUSTER|.spec.vnetId = \"garbage\"|garbage.* is not a resource path"
    "a resource ID that is none|$CLUSTER|.spec.resourceId = \"garbage\"|spec.resourceId: .garbage. is not a resource ID"
    "a Cluster without anything but flags|$CLUSTER|.spec = {operatorflags: .spec.operatorflags}|spec.azEnvironment: missing"
    "machines without a provider spec|$MACHINE|.spec.providerSpec.value = {}|aro-x7k2p-master-0: .*"
    "a cluster without ID|$VERSION|.spec.clusterID = \"\"|invalid ingress certificate name"
    "an ingress without certificate|$INGRESS|.spec.defaultCertificate = null|missing ingress certificate"
    "alerts that are no YAML|$ALERTS|.data[\"alertmanager.yaml\"] = (\"a: [\" | @base64)|reading alertmanager.yaml"
    "the service's pull secret no JSON|$PULL|.data[\".dockerconfigjson\"] = (\"{\" | @base64)|reading the pull secret of the service"
    "a root zone|$DNS|.spec.servers = [{zones: [\".\"]}]|malformed config"
)

# Of one object after the other; what is wrong with one hides nothing of the next.
drill_told() {
    local row name object filter words
    for row in "${TOLD[@]}"; do
        row=${row//' | '/$'\x01'}
        IFS='|' read -r name object filter words <<<"$row"
        mark_logs
        check "$name: can be written" edit "$object" "${filter//$'\x01'/' | '}"
        check "$name: the operator says what is wrong" within "$BOUND_S" told "$words"
        restore "$object"
    done
    check 'nothing of it made a process restart' no_restart
    check 'and the conditions are right again' within "$BOUND_S" healthy
}

# Flags: what is no "true" is off. Nothing is switched by accident.
all_off() {
    kubectl get --raw "$CLUSTER" | jq -e '[.status.conditions[] | select(.type | test("^(Internet|ServicePrincipal|Default)")) | .status] |
        length == 5 and all(. == "Unknown")' >/dev/null
}

drill_flags() {
    local value
    for value in '"gärbage %s %n \u0001 \" \\"' '""' '"TRUE "' '("x" * 9000)'; do
        check "every flag is $value: can be written" edit "$CLUSTER" \
            "$value as \$v | .spec.operatorflags |= map_values(\$v) | .spec.banner.content = \"ContactSupport\""
        check "every flag is $value: the checks are off" within "$BOUND_S" all_off
        check "every flag is $value: and the banner is" absent consolenotifications.console.openshift.io openshift-aro-sre
        restore "$CLUSTER"
        within "$BOUND_S" healthy
    done
    check 'the flags made no process restart' no_restart
}

drill_spec() {
    check 'a Cluster without spec: can be written' edit "$CLUSTER" 'del(.spec)'
    check 'a Cluster without spec: the checks are off' within "$BOUND_S" all_off
    restore "$CLUSTER"
    check 'a Cluster with its spec again: the conditions are right' within "$BOUND_S" healthy
}

# Wrong types: each value takes the place of every field that a controller reads, as far as the API server lets it.
readonly VALUES=('"garbage"' '[null, "x", 7, {}]' '{"x": [null]}' null)

# OBJECT | jq assignments, each tried by itself
readonly FIELDS=(
    "$MACHINE|.spec.providerSpec.value |= with_entries(.value = \$v);.spec.providerSpec.value.image = {publisher: \$v, offer: \$v};.spec.providerSpec.value.osDisk = {diskSizeGB: \$v};.spec.providerSpec = {value: \$v}"
    "$SET|.spec.template.spec.providerSpec.value |= with_entries(.value = \$v);.spec.template.spec.providerSpec.value = \$v;.spec.template = \$v;.spec.replicas = \$v"
    "$DNS|.spec.servers = [{zones: \$v, forwardPlugin: {upstreams: \$v}}];.spec.servers = [\$v];.spec.servers = \$v;.spec = \$v"
    "$INGRESS|.spec.defaultCertificate.name = \$v;.spec.defaultCertificate = \$v;.spec = \$v"
    "$VERSION|.spec.clusterID = \$v;.spec = \$v"
    "$VERSION/status|.status.history = [{state: \$v, version: \$v}];.status.history = [\$v];.status.history = \$v;.status = \$v"
    "$OPERATOR/status|.status.conditions = [\$v];.status.conditions = \$v;.status.versions = \$v;.status = \$v"
    "$SCC|.volumes = \$v;.users = \$v;.groups = \$v"
    "$ALERTS|.data[\"alertmanager.yaml\"] = (\$v | tostring | @base64);.data[\"alertmanager.yaml\"] = ({receivers: \$v} | tostring | @base64);.data[\"alertmanager.yaml\"] = ({receivers: [\$v, {name: \$v}, {name: \"null\", webhook_configs: \$v}]} | tostring | @base64);.data = null"
    "$PULL|.data[\".dockerconfigjson\"] = (\$v | tostring | @base64);.data[\".dockerconfigjson\"] = ({auths: \$v} | tostring | @base64);.data[\".dockerconfigjson\"] = ({auths: {x: \$v}} | tostring | @base64);.data = null"
)

spoil() {
    local value=$1 row object filters filter
    for row in "${FIELDS[@]}"; do
        IFS='|' read -r object filters <<<"$row"
        IFS=';' read -ra filters <<<"$filters"
        for filter in "${filters[@]}"; do
            if edit "$object" "$value as \$v | $filter" >/dev/null; then
                written=$((written + 1))
            fi
        done
    done
}

# The properties of every subnet and security group.
spoil_azure() {
    local filter
    for filter in 'properties: $v' 'properties: {networkSecurityGroup: $v, serviceEndpoints: $v, routeTable: $v}' \
        'properties: {serviceEndpoints: [$v, {service: $v}], networkSecurityGroup: {id: $v}}'; do
        if azure PATCH state "$(jq -c "$1 as \$v | { resources: (.resources | with_entries(select(.key | test(\"subnets|networksecurity\")) |
            .value = { $filter })) }" "$scratch/azure")" >/dev/null 2>&1; then
            written=$((written + 1))
        fi
        edit "$CLUSTER" '.spec.serviceSubnets = ((.spec.serviceSubnets // []) + ["x"])' >/dev/null || true # wakes AzureSubnets
        sleep 1
    done
}

drill_types() {
    local value
    for value in "${VALUES[@]}"; do
        written=0
        spoil "$value"
        spoil_azure "$value"
        check "$value in $written fields: no process restarts" no_restart
        check "$value in $written fields: the masters still answer" rolled_out aro-operator-master
        restore
    done
    check 'the conditions are right when all is mended' within "$BOUND_S" healthy
}

check 'the platform is well' within "$BOUND_S" healthy
restarts_before=$(restarts)
save
drill_credentials
drill_spec
drill_flags
drill_told
drill_types
check 'no process has restarted' no_restart
finish
