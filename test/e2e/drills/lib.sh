# What the drills share; sourced. A drill breaks parts of a platform (test/harness/platform.sh) that no user of a kubeconfig could
# reach, and sees the operator come through. Needs the platform's env file sourced.
# shellcheck shell=bash

readonly NS=openshift-azure-operator
# How long the operator may take once its surroundings are well again (docs/operations/operator.md): back-offs of up to 30 s,
# a silent request of 20 s, a round of checks.
readonly BOUND_S=90
drills_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
readonly drills_root
passed=0 failed=0
# Outside of check, a command that fails ends the drill: say which.
set -E
trap 'printf "FAILED  %s line %d: %s\n" "${BASH_SOURCE[0]##*/}" "$LINENO" "$BASH_COMMAND" >&2' ERR

plane() { "$drills_root/hack/envtest-run.sh" "$1" "$E2E_PLANE"; }

# check SENTENCE COMMAND...: counts the command's success or failure; ends the drill at the first failure, since what follows
# would only be its echo.
check() {
    local what=$1 out begun=$SECONDS
    shift
    if out=$("$@" 2>&1); then
        passed=$((passed + 1))
        printf 'ok      %s (%s s)\n' "$what" $((SECONDS - begun))
    else
        failed=$((failed + 1))
        printf 'FAILED  %s (%s s)\n' "$what" $((SECONDS - begun))
        tail -n 20 <<<"$out" | cut -c 1-600 | sed 's/^/        /'
        finish
    fi
}

finish() {
    printf '%d passed, %d failed\n' "$passed" "$failed"
    exit "$((failed > 0))"
}

# within SECONDS COMMAND...: repeats it until it succeeds; its last output is shown when it never does.
within() {
    local end=$((SECONDS + $1)) out
    shift
    until out=$("$@" 2>&1); do
        if ((SECONDS >= end)); then
            printf '%s\n' "$out"
            return 1
        fi
        sleep 0.5
    done
}

# during SECONDS COMMAND...: it must succeed all the time.
during() {
    local end=$((SECONDS + $1)) out
    shift
    while ((SECONDS < end)); do
        if ! out=$("$@" 2>&1); then
            printf 'it did not last: %s\n' "$out"
            return 1
        fi
        sleep 0.2
    done
}

refuses() { ! "$@"; }

# --- The cluster -----------------------------------------------------------------------------------

# Prints what is not as on a healthy cluster; fails if anything is.
healthy() {
    kubectl get clusters.aro.openshift.io cluster -o json | jq -r '
        [.status.conditions[]? | select(.status !=
            (if .type | test("(Progressing|Degraded)$") then "False" else "True" end))] as $bad
        | (["InternetReachableFromMaster", "InternetReachableFromWorker", "ServicePrincipalValid", "MachineValid",
            "DefaultClusterDNS", "DefaultIngressCertificate", "GenevaLoggingControllerAvailable"]
            - [.status.conditions[]?.type]) as $missing
        | if ($bad + $missing) == [] then empty else ($bad + $missing)[] end' | {
        ! grep .
    }
}

uid() { kubectl get "$@" -o 'jsonpath={.metadata.uid}'; }

# recreated UID KIND NAME: there is such an object, and it is another one.
recreated() {
    local now
    now=$(uid "${@:2}") && [[ -n $now && $now != "$1" ]]
}

absent() { ! kubectl get "$@" >/dev/null 2>&1; }

set_banner() {
    kubectl patch clusters.aro.openshift.io cluster --type=merge -p "{\"spec\":{\"banner\":{\"content\":\"$1\"}}}"
}

banner_is_shown() { kubectl get consolenotifications.console.openshift.io openshift-aro-sre; }

# --- The operator's pods ---------------------------------------------------------------------------

pods() { kubectl -n "$NS" get pods -l "app=$1" --field-selector=status.phase=Running -o 'jsonpath={.items[*].metadata.name}'; }

restarts() {
    kubectl -n "$NS" get pods -o json | jq '[.items[].status.containerStatuses[]?.restartCount] | add'
}

# The process of a pod; fails when it does not run.
pod_pid() {
    local id
    id=$(kubectl -n "$NS" get pod "$1" -o 'jsonpath={.status.containerStatuses[0].containerID}')
    [[ $id == process://* ]] && printf '%s\n' "${id#process://}"
}

signal_pod() {
    local pid
    pid=$(pod_pid "$1") && kill "-$2" "$pid"
}

# One of the pod's metrics, summed over its labels.
metric() {
    local ip
    ip=$(kubectl -n "$NS" get pod "$1" -o 'jsonpath={.status.podIP}')
    curl -fsS --noproxy '*' --max-time 5 "http://$E2E_POD_NET.${ip#*.}:8888/metrics" |
        awk -v name="$2" 'index($0, name) == 1 { sum += $NF } END { print sum + 0 }'
}

# metric_above POD NAME NUMBER
metric_above() {
    local now
    now=$(metric "$1" "$2") && ((now > $3))
}

# replaced DEPLOYMENT POD: there is a running pod beside that one.
replaced() { pods "$1" | tr ' ' '\n' | grep -qvxF "$2"; }

# --- The fault proxy (test/harness/faultproxy/control.h) --------------------------------------------

proxy() { curl -fsS --noproxy '*' --max-time 10 -X "$1" ${3:+-d "$3"} "$E2E_PROXY/$2"; }

wire() { proxy PUT wire "$1" >/dev/null; }

clear_faults() {
    proxy PUT rules '[]' >/dev/null
    wire '{}'
}

# --- Logs ------------------------------------------------------------------------------------------

# What the operator's pods log from now on.
declare -A log_marks=()
mark_logs() {
    local log
    for log in "$E2E_PODS"/*/log; do
        log_marks[$log]=$(stat -c %s "$log")
    done
}

# Warnings and errors since the mark, of every pod.
warnings() {
    local log
    for log in "$E2E_PODS"/*/log; do
        tail -c "+$((${log_marks[$log]:-0} + 1))" "$log" | grep -E 'level=(warning|error)' || true
    done
}

# warned PATTERN: a warning or error since the mark matches.
warned() { warnings | grep -E -e "$1" >/dev/null; }

# warned_once PATTERN: in at least one pod, and in none twice.
warned_once() {
    local log n seen=""
    for log in "$E2E_PODS"/*/log; do
        n=$(tail -c "+$((${log_marks[$log]:-0} + 1))" "$log" | grep -E 'level=(warning|error)' | grep -cE -e "$1") || true
        ((n <= 1)) || {
            printf '%s warns %d times\n' "$log" "$n"
            return 1
        }
        ((n == 0)) || seen=1
    done
    [[ $seen ]]
}

lease() { kubectl -n "$NS" get lease aro-operator-master -o "jsonpath={.spec.$1}"; }

# The pod that holds the lease: the one whose log says so. Fails while nobody does.
leader() {
    local holder pod
    holder=$(lease holderIdentity)
    [[ -n $holder ]] || return 1
    for pod in $(pods aro-operator-master); do
        if grep -qsF "$holder became leader" "$E2E_PODS/$pod/log"; then
            printf '%s\n' "$pod"
            return
        fi
    done
    return 1
}

# leads POD: it holds the lease.
leads() { [[ $(leader) == "$1" ]]; }

other_leads() {
    local now
    now=$(leader) && [[ $now != "$1" ]]
}

# rolled_out DEPLOYMENT: all its pods are ready, and those before them are gone. A pod that ends may still lead for a moment.
rolled_out() {
    local ending
    kubectl -n "$NS" rollout status --timeout="${BOUND_S}s" "deployment/$1" || return
    ending=$(kubectl -n "$NS" get pods -l "app=$1" -o 'jsonpath={.items[*].metadata.deletionTimestamp}') || return
    [[ -z $ending ]] || {
        printf 'a pod of %s still ends\n' "$1"
        return 1
    }
}
