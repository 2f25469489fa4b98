#!/bin/bash
# The README's first commands: make run, until its cluster's conditions are told; make admin.kubeconfig and what it opens; the
# SelectorSyncSet that is printed; Ctrl-C; and another start in the same place. BIN holds devcloud and what it starts.
# shellcheck source=test/unit/support/cases.sh
. "$(dirname "$0")/../unit/support/cases.sh"

work=$(mktemp -d "${TMPDIR:-/tmp}/run.XXXXXX")
runner=""
# shellcheck disable=SC2317
end() {
    "${BIN:?}/devcloud" down --dir "$work/cloud" >/dev/null 2>&1
    rm -rf -- "$work"
}
trap end EXIT
export DEVCLOUD_DIR=$work/cloud

# start LOG: make run in the background, in a process group as a terminal gives it one.
start() {
    # shellcheck disable=SC2016
    setsid make -s -C "$ROOT" run RUN='--syncsets --port 0 --plain-port 0 --azure-port 0 --syncsets-port 0' >"$1" 2>&1 &
    runner=$!
}
alive() { pgrep -g "$runner" -r D,R,S >/dev/null; }
# told LOG PATTERN: waits until the log has it, for five minutes at most.
told() {
    local until=$((SECONDS + 300))
    until grep -qE -e "$2" "$1"; do
        if ! alive || [ "$SECONDS" -ge "$until" ]; then
            echo "never told: $2"
            tail -n 20 "$1"
            return 1
        fi
        sleep 0.2
    done
}
# interrupt: Ctrl-C, and its end.
interrupt() {
    local until=$((SECONDS + 60))
    kill -INT -- "-$runner"
    while alive; do
        [ "$SECONDS" -lt "$until" ]
        sleep 0.1
    done
}

test_conditions() {
    told "$work/first" '^Into the cluster'
    expect "$(grep -cE '^  [A-Za-z]+(Available|Valid|FromWorker|FromMaster|DNS|Certificate) +True' "$work/first")" -ge 8
    expect "$(grep -cE '^  [A-Za-z]+(Available|Valid|FromWorker|FromMaster) +False' "$work/first")" = 0
    expect "$(grep -cE '^  [A-Za-z]+Degraded +True' "$work/first")" = 0
}

test_kubeconfig() {
    [ ! -e "$ROOT/admin.kubeconfig" ] || mv "$ROOT/admin.kubeconfig" "$work/kept"
    env -u RP_MODE -u CLUSTER -u RESOURCEGROUP make -s -C "$ROOT" admin.kubeconfig
    mv "$ROOT/admin.kubeconfig" admin.kubeconfig
    [ ! -e "$work/kept" ] || mv "$work/kept" "$ROOT/admin.kubeconfig"
    expect "$(stat -c %a admin.kubeconfig)" = 600
    kubectl --kubeconfig admin.kubeconfig get clusters.aro.openshift.io cluster -o yaml | expect_text 'type: InternetReachableFromWorker'
    cp admin.kubeconfig "$work/"
}

test_syncsets() {
    told "$work/first" 'selectorsyncsets/hello:status'
    bash -c "$(grep -E '^  curl .*/v1/selectorsyncsets -d ' "$work/first")" >set.json
    local until=$((SECONDS + 60))
    until kubectl --kubeconfig "$work/admin.kubeconfig" -n default get configmap hello -o json 2>/dev/null | jq -e '.data.from == "SyncSets"'; do
        [ "$SECONDS" -lt "$until" ]
        sleep 0.5
    done
}

test_interrupt() {
    interrupt
    expect_text '^devcloud: ended$' <"$work/first"
    expect_status 1 "$BIN/devcloud" status
}

test_again() {
    start "$work/second"
    told "$work/second" '^devcloud: writing settings'
    interrupt
}

start "$work/first"
(run_cases run \
    "it makes a cluster and tells that its conditions are good" test_conditions \
    "make admin.kubeconfig opens it" test_kubeconfig \
    "the printed SelectorSyncSet reaches it" test_syncsets \
    "Ctrl-C ends all of it" test_interrupt \
    "it starts again" test_again)
