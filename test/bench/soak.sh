#!/usr/bin/env bash
# Runs an informer under random writes, and beside it the operator with all controllers, on the real control plane for a
# long time, and breaks the API server every now and then: killed, frozen, compacted so that watches get 410 and list
# again. Prints figures over time, judges nothing.
#   SOAK_SECONDS (600), SOAK_FAULT_S (60: one fault in so many seconds, 0: none), BIN (build/bin)
set -euo pipefail
cd "$(dirname "$0")/../.."
BIN=${BIN:-build/bin}
SOAK_SECONDS=${SOAK_SECONDS:-600}
SOAK_FAULT_S=${SOAK_FAULT_S:-60}
dir=$(mktemp -d)
pids=()
export ENVTEST_PARENT_PID=$$
cleanup() {
    ((${#pids[@]} == 0)) || kill "${pids[@]}" 2>/dev/null || true
    hack/envtest-run.sh stop "$dir/envtest" >/dev/null 2>&1 || true
    rm -rf "$dir"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

hack/envtest-run.sh start "$dir/envtest" >"$dir/start.log" 2>&1 || {
    cat "$dir/start.log" >&2
    exit 1
}
export KUBECONFIG=$dir/envtest/admin.kubeconfig
test/harness/envtest/load.sh >"$dir/load.log" 2>&1
kubectl apply -f staticresources/operator/crds >/dev/null

"$BIN/aro-operator" --leader-elect=false --health-port 0 --metrics-port 0 master >"$dir/operator.log" 2>&1 &
operator=$!
"$BIN/soak_informer" --seconds="$SOAK_SECONDS" 2>"$dir/informer.log" &
informer=$!
pids=("$operator" "$informer")

# Without a process that would outlive us.
pause() {
    read -rt "$1" <> <(:) || :
}

# One line of the operator a minute, beside the informer's own.
sample() {
    while pause 60; do
        printf '          operator: rss %s MB  fds %s  threads %s\n' \
            "$(awk '/^VmRSS/ {printf "%.1f", $2 / 1024}' "/proc/$operator/status")" \
            "$(find "/proc/$operator/fd" -mindepth 1 2>/dev/null | wc -l)" \
            "$(awk '/^Threads/ {print $2}' "/proc/$operator/status")"
    done
}
sample &
pids+=("$!")

break_things() {
    local -a faults=(kill freeze compact)
    local i=0 fault end=$((SECONDS + SOAK_SECONDS - 30))
    # The last one leaves time to recover: the final comparison wants a server that is well.
    while ((SECONDS + SOAK_FAULT_S < end)); do
        pause "$SOAK_FAULT_S"
        fault=${faults[i++ % ${#faults[@]}]}
        printf '          fault: %s\n' "$fault"
        case $fault in
            kill) hack/envtest-run.sh restart-apiserver "$dir/envtest" ;;
            compact) hack/envtest-run.sh compact "$dir/envtest" ;;
            freeze)
                hack/envtest-run.sh freeze-apiserver "$dir/envtest"
                pause 15
                hack/envtest-run.sh thaw-apiserver "$dir/envtest"
                ;;
        esac >>"$dir/faults.log" 2>&1
    done
}
if ((SOAK_FAULT_S > 0)); then
    break_things &
    pids+=("$!")
fi

wait "$informer" || true
printf 'log of the informer: %s lines, of the operator: %s lines, %s of them level=error\n' \
    "$(wc -l <"$dir/informer.log")" "$(wc -l <"$dir/operator.log")" "$(grep -c level=error "$dir/operator.log" || true)"
kill -0 "$operator" 2>/dev/null && echo "the operator is still running" || echo "the operator has ENDED"
