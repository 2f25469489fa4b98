#!/usr/bin/env bash
# What SyncSets costs for a fleet: CLUSTERS clusters, each with SETS SelectorSyncSets of four ConfigMaps, in the embedded way, with
# PostgreSQL, and with PostgreSQL and RabbitMQ. Most clusters are fake, which succeed without a request; a tenth are of one API
# server that freezes in the end; a few are virtual clusters of their own, where the sets are really applied. Prints figures
# beside their bars and the machine's limits; fails only when something never converges. The store is in memory where there is
# room, and PostgreSQL does not wait for its disk: the disk's waits are not what is measured.
#   CLUSTERS (5000; CI=true: 500), SETS (50; CI=true: 20), DEAD (a tenth), REAL (4), CONTROLLERS (2), WRITES (2000),
#   RATE (50 writes a second where latency is measured), WATCHES (100), IDLE_S (20), LIMIT_S (1800), DEAD_LIMIT_S (600), BIN (build/bin)
#   STORES ("SQLite PostgreSQL RabbitMQ"): which of the ways to run
set -euo pipefail
self=$(realpath "$0")
cd "$(dirname "$self")/../.."
# shellcheck source=test/bench/lib.sh
source test/bench/lib.sh
export CLUSTERS=${CLUSTERS:-$([[ ${CI-} == true ]] && echo 500 || echo 5000)} SETS=${SETS:-$([[ ${CI-} == true ]] && echo 20 || echo 50)}
DEAD=${DEAD:-$((CLUSTERS / 10))}
REAL=${REAL:-4}
CONTROLLERS=${CONTROLLERS:-2}
WRITES=${WRITES:-2000}
RATE=${RATE:-50}
WATCHES=${WATCHES:-100}
IDLE_S=${IDLE_S:-20}
LIMIT_S=${LIMIT_S:-1800}
DEAD_LIMIT_S=${DEAD_LIMIT_S:-600}
STORES=${STORES:-SQLite PostgreSQL RabbitMQ}
POLL_MS=100

# ---- processes ----

declare -A pids=() # name -> process
end_one() { # NAME
    kill -CONT "${pids[$1]}" 2>/dev/null || true
    kill "${pids[$1]}" 2>/dev/null || true
    wait "${pids[$1]}" 2>/dev/null || true
    unset "pids[$1]"
}
end() {
    local name
    for name in "${!pids[@]}"; do
        end_one "$name"
    done
}

port_in() { sed -n "s/.*$2 127.0.0.1 port \([0-9]*\).*/\1/p" "$dir/$1.log" | grep .; }

# start NAME MARK COMMAND...: one that tells its port behind the mark.
start() {
    : >"$dir/$1.log"
    setpriv --pdeathsig KILL "${@:3}" >>"$dir/$1.log" 2>&1 &
    pids[$1]=$!
    wait_for port_in "$1" "$2" || die "$1 did not start: $(tail -1 "$dir/$1.log")"
}

start_clusters() { # NAME COUNT
    : >"$dir/$1.log"
    setpriv --pdeathsig KILL "$BIN/serve_clusters" "$2" "$dir/$1" >>"$dir/$1.log" 2>&1 &
    pids[$1]=$!
    wait_for grep -q clusters "$dir/$1.log" || die "the virtual clusters did not start: $(tail -1 "$dir/$1.log")"
}

start_service() {
    local i
    export SYNCSETS_LISTEN=127.0.0.1:0 SYNCSETS_CONTROLLER_LISTEN=127.0.0.1:0 SYNCSETS_DIAL_ALLOWED=127.0.0.0/8
    export SYNCSETS_ENCRYPTION_KEYS=a:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= SYNCSETS_DATA_DIR=$dir/data.$store
    [[ $store == SQLite ]] || "$BIN/aro" syncsets migrate up >"$dir/migrate.log" 2>&1 || die "$(tail -1 "$dir/migrate.log")"
    start api "listening on" "$BIN/aro-syncsets" api
    url=http://127.0.0.1:$(port_in api "listening on")
    members=(api)
    if [[ $store != SQLite ]]; then
        for ((i = 1; i <= CONTROLLERS; i++)); do
            start "controller-$i" "metrics on" "$BIN/aro-syncsets" controller
            members+=("controller-$i")
        done
    fi
}

# ---- figures ----

# Seconds of processors that a process has had, with the children that it has and had; some end while they are looked at.
cpu_s() { # PID
    local pid
    for pid in $(pgrep -P "$1" || true); do
        sed 's/.*) //' "/proc/$pid/stat" 2>/dev/null | awk '{ print $12 + $13 }' || true
    done | awk -v hz="$(getconf CLK_TCK)" -v own="$(sed 's/.*) //' "/proc/$1/stat" | awk '{ print $12 + $13 + $14 + $15 }')" \
        '{ sum += $1 } END { printf "%.2f", (sum + own) / hz }'
}
rss_kb() { awk -v field="$1:" '$1 == field { print $2 }' "/proc/$2/status"; }

servers() { # NAME:PID of what is not ours
    [[ -z ${STORE_SERVER_PID-} ]] || echo "PostgreSQL:$(head -1 "$STORE_SERVER_PID")"
    [[ -z ${BROKER_SERVER_PID-} ]] || echo "RabbitMQ:$(cat "$BROKER_SERVER_PID")"
}
# The processors' time of all from here on. The clock starts last: to look at processes takes seconds where all are busy.
declare -A cpu_from=()
clock_on() {
    local name one
    for name in "${members[@]}"; do
        cpu_from[$name]=$(cpu_s "${pids[$name]}")
    done
    for one in $(servers); do
        cpu_from[${one%%:*}]=$(cpu_s "${one#*:}")
    done
    began=$EPOCHREALTIME
}
clock_off() { # sets took, cpu, cpu_servers
    local name one sum=0
    took=$(less "$EPOCHREALTIME" "$began")
    for name in "${members[@]}"; do
        sum=$(less "$(cpu_s "${pids[$name]}")" "$(less "${cpu_from[$name]}" "$sum")")
    done
    cpu=$sum cpu_servers=""
    for one in $(servers); do
        cpu_servers+=", ${one%%:*} $(less "$(cpu_s "${one#*:}")" "${cpu_from[${one%%:*}]}") s"
    done
}

# One client for all questions: on a busy machine its start takes longer than they do.
start_sql() {
    case $store in
    SQLite) coproc SQL { exec stdbuf -oL sqlite3 -readonly -cmd '.timeout 10000' "$dir/data.$store/syncsets.db"; } ;;
    *) coproc SQL { exec stdbuf -oL psql -qtA -v ON_ERROR_STOP=1 "$STORE_DSN"; } ;;
    esac
}
sql() { # QUESTION: sets answer, a number
    echo "$1;" >&"${SQL[1]}"
    read -r -t 60 answer <&"${SQL[0]}" || die "no answer to $1"
}

# ---- what is asked ----

load() { "$BIN/load_syncsets" "$1" --url="$url" "${@:2}" || die "load_syncsets $1 failed"; }
ask() { curl --fail-with-body -sS --noproxy '*' "$@"; }
version_of() { jq -r .metadata.resourceVersion; }

# Changes the set "all": its objects, so that all of it is applied again, or a label alone. Prints the revision.
change_objects() { # VALUE
    ask -X PATCH "$url/v1/selectorsyncsets/all" -H 'Content-Type: application/json-patch+json' \
        -d "[{\"op\":\"replace\",\"path\":\"/spec/resources/0/data/value\",\"value\":\"$1\"}]" | version_of
}
change_label() { # VALUE
    ask -X PATCH "$url/v1/selectorsyncsets/all" -H 'Content-Type: application/merge-patch+json' \
        -d "{\"metadata\":{\"labels\":{\"bench\":\"$1\"}}}" | version_of
}

# ---- waiting ----

# How many clusters have been brought to the revision: all, or those that are not of the frozen server.
count_done() { sql "SELECT count(*) FROM cluster_work WHERE done_revision >= $1"; }
count_done_live() {
    sql "SELECT count(*) FROM cluster_work WHERE done_revision >= $1 AND
        cluster_uid IN (SELECT uid FROM object_labels WHERE type = 'clusters' AND key = 'all-sets')"
}
count_marked() { sql "SELECT count(*) FROM cluster_work WHERE dirty_revision >= $1"; }

seconds() { printf '%d.%02d' $(($1 / 1000)) $(($1 % 1000 / 10)); }
# reach GOAL COMMAND...: until the answer is the goal; sets all_s, and p50_s and p99_s, when half and 99 of 100 were there.
reach() {
    local goal=$1 from_ms=$((${began/./} / 1000)) p50 p99 now asked
    shift
    p50="" p99=""
    while :; do
        asked=${EPOCHREALTIME/./}
        "$@"
        now=$((${EPOCHREALTIME/./} / 1000 - from_ms))
        ((answer * 2 < goal)) || p50=${p50:-$now}
        ((answer * 100 < goal * 99)) || p99=${p99:-$now}
        ((answer < goal)) || break
        ((now / 1000 < ${patience_s:-$LIMIT_S})) || break
        # What the questions cost is little beside what is measured.
        sleep "$(seconds $((POLL_MS + (${EPOCHREALTIME/./} - asked) / 100)))"
    done
    all_s=$(seconds "$now") p50_s=$(seconds "${p50:-$now}") p99_s=$(seconds "${p99:-$now}")
    ((answer >= goal)) || [[ -n ${patience_s-} ]] || die "$answer of $goal after $LIMIT_S s ($*)"
}

# ---- what is measured ----

figures() { sed -n 's/^FIGURES //p' <<<"$1"; }
head_row() { row "SyncSets, $store: $CLUSTERS clusters x $SETS sets" measured bar "the machine's limit"; }

fill() {
    local rate p50 p99 rest
    step "$store: $SETS sets, $CLUSTERS clusters"
    load sets --sets="$SETS" >/dev/null
    clock_on
    [[ $DEAD -eq 0 ]] || load clusters --kind=real --kubeconfig="$dir/dead.0" --from=1 --to="$DEAD" >/dev/null
    [[ $REAL -eq 0 ]] || load clusters --kind=both --kubeconfig="$dir/real" --from=$((DEAD + 1)) --to=$((DEAD + REAL)) >/dev/null
    read -r rate p50 p99 rest < <(figures "$(load clusters --kind=fake --kubeconfig="$dir/dead.0" --from=$((DEAD + REAL + 1)) --to="$CLUSTERS")")
    row "  clusters registered amid the first applying" "$rate/s" "" "median $p50 ms, 99th percentile $p99 ms"
    reach $(((CLUSTERS - DEAD) * SETS + DEAD)) sql "SELECT count(*) FROM sync_statuses WHERE result = 'Success'"
    clock_off
    row "  everything for the first time" "$took s" "" "processors: SyncSets $cpu s$cpu_servers"
}

# Work of before, and looks whether clusters can be reached, come to their end.
count_busy() {
    sql "SELECT (SELECT count(*) FROM cluster_work WHERE due_at <= $EPOCHSECONDS OR lease_until IS NOT NULL) +
        (SELECT count(*) FROM cluster_probes WHERE due_at <= $EPOCHSECONDS + 120)"
}
is_calm() {
    count_busy
    answer=$((answer == 0))
}
idle() {
    began=$EPOCHREALTIME
    reach 1 is_calm
    step "$store: $IDLE_S s idle"
    clock_on
    sleep "$IDLE_S"
    clock_off
    row "  idle, processor time a second" "$(less "$cpu" 0 "$took") s" "" "$cpu s in $took s$cpu_servers"
}

# look_at NAME BAR CHANGE VALUE [COUNT GOAL]: a change, until all clusters have been brought to it, or as many as COUNT is to see.
look_at() {
    local revision marked
    clock_on
    revision=$("$3" "$4")
    reach "$CLUSTERS" count_marked "$revision"
    marked=$all_s
    reach "${6:-$CLUSTERS}" "${5:-count_done}" "$revision"
    clock_off
    row "  $1" "$all_s s" "" "all marked after $marked s"
    row "    median, 99th percentile" "$p50_s, $p99_s s" "$2" "processors: SyncSets $cpu s$cpu_servers"
}

one_set() {
    clock_on
    ask -X PUT "$url/v1/syncsets/aro-$(printf %05d "$CLUSTERS")/one?upsert=true" -H 'Content-Type: application/json' -o /dev/null -d '{
        "spec":{"clusterDeploymentRefs":[{"name":"cluster"}],"resources":[
        {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"one","namespace":"default"},"data":{"a":"b"}}]}}'
    reach 1 sql "SELECT count(*) FROM sync_statuses WHERE kind = 'SyncSet' AND name = 'one' AND result = 'Success'"
    row "  one SyncSet of one cluster" "$all_s s" "5 s" ""
}

writes() {
    local most p50 p99 seen50 seen99 limit=""
    [[ $store == SQLite ]] || limit="pgbench, same statements: $(pgbench_limit)"
    step "$store: $WRITES writes, then $RATE a second"
    read -r most p50 p99 seen50 seen99 < <(figures "$(load writes --writes="$WRITES" --watches=1)")
    row "  writes, as many as come" "$most/s" "500 to 1000/s" "$limit"
    row "    median, 99th percentile" "$p50, $p99 ms" "" "until a watch has it: $seen50, $seen99 ms"
    read -r most p50 p99 seen50 seen99 < <(figures "$(load writes --writes=$((RATE * 10)) --rate="$RATE" --watches=1)")
    row "  writes, $RATE/s: median, 99th percentile" "$p50, $p99 ms" "" ""
    row "    until a watch has it" "$seen50, $seen99 ms" "" ""
}

# What PostgreSQL does by itself with the statements of one write, in a schema of the same making.
pgbench_limit() {
    local other=${STORE_DSN/\/aro?/\/limit?}
    psql -q "$STORE_DSN" -c 'CREATE DATABASE "limit"'
    POSTGRES_PARAMS=$other "$BIN/aro" syncsets migrate up >"$dir/migrate.log" 2>&1 || die "$(tail -1 "$dir/migrate.log")"
    psql -q "$other" -f test/bench/pgbench_syncsets_setup.sql
    pgbench -n -M prepared -c 16 -j 2 -t $((WRITES / 16 + 1)) -f test/bench/pgbench_syncsets.sql "$other" 2>"$dir/pgbench.log" |
        awk '/^tps/ { printf "%.0f/s", $3 } /^latency average/ { printf "%s ms, ", $4 }'
    psql -q "$STORE_DSN" -c 'DROP DATABASE "limit"'
}

watches() {
    local before fd
    before=$(rss_kb VmRSS "${pids[api]}")
    mkfifo "$dir/hold.$store"
    "$BIN/load_syncsets" watches --url="$url" --watches="$WATCHES" <"$dir/hold.$store" >"$dir/watches.log" &
    pids[watches]=$!
    exec {fd}>"$dir/hold.$store"
    wait_for grep -q "^$WATCHES watches" "$dir/watches.log" || die "the watches did not begin"
    row "  memory of a watch" "$(awk -v n="$WATCHES" -v kb="$(($(rss_kb VmRSS "${pids[api]}") - before))" 'BEGIN { printf "%.0f KB", kb / n }')" "200 KB" "$WATCHES of them"
    exec {fd}>&-
    wait "${pids[watches]}" || die "the watches failed"
    unset "pids[watches]"
}

count_unreachable() {
    case $store in
    SQLite) sql "SELECT count(*) FROM clusters o, json_each(o.data, '\$.status.conditions') c WHERE c.value ->> '\$.type' = 'Unreachable' AND c.value ->> '\$.status' = 'True'" ;;
    *) sql "SELECT count(*) FROM clusters WHERE data @> '{\"status\":{\"conditions\":[{\"type\":\"Unreachable\",\"status\":\"True\"}]}}'" ;;
    esac
}

dead() {
    ((DEAD > 0)) || return 0
    step "$store: $DEAD clusters freeze"
    kill -STOP "${pids[dead]}"
    look_at "a set changes as $DEAD clusters freeze: the others" "120 s (99th)" change_objects 2 count_done_live $((CLUSTERS - DEAD))
    patience_s=$DEAD_LIMIT_S reach "$DEAD" count_unreachable
    row "    until all of them are called unreachable" "$all_s s" "" "$answer of $DEAD"
    look_at "a set changes while they are unreachable" "120 s (99th)" change_objects 3 count_done_live $((CLUSTERS - DEAD))
    kill -CONT "${pids[dead]}"
}

memory() {
    local name bar
    for name in "${members[@]}"; do
        bar="256 MB"
        [[ $name != api || $store == SQLite ]] || bar=""
        row "  memory of $name, RSS" "$(megabytes VmRSS "${pids[$name]}")" "$bar" "at the most $(megabytes VmHWM "${pids[$name]}")"
    done
}

run_store() {
    store=$1
    start_clusters dead 1
    ((REAL == 0)) || start_clusters real "$REAL"
    start_service
    start_sql
    head_row
    fill
    idle
    look_at "nothing is due: all clusters looked at" "" change_label 1
    look_at "one SelectorSyncSet changes: all clusters" "120 s (99th)" change_objects 1
    one_set
    writes
    watches
    dead
    memory
    end
}

trap end EXIT
trap 'exit 130' INT TERM
if [[ ${1-} == --run ]]; then # inside of the harnesses
    dir=$3
    [[ -z ${STORE_DSN-} ]] || export POSTGRES_PARAMS=$STORE_DSN
    [[ -z ${BROKER_URL-} ]] || export AMQP_URL=$BROKER_URL
    run_store "$2"
    exit 0
fi

dir=$(make_dir 4000000)
trap 'rm -rf -- "$dir"' EXIT
for store in $STORES; do
    case $store in
    SQLite) "$self" --run "$store" "$dir" ;;
    PostgreSQL) test/harness/postgresql/run.sh "$self" --run "$store" "$dir" ;;
    RabbitMQ) test/harness/postgresql/run.sh test/harness/rabbitmq/run.sh "$self" --run "$store" "$dir" ;;
    *) die "STORES: '$store' is none of SQLite, PostgreSQL, RabbitMQ" ;;
    esac
done
