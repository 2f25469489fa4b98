#!/usr/bin/env bash
# Runs the conformance suite on the real API server (hack/envtest-run.sh) and on the virtual one (devcloud cluster), in one
# run: literal requests, what newer servers do (on the virtual one alone), kubectl, the Kubernetes project's client for Node,
# and what the controllers of each do. Ends with "N passed, N failed".
#
#   run.sh [--only TEXT] [STAGE...]      stages: requests, newer, kubectl, node, controllers; --only takes cases that have
#                                        TEXT in their name
#
# Environment: BIN (where conformance, devcloud and simkubelet are; default build/bin), KUBEBUILDER_ASSETS, NODE_HOME
# (node.sh).
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
readonly here root
bin=$(realpath -- "${BIN:-$root/build/bin}")
readonly bin
work=$(mktemp -d)
readonly work
declare -A pids=()
only=()
if [[ ${1:-} == --only ]]; then
    only=(--only "${2:?--only needs a text}")
    shift 2
fi
stages=("$@")
(($#)) || stages=(requests newer kubectl node controllers)
# shellcheck source=test/harness/node.sh
source "$root/test/harness/node.sh"

finish() {
    local status=$? name
    trap - EXIT
    for name in "${!pids[@]}"; do
        kill "${pids[$name]}" 2>/dev/null || true
        wait "${pids[$name]}" || { echo "conformance: $name did not end well: $work/$name.log" >&2 && status=1; }
    done
    for name in real real-cluster; do
        "$root/hack/envtest-run.sh" stop "$work/$name" >/dev/null 2>&1 || true
    done
    if ((status == 0)); then
        rm -rf "$work"
    fi
    exit "$status"
}
trap finish EXIT
trap 'exit 1' INT TERM

# start_virtual NAME MINOR [OPTION...]
start_virtual() {
    local deadline=$((SECONDS + 30))
    "$bin/devcloud" cluster --dir "$work/$1" --kube-minor "$2" "${@:3}" >"$work/$1.log" 2>&1 &
    pids[$1]=$!
    until grep -q ready "$work/$1.log"; do
        if ((SECONDS >= deadline)) || ! kill -0 "${pids[$1]}" 2>/dev/null; then
            echo "conformance: $1 does not start: $work/$1.log" >&2
            exit 1
        fi
        sleep 0.1
    done
}

# virtual NAME: what the runner is told of it.
virtual() {
    printf '%s=%s,compact=kill -USR1 %s; sleep 0.2' "$1" "$work/$1/admin.kubeconfig" "${pids[$1]}"
}

readonly real="real=$work/real/admin.kubeconfig"

stage_requests() {
    "$bin/conformance" --server "$real,compact=hack/envtest-run.sh compact $work/real >/dev/null 2>&1" \
        --server "$(virtual virtual)" "${only[@]}"
}

stage_newer() {
    start_virtual newest 32 --controllers=false
    "$bin/conformance" --server "$(virtual newest)" "${only[@]}" test/conformance/recorded/newer.txt
}

stage_kubectl() {
    test/conformance/kubectl/run.sh "${only[@]}" "$real" "virtual=$work/virtual/admin.kubeconfig"
}

# The tests play a kubelet themselves.
stage_node() {
    local server good bad passed=0 failed=0
    find_node
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=kubelet \
        -keyout "$work/kubelet.key" -out "$work/kubelet.crt" 2>/dev/null
    for server in real virtual; do
        echo "$server:"
        KUBECONFIG=$work/$server/admin.kubeconfig KUBELET_KEY=$work/kubelet.key KUBELET_CERT=$work/kubelet.crt \
            node_test "$work/$server.tap" test/conformance/client-node/*.test.mjs
        passed=$((passed + good)) failed=$((failed + bad))
    done
    echo "$passed passed, $failed failed"
    ((failed == 0))
}

# start_node CLUSTER: a node for its pods, which only look Running.
start_node() {
    local KUBECONFIG=$work/$1/admin.kubeconfig
    export KUBECONFIG
    kubectl create -f - >/dev/null <<<'{"apiVersion":"v1","kind":"Node","metadata":{"name":"node-1"}}'
    mkdir "$work/pods-$1"
    "$bin/simkubelet" --dir "$work/pods-$1" >"$work/kubelet-$1.log" 2>&1 &
    pids[kubelet-$1]=$!
}

# Whole clusters: the requests of the other stages are recorded without controllers.
stage_controllers() {
    local status=0
    hack/envtest-run.sh stop "$work/real" >/dev/null 2>&1
    ENVTEST_PARTS="etcd apiserver controller-manager scheduler" ENVTEST_PARENT_PID=$$ \
        hack/envtest-run.sh start "$work/real-cluster" >/dev/null
    start_virtual virtual-cluster 20
    start_node real-cluster
    start_node virtual-cluster
    local servers=("real=$work/real-cluster/admin.kubeconfig" "virtual=$work/virtual-cluster/admin.kubeconfig")
    "$bin/conformance" --server "${servers[0]}" --server "${servers[1]}" "${only[@]}" \
        test/conformance/recorded/controllers/*.txt >"$work/garbage.out" || status=1
    CASES=$root/test/conformance/kubectl/controllers \
        test/conformance/kubectl/run.sh "${only[@]}" "${servers[@]}" >"$work/workloads.out" || status=1
    cat "$work/garbage.out" "$work/workloads.out"
    return "$status"
}

cd "$root"
ENVTEST_PARENT_PID=$$ hack/envtest-run.sh start "$work/real" >/dev/null
start_virtual virtual 20 --controllers=false

# add LOG STATUS: the counts of a stage; one that counts none, or fails without a failure, is one failed case.
passed=0 failed=0
add() {
    local good bad
    read -r good bad < <(awk '/^[0-9]+ passed, [0-9]+ failed$/ { good += $1; bad += $3 } END { print good + 0, bad + 0 }' "$1")
    passed=$((passed + good)) failed=$((failed + bad))
    # With --only a stage may have no case.
    ((bad > 0 || (good > 0 && $2 == 0))) || ((${#only[@]} && good + bad == 0)) || failed=$((failed + 1))
}
for stage in "${stages[@]}"; do
    status=0 begun=$SECONDS
    echo "== $stage"
    # In this shell, not in a subshell: what it starts is ended at the exit.
    "stage_$stage" >"$work/$stage.out" 2>&1 || status=$?
    cat "$work/$stage.out"
    echo "== $stage: $((SECONDS - begun)) s"
    add "$work/$stage.out" "$status"
done
echo "$passed passed, $failed failed"
((failed == 0 && passed > 0))
