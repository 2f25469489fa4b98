#!/usr/bin/env bash
# What it costs one resource provider to create many clusters at once, each in a network and as a service principal of its own, in
# the simulated Azure, where pods only look as if they ran. Prints memory, processor time and the time that a cluster takes
# beside what the simulator itself needs on the same processors; fails only when a cluster does. Ten minutes for 200 on two cores.
#   FLEET (200): how many; 10 are enough to see that it works. BIN (build/bin)
#   FLEET_POLL_MS (10000): how often a step looks again, as in production
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=test/bench/lib.sh
source test/bench/lib.sh
FLEET=${FLEET:-200}
LIMIT_S=$((600 + 15 * FLEET))
VERSION=api-version=2022-09-04
GROUPS_AT=/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups
export ARO_RP_BACKEND_WORKERS=$((FLEET > 1000 ? 1000 : FLEET)) ARO_RP_STEP_POLL_MS=${FLEET_POLL_MS:-10000} ARO_RP_READY_DELAY_MS=0
export ARO_IMAGE=registry.example.com/aro:bench

dir=$(make_dir 2000000)
end() {
    "$BIN/devcloud" down --dir "$dir/cloud" 2>/dev/null || true
    rm -rf -- "$dir"
}
trap end EXIT
trap 'exit 130' INT TERM

# ---- the cloud ----

start_cloud() {
    "$BIN/devcloud" up --detach --dir "$dir/cloud" --port 0 --plain-port 0 --azure-port 0 --rp aro-rp >"$dir/told" 2>&1 ||
        die "the cloud did not start: $(tail -1 "$dir/told")"
    # shellcheck source=/dev/null
    . "$dir/cloud/env"
    rp_url=$(sed -n 's/^rp .* \(http:[^ ]*\) .*/\1/p' "$dir/cloud/status")
    rp_pid=$(pid_in "$dir/cloud/rp" aro-rp) azure_pid=$(pid_in "$dir/cloud/azure" azuresim)
}
# pid_in FOLDER NAME: of the program that runs there.
pid_in() {
    local pid
    for pid in $(pgrep -x "$2"); do
        [[ $(readlink "/proc/$pid/cwd" 2>/dev/null) != "$1" ]] || { echo "$pid" && return; }
    done
    die "no $2 runs"
}
control() { curl -sS --cacert "$dir/cloud/azure/ca.crt" "$AZURE_URL/_devcloud/state" "$@"; }
rp() { curl --fail-with-body -sS --noproxy '*' "$@"; }

# What each of N customers has: an application, a group, a network with two subnets. And quota and addresses for all.
give_customers() { # N
    jq -n --argjson n "$1" --arg groups "$GROUPS_AT" --argjson second $((RANDOM % 64)) '
        def resource(id; type; properties): {(id | ascii_downcase): {id: id, name: (id | split("/") | last), type: type,
            location: env.LOCATION, etag: "W/\"1\"", properties: ({provisioningState: "Succeeded"} + properties)}};
        def subnet(vnet; name; range): resource("\(vnet)/subnets/\(name)"; "Microsoft.Network/virtualNetworks/subnets";
            {addressPrefix: range, delegations: [], serviceEndpoints: []});
        def client: "55555555-5555-5555-5555-\(100000000000 + .)";
        {operation_ms: 50, clusters: {"*": {pretend: true}}, public_addresses: "127.\($second + 128).0.0/16",
         usages: ([("cores", "standardDSv3Family", "PublicIPAddresses", "StaticPublicIPAddresses",
                    "StandardSkuPublicIpAddresses", "LoadBalancers") | {(.): {limit: 1000000}}] | add),
         applications: ([range($n) | {(client): {objectId: "66666666-6666-6666-6666-\(100000000000 + .)", secret: "bench",
                                                  graphRoles: []}}] | add),
         resources: (([range($n) | "\($groups)/fleet\(.)" as $group | "\($group)/providers/Microsoft.Network/virtualNetworks/vnet" as $vnet |
            resource($group; "Microsoft.Resources/resourceGroups"; {}),
            resource($vnet; "Microsoft.Network/virtualNetworks"; {addressSpace: {addressPrefixes: ["10.0.0.0/22"]}}),
            subnet($vnet; "master"; "10.0.0.0/23"), subnet($vnet; "worker"; "10.0.2.0/23")] | add) +
            ("/subscriptions/\(env.AZURE_SUBSCRIPTION_ID)" as $scope | "4d97b98b-1d4f-4787-a291-c67834d212e7" as $role |
             "\($scope)/providers/Microsoft.Authorization/roleAssignments/\($role)" as $id | {($id | ascii_downcase): {id: $id, name: $role,
                type: "Microsoft.Authorization/roleAssignments", properties: {scope: $scope, principalId: "44444444-4444-4444-4444-444444444444",
                roleDefinitionId: "\($scope)/providers/Microsoft.Authorization/roleDefinitions/\($role)"}}}) +
            ("\($groups)/\(env.RP_RESOURCEGROUP)/providers/Microsoft.Network/virtualNetworks/rp-pe-vnet-001/subnets/rp-pe-subnet" as $id |
             {($id | ascii_downcase): {properties: {addressPrefix: "127.\($second + 64).0.0/16"}}}))}' |
        control -X PATCH -d @- >/dev/null
}

# ---- clusters ----

id() { echo "$GROUPS_AT/fleet$1/providers/Microsoft.RedHatOpenShift/openShiftClusters/fleet$1"; }
give_body() { # NUMBER
    jq -n --arg name "fleet$1" --arg groups "$GROUPS_AT" --argjson n "$1" '
        "\($groups)/\($name)/providers/Microsoft.Network/virtualNetworks/vnet/subnets" as $subnets | {
        location: env.LOCATION,
        properties: {
            clusterProfile: { domain: $name, resourceGroupId: "\($groups)/aro-\($name)", pullSecret: env.PULL_SECRET,
                              fipsValidatedModules: "Disabled" },
            servicePrincipalProfile: { clientId: "55555555-5555-5555-5555-\(100000000000 + $n)", clientSecret: "bench" },
            networkProfile: { podCidr: "10.128.0.0/14", serviceCidr: "172.30.0.0/16" },
            masterProfile: { vmSize: "Standard_D8s_v3", subnetId: "\($subnets)/master", encryptionAtHost: "Disabled" },
            workerProfiles: [{ name: "worker", vmSize: "Standard_D2s_v3", diskSizeGB: 128, subnetId: "\($subnets)/worker", count: 3,
                               encryptionAtHost: "Disabled" }],
            apiserverProfile: { visibility: "Public" },
            ingressProfiles: [{ name: "default", visibility: "Public" }] } }'
}

# create FROM TO: PUTs, side by side.
create() {
    local n
    for ((n = $1; n <= $2; n++)); do
        give_body "$n" >"$dir/body.$n"
        printf 'next\nurl = "%s"\nrequest = PUT\nheader = "Content-Type: application/json"\ndata = "@%s"\n' \
            "$rp_url$(id "$n")?$VERSION" "$dir/body.$n"
        printf 'output = /dev/null\nsilent\nshow-error\nfail\nnoproxy = *\n'
    done | sed 1d >"$dir/puts"
    curl --no-progress-meter --parallel --parallel-max 20 --config "$dir/puts" || die "asking for clusters: curl ended with $?"
}

# await COUNT: until so many operations have ended.
await() {
    local until=$((SECONDS + LIMIT_S)) said=$SECONDS
    while (($(ended) < $1)); do
        ((SECONDS < until)) || die "$(ended) of $1 clusters had ended after $LIMIT_S s; the end of the log: $(tail -1 "$dir/cloud/log/rp.log")"
        ((SECONDS < said + 30)) || {
            said=$SECONDS
            step "$(ended) of $1 have ended; the simulator has $(field Threads "$azure_pid") threads and $(megabytes VmRSS "$azure_pid")"
        }
        sleep 0.2
    done
}
ended() { grep -c 'msg="long running operation result: ' "$dir/cloud/log/rp.log" || true; }

# ---- figures ----

field() { awk -v field="$1:" '$1 == field { print $2 }' "/proc/$2/status"; }
# Seconds of processors that a process has had.
cpu_s() { sed 's/.*) //' "/proc/$1/stat" | awk -v hz="$(getconf CLK_TCK)" '{ printf "%.1f", ($12 + $13) / hz }'; }

# Each of FROM to TO: its seconds from step to step, and "Succeeded" or another state. The steps go into $dir/steps.
give_lives() { # FROM TO
    local n
    : >"$dir/steps"
    for ((n = $1; n <= $2; n++)); do
        rp "$rp_url/admin$(id "$n")/progress" >"$dir/progress"
        jq -r '.log[] | "\(.step) \(.tookMs / 1000)"' "$dir/progress" >>"$dir/steps"
        jq -r '"\([.log[].tookMs] | add / 1000) \(.provisioningState)"' "$dir/progress"
    done
}
# median, slowest, how many succeeded
sum_up() { sort -n "$1" | awk '{ v[NR] = $1; well += $2 == "Succeeded" } END { print v[int((NR + 1) / 2)], v[NR], well }'; }
# The three steps that the clusters spent most in, in the mean.
longest() { awk -v n="$1" '{ sum[$1] += $2 } END { for (s in sum) printf "%.1f s %s\n", sum[s] / n, s }' "$dir/steps" | sort -rn | head -3 | paste -sd ,; }

# measure NAME FROM TO: creates these clusters and tells of it.
measure() {
    local many=$(($3 - $2 + 1)) rp_from azure_from began=$EPOCHREALTIME before median slowest well
    before=$(ended)
    rp_from=$(cpu_s "$rp_pid") azure_from=$(cpu_s "$azure_pid")
    create "$2" "$3"
    await $((before + many))
    local took rp_cpu azure_cpu
    took=$(less "$EPOCHREALTIME" "$began")
    rp_cpu=$(less "$(cpu_s "$rp_pid")" "$rp_from" "$many") azure_cpu=$(less "$(cpu_s "$azure_pid")" "$azure_from" "$many")
    give_lives "$2" "$3" >"$dir/lives"
    read -r median slowest well < <(sum_up "$dir/lives")
    row "$1" measured bar "the simulated cloud"
    row "  succeeded" "$well of $many" "all" "has $(field Threads "$azure_pid") threads"
    row "  until all were ready" "$took s" "" "$(less "$took" 0 "$many") s a cluster"
    row "  a cluster's steps, median" "$median s" "" "the slowest $slowest s"
    row "    longest" "" "" "$(longest "$many")"
    row "  processor time a cluster" "$rp_cpu s" "" "$azure_cpu s"
    row "  memory at the most, RSS" "$(megabytes VmHWM "$rp_pid")" "${4:-}" "$(megabytes VmHWM "$azure_pid")"
    ((well == many)) || die "$((many - well)) of $many clusters were not created; one of them: $(grep -h 'long running operation result: Failed' "$dir/cloud/log/rp.log" | head -1)"
}

start_cloud
give_customers $((FLEET + 1))
step "one cluster by itself"
measure "one cluster by itself" 0 0
step "$FLEET clusters at once"
measure "$FLEET clusters at once" 1 "$FLEET" "256 MB"
row "  memory afterwards, RSS" "$(megabytes VmRSS "$rp_pid")" "" "$(megabytes VmRSS "$azure_pid")"
