#!/usr/bin/env bash
# Starts and stops a platform for end-to-end tests: a control plane with OpenShift's kinds and the fixture cluster, the
# simulated Azure, the simulated kubelet, and the operator deployed into it, its pods running as local processes under
# their service accounts' tokens. Between the pods and the API server stands the fault proxy, which passes everything on
# until a test tells it otherwise.
#
#   platform.sh start [--platform envtest|devcloud] DIR   DIR must not exist, or be empty
#   platform.sh stop DIR                                  ends all, also after a start that failed
#   platform.sh status DIR                                one line per part; fails unless all run
#
# envtest: the real control plane (hack/envtest-run.sh). devcloud: the virtual one. Both give a kubeconfig; nothing
# behind it knows which one it is.
#
# DIR afterwards:
#   env          shell assignments to source: KUBECONFIG and E2E_*
#   log/         logs of the parts; those of the pods are in pods/NAME/log, of the control plane in plane/log
#   azure/       of the simulated Azure: url, ca.crt, connect-to
#   proxy/       of the fault proxy: kubeconfig (the way through it), control (its URL)
# stop leaves logs for the caller to read and delete.
#
# Environment:
#   BIN                   where the executables of this build are (default build/bin)
#   PLATFORM_PARENT_PID   when that process ends, or DIR vanishes, everything is stopped
#   PLATFORM_OPERATOR     false: everything but the operator
#   PLATFORM_CONTROLLERS  devcloud: the real API server without its controllers, animated by devcloud's
#   ARO_*                 settings of the operator; those of its intervals that are not set are shortened
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly here self="$here/platform.sh"
root=$(cd "$here/../.." && pwd)
readonly root
# shellcheck source=test/harness/envtest/process.sh
source "$here/envtest/process.sh"

readonly PARTS=(kubelet proxy azure devcloud controllers)
readonly WAIT_S=120
BIN=$(realpath -m -- "${BIN:-$root/build/bin}")
platform=envtest
dir=""

say() { printf 'platform: %s\n' "$*" >&2; }

die() {
    printf 'platform: error: %s\n' "$*" >&2
    exit 1
}

usage() {
    sed -n '/^#   platform.sh/s/^# //p' "$self" >&2
    exit 2
}

# --- Parts -----------------------------------------------------------------------------------------

# await PART FILE: until the part has written the file; fails when it ends first.
await() {
    local deadline=$((SECONDS + WAIT_S))
    until [[ -s $2 ]]; do
        process_pid "$1" >/dev/null || die "$1 ended while starting; its log: $dir/log/$1.log"
        ((SECONDS < deadline)) || die "$1 is not ready after $WAIT_S s; its log: $dir/log/$1.log"
        sleep 0.1
    done
}

start_plane() {
    case $platform in
        envtest)
            local parts="etcd apiserver controller-manager scheduler"
            if [[ ${PLATFORM_CONTROLLERS:-} == devcloud ]]; then
                parts="etcd apiserver"
            fi
            ENVTEST_PARTS=$parts ENVTEST_PARENT_PID=${PLATFORM_PARENT_PID:-} \
                "$root/hack/envtest-run.sh" start "$dir/plane"
            if [[ ${PLATFORM_CONTROLLERS:-} == devcloud ]]; then
                process_spawn controllers "$BIN/devcloud" controllers --kubeconfig "$dir/plane/admin.kubeconfig"
            fi
            ;;
        devcloud)
            mkdir "$dir/plane"
            process_spawn devcloud "$BIN/devcloud" cluster --dir "$dir/plane"
            await devcloud "$dir/plane/admin.kubeconfig"
            ;;
    esac
    export KUBECONFIG=$dir/plane/admin.kubeconfig
}

start_azure() {
    mkdir "$dir/azure"
    process_spawn azure "$BIN/azuresim" --dir "$dir/azure"
    await azure "$dir/azure/url"
}

start_proxy() {
    mkdir "$dir/proxy"
    process_spawn proxy "$BIN/faultproxy" --kubeconfig "$KUBECONFIG" --dir "$dir/proxy"
    await proxy "$dir/proxy/control"
}

# Everything that its pods inherit goes through the kubelet's environment. A lease outlives a restart of the API server.
start_kubelet() {
    mkdir "$dir/pods"
    (
        export ARO_CONNECT_TO=$dir/azure/connect-to SSL_CERT_FILE=$dir/azure/ca.crt
        export ARO_CHECK_INTERVAL_MS=${ARO_CHECK_INTERVAL_MS:-3000}
        export ARO_INTERNET_ATTEMPT_MS=${ARO_INTERNET_ATTEMPT_MS:-1000}
        export ARO_LEASE_DURATION_MS=${ARO_LEASE_DURATION_MS:-100000}
        export ARO_LEASE_RENEW_DEADLINE_MS=${ARO_LEASE_RENEW_DEADLINE_MS:-90000}
        export ARO_LEASE_RETRY_MS=${ARO_LEASE_RETRY_MS:-2000}
        export ARO_REQUEST_TIMEOUT_MS=${ARO_REQUEST_TIMEOUT_MS:-20000}
        export ARO_CONN_IDLE_MS=${ARO_CONN_IDLE_MS:-3000} ARO_CONN_PING_MS=${ARO_CONN_PING_MS:-2000}
        process_spawn kubelet "$BIN/simkubelet" --kubeconfig "$KUBECONFIG" --bin-dir "$BIN" --dir "$dir/pods" \
            --pod-kubeconfig "$dir/proxy/kubeconfig" --token-period "${E2E_TOKEN_PERIOD:-10s}"
    )
}

# --- The operator ----------------------------------------------------------------------------------

# The part of the cloud credential operator: the Secret that the CredentialsRequest asks for.
mint_credentials() {
    kubectl -n kube-system get secret azure-credentials -o json |
        jq '{ apiVersion, kind, type, data, metadata: { name: "azure-cloud-credentials", namespace: "openshift-azure-operator" } }' |
        kubectl apply --server-side -f - >/dev/null
}

# wait_for CONDITION...: of the Cluster resource, each True.
wait_for_conditions() {
    local condition
    for condition in "$@"; do
        kubectl wait --for="condition=$condition" --timeout="${WAIT_S}s" \
            clusters.aro.openshift.io/cluster >/dev/null || {
            kubectl get clusters.aro.openshift.io cluster -o json |
                jq -r '.status.conditions[]? | [.type, .status, .reason, .message] | @tsv' >&2
            die "condition $condition does not become True"
        }
    done
}

deploy_operator() {
    "$BIN/deploy-operator" --image "${ARO_IMAGE:-arosvc.azurecr.io/aro:e2e}" --cluster-spec "$here/cluster.yaml" \
        >>"$dir/log/deploy-operator.log" 2>&1 || {
        tail -n 5 "$dir/log/deploy-operator.log" >&2
        die "deploy-operator failed; its log: $dir/log/deploy-operator.log"
    }
    mint_credentials
    local role
    for role in master worker; do
        kubectl -n openshift-azure-operator rollout status --timeout="${WAIT_S}s" \
            "deployment/aro-operator-$role" >/dev/null || die "aro-operator-$role does not become ready"
    done
    wait_for_conditions InternetReachableFromMaster InternetReachableFromWorker ServicePrincipalValid \
        MachineValid DefaultClusterDNS DefaultIngressCertificate GenevaLoggingControllerAvailable
}

# --- Commands --------------------------------------------------------------------------------------

write_env() {
    {
        printf 'KUBECONFIG=%q\n' "$KUBECONFIG"
        printf 'E2E_PLATFORM=%q\n' "$platform"
        printf 'E2E_PLANE=%q\n' "$dir/plane"
        printf 'E2E_PODS=%q\n' "$dir/pods"
        printf 'E2E_AZURE_URL=%q\n' "$(<"$dir/azure/url")"
        printf 'E2E_AZURE_CA=%q\n' "$dir/azure/ca.crt"
        printf 'E2E_PROXY=%q\n' "$(<"$dir/proxy/control")"
        printf 'E2E_POD_NET=127\n'
        printf 'export KUBECONFIG E2E_PLATFORM E2E_PLANE E2E_PODS E2E_AZURE_URL E2E_AZURE_CA E2E_PROXY E2E_POD_NET\n'
    } >"$dir/env.tmp"
    mv "$dir/env.tmp" "$dir/env"
}

abandon_start() {
    local status=$?
    trap - EXIT
    if ((status)); then
        cmd_stop || true
        say "start failed; logs are in $dir/log, $dir/plane/log and $dir/pods"
    fi
    exit "$status"
}

start_watchdog() {
    local ticks
    if [[ -n ${PLATFORM_PARENT_PID:-} ]]; then
        ticks=$(process_start_ticks "$PLATFORM_PARENT_PID") ||
            die "PLATFORM_PARENT_PID=$PLATFORM_PARENT_PID is no running process"
        process_spawn watchdog "$self" watch "$dir" "$PLATFORM_PARENT_PID" "$ticks"
    fi
}

need_executables() {
    local name
    for name in "$@"; do
        [[ -x $BIN/$name ]] || die "$BIN has no executable $name; build it: make $name"
    done
}

cmd_start() {
    local name
    case $platform in
        envtest) ;;
        devcloud) need_executables devcloud ;;
        *) die "unknown platform '$platform' (known: envtest, devcloud)" ;;
    esac
    need_executables azuresim simkubelet faultproxy deploy-operator aro aro-operator
    for name in kubectl jq curl setsid; do
        command -v "$name" >/dev/null || die "the command $name is missing"
    done
    if [[ -d $dir && -n $(ls -A "$dir") ]]; then
        die "$dir exists and is not empty"
    fi
    mkdir -p "$dir/log"
    mkdir "$dir/run" || die "another start uses $dir"
    trap abandon_start EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    # Of a shell that was set up for another cluster; this one's parts must not dial that one's.
    unset ARO_CONNECT_TO SSL_CERT_FILE
    start_watchdog
    start_plane
    "$here/envtest/load.sh"
    start_azure
    start_proxy
    start_kubelet
    write_env
    if [[ ${PLATFORM_OPERATOR:-true} == true ]]; then
        deploy_operator
    fi
    trap - EXIT INT TERM HUP
    say "ready in $SECONDS s: $platform; . $dir/env"
}

cmd_stop() {
    [[ -d $dir ]] || return 0
    if [[ $(process_pid watchdog || true) != "$$" ]]; then
        process_end watchdog || die "the watchdog of $dir does not end"
    fi
    process_end "${PARTS[@]}" || die "a process of $dir does not end"
    if [[ -d $dir/plane/run ]]; then
        "$root/hack/envtest-run.sh" stop "$dir/plane"
    fi
    rm -rf "${dir:?}/run"
}

cmd_status() {
    local part failed=0
    for part in "${PARTS[@]}"; do
        if [[ -e $dir/run/$part ]]; then
            if process_pid "$part" >/dev/null; then
                printf '%s pid %s\n' "$part" "$(process_pid "$part")"
            else
                printf '%s does not run\n' "$part"
                failed=1
            fi
        fi
    done
    if [[ -d $dir/plane/run ]]; then
        "$root/hack/envtest-run.sh" status "$dir/plane" || failed=1
    fi
    return "$failed"
}

# Runs in the background. When DIR is removed under the processes, nothing but this knows them.
cmd_watch() {
    local parent=$1 ticks=$2 part known=() seen
    while process_is "$parent" "$ticks" && [[ -d $dir/run ]]; do
        seen=()
        for part in "${PARTS[@]}"; do
            if [[ -r $dir/run/$part ]]; then
                seen+=("$(<"$dir/run/$part")")
            fi
        done
        known=("${seen[@]}")
        sleep 0.5
    done
    if [[ -d $dir/run ]]; then
        cmd_stop
        return
    fi
    for part in "${known[@]}"; do
        # shellcheck disable=SC2086 # two words
        if process_is $part; then
            kill -KILL "${part% *}" 2>/dev/null || true
        fi
    done
}

main() {
    (($# >= 2)) || usage
    local command=$1
    shift
    umask 077
    while (($#)); do
        case $1 in
            --platform)
                (($# >= 2)) || usage
                platform=$2
                shift 2
                ;;
            -*) usage ;;
            *) break ;;
        esac
    done
    (($# >= 1)) || usage
    dir=$(realpath -m -- "$1")
    shift
    case $command in
        start | stop | status | watch) "cmd_$command" "$@" ;;
        *) usage ;;
    esac
}

main "$@"
