#!/usr/bin/env bash
# Runs the conformance suite on the real API server (hack/envtest-run.sh) and on the virtual one
# (devcloud cluster), in one run; what newer servers do, on the virtual one alone. Ends with
# "N passed, N failed".
#
#   run.sh [OPTION...]      further options and files for the runner, such as --only TEXT
#
# Environment: BIN (where conformance and devcloud are; default build/bin), KUBEBUILDER_ASSETS.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
readonly here root
bin=$(realpath -- "${BIN:-$root/build/bin}")
readonly bin
work=$(mktemp -d)
readonly work
declare -A pids=()

finish() {
    local status=$? name
    trap - EXIT
    for name in "${!pids[@]}"; do
        kill "${pids[$name]}" 2>/dev/null || true
        wait "${pids[$name]}" || { echo "conformance: $name did not end well: $work/$name.log" >&2 && status=1; }
    done
    "$root/hack/envtest-run.sh" stop "$work/real" >/dev/null 2>&1 || true
    if ((status == 0)); then
        rm -rf "$work"
    fi
    exit "$status"
}
trap finish EXIT
trap 'exit 1' INT TERM

# start_virtual NAME MINOR
start_virtual() {
    local deadline=$((SECONDS + 30))
    "$bin/devcloud" cluster --dir "$work/$1" --kube-minor "$2" --controllers=false >"$work/$1.log" 2>&1 &
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

cd "$root"
ENVTEST_PARENT_PID=$$ hack/envtest-run.sh start "$work/real" >/dev/null
start_virtual virtual 20
start_virtual newest 32

status=0
"$bin/conformance" --server "real=$work/real/admin.kubeconfig,compact=hack/envtest-run.sh compact $work/real >/dev/null 2>&1" \
    --server "$(virtual virtual)" "$@" | tee "$work/out" || status=1
if (($# == 0)); then
    "$bin/conformance" --server "$(virtual newest)" test/conformance/recorded/newer.txt | tee -a "$work/out" || status=1
    awk '/^[0-9]+ passed, [0-9]+ failed$/ { passed += $1; failed += $3 } END { print passed + 0 " passed, " failed + 0 " failed" }' "$work/out"
fi
exit "$status"
