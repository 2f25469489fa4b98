#!/usr/bin/env bash
# What our informer and our idle operator cost on a real kube-apiserver, beside the bar and beside what the machine
# itself allows: plain curl that fetches the same list and follows the same events, and throws them away. Prints
# figures, judges nothing. About four minutes on two idle cores.
#   OBJECTS (20000), UPDATES (50000), LETTERS=1 (text that does not compress at all), BIN (build/bin)
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=test/bench/lib.sh
source test/bench/lib.sh
OBJECTS=${OBJECTS:-20000}
UPDATES=${UPDATES:-50000}
PACED=${PACED:-500} # one event each 20 ms
STEADY=${STEADY:-10000} # one writer
TEXT=(${LETTERS:+--letters})
dir=$(make_dir 2000000) # etcd would wait for its disk at each write
export ENVTEST_PARENT_PID=$$
reader="" follower=""

cleanup() {
    for pid in $reader $follower; do
        kill "$pid" 2>/dev/null || true
    done
    hack/envtest-run.sh stop "$dir/envtest" >/dev/null 2>&1 || true
    rm -rf "$dir"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

start_cluster() {
    step "starting the control plane and writing $OBJECTS ConfigMaps"
    hack/envtest-run.sh start "$dir/envtest" >"$dir/start.log" 2>&1 || {
        cat "$dir/start.log" >&2
        exit 1
    }
    export KUBECONFIG=$dir/envtest/admin.kubeconfig
    "$BIN/write_objects" fill --objects="$OBJECTS" "${TEXT[@]}" >"$dir/fill.log"
    local part name list item
    server=$(kubectl config view --raw -o 'jsonpath={.clusters[0].cluster.server}')
    for part in certificate-authority:clusters:cluster client-certificate:users:user client-key:users:user; do
        IFS=: read -r name list item <<<"$part"
        kubectl config view --raw -o "jsonpath={.${list}[0].${item}.${name}-data}" | base64 -d >"$dir/$name"
    done
}

plain=(curl -sS --noproxy '*' --cacert "$dir/certificate-authority" --cert "$dir/client-certificate"
    --key "$dir/client-key" -o /dev/null)

# The list's bytes alone, from the server's watch cache. Sets FETCHED to "seconds CPU-seconds".
fetch() { # OPTION
    local TIMEFORMAT='%R %U %S'
    FETCHED=$({ time "${plain[@]}" "$1" -w '%{size_download}' "$server/api/v1/configmaps?resourceVersion=0" >"$dir/bytes"; } 2>&1 |
        awk '{ printf "%.2f %.2f", $1, $2 + $3 }')
}

measure_list() {
    step "listing them"
    fetch --http1.1 # fills the server's own caches
    fetch --http1.1
    h1=$FETCHED
    fetch --http2
    h2=$FETCHED
}

# CPU of a process of one thread, in ns.
cpu_ns() { awk '{ print $1 }' "/proc/$1/schedstat"; }

# A phase of updates: appends "our microseconds, curl's, a second, RSS, wake-ups" to $dir/phases.
phase() { # NUMBER OPTIONS...
    local line before
    before=$(cpu_ns "$reader")
    "$BIN/write_objects" touch --objects="$OBJECTS" "${TEXT[@]}" --updates="$1" "${@:2}" >"$dir/touch.log"
    read -r line <&"$figures" || die "the follower ended early"
    sleep 1 # curl reads the last of it
    awk -v n="$1" -v curl="$(($(cpu_ns "$reader") - before))" '{
        for (i = 1; i < NF; i++) {
            if ($(i + 1) == "us,") us = $i
            if ($(i + 1) == "wakes,") wakes = $i
            if ($(i + 1) == "s,") seconds = $i
            if ($i == "RSS") rss = $(i + 1)
        }
        printf "%.1f %.1f %.0f %.1f %.2f\n", us, curl / n / 1000, n / seconds, rss, wakes
    }' <<<"$line" >>"$dir/phases"
}

# Reads figures until one of that name; all go to $dir/sync.
read_until() {
    local name value
    while read -r name value <&"$figures"; do
        printf '%s %s\n' "$name" "$value" >>"$dir/sync"
        [[ $name != "$1" ]] || return 0
    done
    return 1
}
figure() { awk -v name="$1" '$1 == name { print $2 }' "$dir/sync"; }

measure_events() {
    step "following $PACED paced updates, $STEADY of one writer, $UPDATES of eight"
    local version
    version=$(kubectl get --raw '/api/v1/configmaps?limit=1' | jq -r .metadata.resourceVersion)
    "${plain[@]}" --http2 "$server/api/v1/configmaps?watch=true&resourceVersion=$version" 2>/dev/null &
    reader=$!
    mkfifo "$dir/figures"
    "$BIN/follow_events" "$PACED" "$STEADY" "$UPDATES" >"$dir/figures" &
    follower=$!
    exec {figures}<"$dir/figures"
    read_until peak_mb || die "the follower did not list the objects"
    sleep 1
    phase "$PACED" --writers=1 --every-ms=20
    phase "$STEADY" --writers=1
    phase "$UPDATES" --writers=8
    curl_rss=$(megabytes VmRSS "$reader")
    kill "$reader"
    wait "$reader" "$follower" || true
    reader="" follower=""
}

print_informer() {
    local paced steady many
    { read -ra paced; read -ra steady; read -ra many; } <"$dir/phases"
    row "informer of $OBJECTS ConfigMaps of 1 KB" measured "bar (client-go)" "the machine's limit"
    row "  memory, RSS" "$(figure rss_mb) MB" "45 MB (135-143)" \
        "$(awk '{ printf "%.1f MB", $1 / 1e6 }' "$dir/bytes") of JSON, curl $curl_rss"
    row "  memory, peak" "$(figure peak_mb) MB" "" "$(figure object_bytes) bytes an object in the store"
    row "  CPU, list" "$(figure sync_cpu_s) s" "0.32 s (0.95-1.25)" "curl ${h1#* } s, over HTTP/2 ${h2#* } s"
    row "  first sync" "$(figure sync_s) s" "1.4 s (1.4-1.5)" "curl ${h1% *} s, over HTTP/2 ${h2% *} s"
    row "  CPU an event, one writer, ${steady[2]}/s" "${steady[0]} us" "36 us, goal 29 (290)" "curl ${steady[1]} us; ${steady[4]} wake-ups"
    row "  CPU an event, eight writers, ${many[2]}/s" "${many[0]} us" "" "curl ${many[1]} us; ${many[4]} wake-ups"
    row "  CPU an event, one each 20 ms" "${paced[0]} us" "" "curl ${paced[1]} us; ${paced[4]} wake-ups"
    row "  CPU an event, without the network" \
        "$("$BIN/follow_events" inner --updates=20000 | awk '$1 == "updates" { print $3 }') us" "" ""
    row "  RSS after $UPDATES more updates" "${many[3]} MB" "flat" "${steady[3]} MB before"
}

measure_idle() { # ROLE SECONDS BAR START-BAR
    local pid rss start
    "$BIN/aro-operator" --leader-elect=false --health-port 0 --metrics-port 0 "$1" >"$dir/$1.log" 2>&1 &
    pid=$!
    sleep "$2"
    rss=$(megabytes VmRSS "$pid")
    kill "$pid"
    wait "$pid" || true
    start=$("$BIN/start_cost" "$dir/own.crt" "$dir/own.key" "$dir/own.kubeconfig" \
        "$BIN/aro-operator" --leader-elect=false --health-port 0 --metrics-port 0 "$1" 2>/dev/null)
    row "  $1, RSS" "$rss" "$3 MB" "curl $curl_rss"
    row "  $1, CPU from exec to its first request" "$start ms" "50 ms" "curl $hello ms"
}

measure_operator() {
    step "starting the operator"
    kubectl delete namespace bench --wait=false >/dev/null
    test/harness/envtest/load.sh >"$dir/load.log" 2>&1
    kubectl apply -f staticresources/operator/crds >/dev/null
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=bench \
        -addext subjectAltName=IP:127.0.0.1 -keyout "$dir/own.key" -out "$dir/own.crt" 2>/dev/null
    local TIMEFORMAT='%U %S'
    hello=$({ time "${plain[@]}" "$server/version"; } 2>&1 | awk '{ printf "%.0f", ($1 + $2) * 1000 }')
    echo
    row "idle aro-operator" measured bar "the machine's limit"
    measure_idle master 10 24
    measure_idle worker 5 14
}

start_cluster
measure_list
measure_events
print_informer
measure_operator
