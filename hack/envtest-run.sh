#!/usr/bin/env bash
# Starts and stops one private Kubernetes control plane of real parts (hack/envtest-build.sh) on
# random loopback ports, everything it writes below one directory.
#
#   envtest-run.sh start DIR                        DIR must not exist, or be empty
#   envtest-run.sh stop DIR                         ends all, by pid, also after a start that failed
#   envtest-run.sh restart-apiserver DIR            ends it if it runs, starts it again, waits
#   envtest-run.sh kill-apiserver DIR               SIGKILL; etcd and the others stay
#   envtest-run.sh freeze-apiserver DIR             SIGSTOP: connections stay open, nothing answers
#   envtest-run.sh thaw-apiserver DIR               SIGCONT
#   envtest-run.sh compact DIR                      compacts etcd and restarts the API server, so that
#                                                   every older resourceVersion gets 410 Gone
#   envtest-run.sh kubeconfig DIR FILE USER [GROUP...]   a kubeconfig with a client certificate
#   envtest-run.sh status DIR                       one line per part; fails unless all run
#
# DIR afterwards: admin.kubeconfig (system:masters), ca.crt, env (shell assignments: ports, pids, URL),
# log/PART.log, pki/ (ca, apiserver, admin, kubelet, kubelet-client and sa keys), data/ (etcd).
# stop removes data/ and run/; logs and the rest stay for the caller to read and delete.
#
# Environment:
#   ENVTEST_PARTS                     "etcd apiserver" (default), and controller-manager, scheduler
#   ENVTEST_APISERVER_FLAGS, ENVTEST_CONTROLLER_MANAGER_FLAGS, ENVTEST_SCHEDULER_FLAGS
#                                     further flags, split at white space; remembered for restarts
#   ENVTEST_APISERVER_SANS            further names in its certificate, such as "DNS:api.example,IP:127.0.0.2"
#   ENVTEST_PARENT_PID                when that process ends, or DIR vanishes, everything is stopped
#   ENVTEST_TIMEOUT_S                 how long to wait for each part (default 120)
#   KUBEBUILDER_ASSETS                where the executables are; else hack/envtest-build.sh says it
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly here self="$here/envtest-run.sh"
# shellcheck source=test/harness/envtest/process.sh
source "$here/../test/harness/envtest/process.sh"
# shellcheck source=test/harness/envtest/pki.sh
source "$here/../test/harness/envtest/pki.sh"

readonly ALL_PARTS=(etcd apiserver controller-manager scheduler)
# What the API server reports as its own address: Endpoints refuse loopback.
readonly ADVERTISED=10.0.0.4
readonly ISSUER=https://kubernetes.default.svc
dir=""

say() { printf 'envtest: %s\n' "$*" >&2; }

die() {
    printf 'envtest: error: %s\n' "$*" >&2
    exit 1
}

usage() {
    sed -n '/^#   envtest-run.sh/s/^# //p' "$self" >&2
    exit 2
}

need_commands() {
    local name
    for name in "$@"; do
        command -v "$name" >/dev/null || die "the command $name is missing; install it: apt-get install $name"
    done
}

has_part() { [[ " $ENVTEST_PARTS " == *" $1 "* ]]; }

# --- What each part is started with ----------------------------------------------------------------

etcd_url() { printf 'http://127.0.0.1:%s' "$ENVTEST_ETCD_PORT"; }
apiserver_url() { printf 'https://127.0.0.1:%s' "$ENVTEST_APISERVER_PORT"; }

spawn_etcd() {
    local peer=http://127.0.0.1:$ENVTEST_ETCD_PEER_PORT
    ETCD_UNSUPPORTED_ARCH=arm64 process_spawn etcd "$ENVTEST_ASSETS/etcd" --name=envtest --logger=zap \
        --data-dir="$dir/data" --unsafe-no-fsync \
        --listen-client-urls="$(etcd_url)" --advertise-client-urls="$(etcd_url)" \
        --listen-peer-urls="$peer" --initial-advertise-peer-urls="$peer" \
        --initial-cluster="envtest=$peer"
}

# Without the controller manager nobody makes service accounts, and pods would be refused for that.
spawn_apiserver() {
    local flags=() more=()
    read -ra more <<<"$ENVTEST_APISERVER_FLAGS"
    has_part controller-manager || flags+=(--disable-admission-plugins=ServiceAccount)
    process_spawn apiserver "$ENVTEST_ASSETS/kube-apiserver" \
        --etcd-servers="$(etcd_url)" --bind-address=127.0.0.1 --secure-port="$ENVTEST_APISERVER_PORT" \
        --advertise-address="$ADVERTISED" --service-cluster-ip-range=10.96.0.0/16 \
        --tls-cert-file="$dir/pki/apiserver.crt" --tls-private-key-file="$dir/pki/apiserver.key" \
        --client-ca-file="$dir/ca.crt" --authorization-mode=RBAC --allow-privileged=true \
        --enable-admission-plugins=OwnerReferencesPermissionEnforcement \
        --service-account-issuer="$ISSUER" --api-audiences="$ISSUER" \
        --service-account-signing-key-file="$dir/pki/sa.key" --service-account-key-file="$dir/pki/sa.pub" \
        --kubelet-client-certificate="$dir/pki/kubelet-client.crt" \
        --kubelet-client-key="$dir/pki/kubelet-client.key" \
        --kubelet-preferred-address-types=InternalIP \
        "${flags[@]}" "${more[@]}"
}

spawn_controller_manager() {
    local more=()
    read -ra more <<<"$ENVTEST_CONTROLLER_MANAGER_FLAGS"
    process_spawn controller-manager "$ENVTEST_ASSETS/kube-controller-manager" \
        --kubeconfig="$dir/pki/controller-manager.kubeconfig" --leader-elect=false --port=0 \
        --bind-address=127.0.0.1 --secure-port="$ENVTEST_CONTROLLER_MANAGER_PORT" \
        --tls-cert-file="$dir/pki/apiserver.crt" --tls-private-key-file="$dir/pki/apiserver.key" \
        --service-account-private-key-file="$dir/pki/sa.key" --root-ca-file="$dir/ca.crt" \
        --use-service-account-credentials --kube-api-qps=200 --kube-api-burst=400 \
        --cluster-signing-cert-file="$dir/pki/ca.crt" --cluster-signing-key-file="$dir/pki/ca.key" \
        "${more[@]}"
}

spawn_scheduler() {
    local more=()
    read -ra more <<<"$ENVTEST_SCHEDULER_FLAGS"
    process_spawn scheduler "$ENVTEST_ASSETS/kube-scheduler" \
        --kubeconfig="$dir/pki/scheduler.kubeconfig" --leader-elect=false --port=0 \
        --bind-address=127.0.0.1 --secure-port="$ENVTEST_SCHEDULER_PORT" \
        --tls-cert-file="$dir/pki/apiserver.crt" --tls-private-key-file="$dir/pki/apiserver.key" \
        --kube-api-qps=200 --kube-api-burst=400 "${more[@]}"
}

make_pki() {
    pki_ca
    pki_leaf apiserver /CN=kube-apiserver serverAuth \
        "DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,DNS:localhost,IP:127.0.0.1,IP:10.96.0.1,IP:$ADVERTISED${ENVTEST_APISERVER_SANS:+,$ENVTEST_APISERVER_SANS}"
    pki_user admin admin system:masters
    pki_user kubelet-client kube-apiserver-kubelet-client system:masters
    pki_leaf kubelet /CN=kubelet serverAuth DNS:localhost,IP:127.0.0.1
    pki_user controller-manager system:kube-controller-manager
    pki_user scheduler system:kube-scheduler
    # RSA, as OpenShift signs its tokens (RS256).
    openssl genrsa -out "$dir/pki/sa.key" 2048 2>/dev/null
    openssl rsa -in "$dir/pki/sa.key" -pubout -out "$dir/pki/sa.pub" 2>/dev/null
}

make_kubeconfigs() {
    pki_kubeconfig "$dir/admin.kubeconfig" admin "$(apiserver_url)"
    pki_kubeconfig "$dir/pki/controller-manager.kubeconfig" controller-manager "$(apiserver_url)"
    pki_kubeconfig "$dir/pki/scheduler.kubeconfig" scheduler "$(apiserver_url)"
}

# --- Readiness -------------------------------------------------------------------------------------

get() {
    curl -fsS --noproxy '*' --max-time 10 -o /dev/null --cacert "$dir/ca.crt" \
        --cert "$dir/pki/admin.crt" --key "$dir/pki/admin.key" "$1" 2>/dev/null
}

# wait_for PART URL...: until each answers with success; fails when the part dies or time is over.
wait_for() {
    local part=$1 url deadline=$((SECONDS + ${ENVTEST_TIMEOUT_S:-120}))
    shift
    for url in "$@"; do
        until get "$url"; do
            if ! process_pid "$part" >/dev/null; then
                say "$part ended while starting"
                return 1
            fi
            if ((SECONDS >= deadline)); then
                say "$part is not ready after ${ENVTEST_TIMEOUT_S:-120} s ($url)"
                return 1
            fi
            sleep 0.1
        done
    done
}

start_apiserver() {
    spawn_apiserver
    wait_for apiserver "$(apiserver_url)/readyz" "$(apiserver_url)/api/v1/namespaces/kube-system" \
        "$(apiserver_url)/api/v1/namespaces/default"
}

start_parts() {
    spawn_etcd
    wait_for etcd "$(etcd_url)/health" || return 1
    start_apiserver || return 1
    if has_part controller-manager; then
        spawn_controller_manager
    fi
    if has_part scheduler; then
        spawn_scheduler
        wait_for scheduler "https://127.0.0.1:$ENVTEST_SCHEDULER_PORT/healthz" || return 1
    fi
    if has_part controller-manager; then
        wait_for controller-manager "https://127.0.0.1:$ENVTEST_CONTROLLER_MANAGER_PORT/healthz" \
            "$(apiserver_url)/api/v1/namespaces/default/serviceaccounts/default" || return 1
    fi
}

# --- The env file ----------------------------------------------------------------------------------

readonly SETTINGS=(ENVTEST_DIR ENVTEST_ASSETS ENVTEST_PARTS ENVTEST_APISERVER_FLAGS
    ENVTEST_CONTROLLER_MANAGER_FLAGS ENVTEST_SCHEDULER_FLAGS ENVTEST_ETCD_PORT ENVTEST_ETCD_PEER_PORT
    ENVTEST_APISERVER_PORT ENVTEST_CONTROLLER_MANAGER_PORT ENVTEST_SCHEDULER_PORT)

write_env() {
    local name part
    {
        for name in "${SETTINGS[@]}"; do
            printf '%s=%q\n' "$name" "${!name}"
        done
        printf 'ENVTEST_APISERVER_URL=%q\nKUBECONFIG=%q\n' "$(apiserver_url)" "$dir/admin.kubeconfig"
        for part in "${ALL_PARTS[@]}"; do
            name=${part^^}
            printf 'ENVTEST_%s_PID=%s\n' "${name//-/_}" "$(process_pid "$part" || true)"
        done
    } >"$dir/env.tmp"
    mv "$dir/env.tmp" "$dir/env"
}

# load_env: takes over what start decided; new API server flags in the environment win.
load_env() {
    local given=${ENVTEST_APISERVER_FLAGS-unset}
    [[ -r $dir/env ]] || die "$dir holds no started control plane (no file env)"
    # shellcheck source=/dev/null
    source "$dir/env"
    if [[ $given != unset ]]; then
        ENVTEST_APISERVER_FLAGS=$given
    fi
}

# --- Commands --------------------------------------------------------------------------------------

show_logs() {
    local part
    for part in "${ALL_PARTS[@]}"; do
        if [[ -s $dir/log/$part.log ]]; then
            say "--- the last lines of $dir/log/$part.log"
            tail -n 8 "$dir/log/$part.log" | cut -c 1-400 >&2
        fi
    done
}

abandon_start() {
    local status=$?
    trap - EXIT
    if ((status)); then
        show_logs
        cmd_stop
        say "start failed; logs are in $dir/log"
    fi
    exit "$status"
}

check_parts() {
    local part
    for part in $ENVTEST_PARTS; do
        [[ " ${ALL_PARTS[*]} " == *" $part "* ]] || die "ENVTEST_PARTS: unknown part '$part' (known: ${ALL_PARTS[*]})"
    done
    if ! has_part etcd || ! has_part apiserver; then
        die "ENVTEST_PARTS must hold etcd and apiserver"
    fi
    for part in $ENVTEST_PARTS; do
        part=${part/#etcd/etcd} part=${part/#apiserver/kube-apiserver}
        part=${part/#controller-manager/kube-controller-manager} part=${part/#scheduler/kube-scheduler}
        [[ -x $ENVTEST_ASSETS/$part ]] || die "$ENVTEST_ASSETS has no executable $part"
    done
}

choose_ports() {
    local name
    for name in ETCD ETCD_PEER APISERVER CONTROLLER_MANAGER SCHEDULER; do
        printf -v "ENVTEST_${name}_PORT" '%s' "$(free_port)"
    done
}

address_was_taken() { grep -qs 'address already in use' "$dir"/log/*.log; }

start_watchdog() {
    local ticks
    if [[ -n ${ENVTEST_PARENT_PID:-} ]]; then
        ticks=$(process_start_ticks "$ENVTEST_PARENT_PID") ||
            die "ENVTEST_PARENT_PID=$ENVTEST_PARENT_PID is no running process"
        process_spawn watchdog "$self" watch "$dir" "$ENVTEST_PARENT_PID" "$ticks"
    fi
}

cmd_start() {
    local try
    need_commands openssl curl setsid awk base64
    if [[ -d $dir && -n $(ls -A "$dir") ]]; then
        die "$dir exists and is not empty"
    fi
    ENVTEST_ASSETS=$("$here/envtest-build.sh" | tail -n 1)
    [[ -n $ENVTEST_ASSETS ]] || die "hack/envtest-build.sh named no directory"
    ENVTEST_PARTS=${ENVTEST_PARTS:-etcd apiserver}
    ENVTEST_APISERVER_FLAGS=${ENVTEST_APISERVER_FLAGS:-}
    ENVTEST_CONTROLLER_MANAGER_FLAGS=${ENVTEST_CONTROLLER_MANAGER_FLAGS:-}
    ENVTEST_SCHEDULER_FLAGS=${ENVTEST_SCHEDULER_FLAGS:-}
    # shellcheck disable=SC2034 # written to the env file by name
    ENVTEST_DIR=$dir
    check_parts
    mkdir -p "$dir/log" "$dir/pki"
    mkdir "$dir/run" || die "another start uses $dir"
    trap abandon_start EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    start_watchdog
    make_pki
    for try in 1 2 3; do
        choose_ports
        make_kubeconfigs
        if start_parts; then
            write_env
            trap - EXIT INT TERM HUP
            say "ready in $SECONDS s: $ENVTEST_PARTS at $(apiserver_url); KUBECONFIG=$dir/admin.kubeconfig"
            return
        fi
        address_was_taken || exit 1
        say "a port was taken by somebody else (try $try of 3), again with other ports"
        end_parts
        rm -rf "${dir:?}/data" "${dir:?}"/log/*
    done
    exit 1
}

end_parts() {
    process_end scheduler controller-manager apiserver || die "a process of $dir does not end"
    process_end etcd || die "etcd of $dir does not end"
}

cmd_stop() {
    [[ -d $dir ]] || return 0
    if [[ $(process_pid watchdog || true) != "$$" ]]; then
        process_end watchdog || die "the watchdog of $dir does not end"
    fi
    end_parts
    rm -rf "${dir:?}/data" "${dir:?}/run"
}

cmd_restart_apiserver() {
    load_env
    process_end apiserver || die "the API server does not end"
    if ! start_apiserver; then
        show_logs
        die "the API server does not come back; log: $dir/log/apiserver.log"
    fi
    write_env
}

cmd_kill_apiserver() {
    process_pid apiserver >/dev/null || die "the API server of $dir does not run"
    process_signal apiserver KILL
    process_wait_end apiserver 50 || die "the API server does not end"
}

etcd_call() {
    curl -fsS --noproxy '*' --max-time 60 -X POST -d "$2" "$(etcd_url)/v3/kv/$1"
}

cmd_compact() {
    local revision
    load_env
    revision=$(etcd_call range '{"key":"AA==","limit":1,"keys_only":true}' |
        sed -n 's/.*"revision":"\([0-9]*\)".*/\1/p')
    [[ -n $revision ]] || die "etcd did not tell its revision"
    etcd_call compaction "{\"revision\":\"$revision\",\"physical\":true}" >/dev/null ||
        die "etcd did not compact at revision $revision"
    cmd_restart_apiserver
    printf '%s\n' "$revision"
}

cmd_kubeconfig() {
    (($# >= 2)) || usage
    local file=$1 user=$2 name
    load_env
    name=user-$(printf '%s' "$user ${*:3}" | sha256sum | cut -c 1-16)
    pki_user "$name" "$user" "${@:3}"
    pki_kubeconfig "$file" "$name" "$(apiserver_url)"
}

cmd_status() {
    local part pid failed=0
    load_env
    for part in $ENVTEST_PARTS; do
        if pid=$(process_pid "$part"); then
            printf '%s pid %s\n' "$part" "$pid"
        else
            printf '%s does not run\n' "$part"
            failed=1
        fi
    done
    return "$failed"
}

# Runs in the background. When DIR is removed under the processes, nothing but this knows them.
cmd_watch() {
    local parent=$1 ticks=$2 part known=() seen
    while process_is "$parent" "$ticks" && [[ -d $dir/run ]]; do
        seen=()
        for part in "${ALL_PARTS[@]}"; do
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
    umask 077
    dir=$(realpath -m -- "$2")
    shift 2
    case $command in
        start | stop | compact | status | kubeconfig | watch) "cmd_$command" "$@" ;;
        restart-apiserver) cmd_restart_apiserver ;;
        kill-apiserver) cmd_kill_apiserver ;;
        freeze-apiserver) process_signal apiserver STOP ;;
        thaw-apiserver) process_signal apiserver CONT ;;
        *) usage ;;
    esac
}

main "$@"
