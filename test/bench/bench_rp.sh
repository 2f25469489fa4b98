#!/usr/bin/env bash
# What the resource provider serves over TLS connections that stay open, with SQLite and with PostgreSQL, beside the bar and
# beside what the machine itself allows: nginx with a file of the same size, pgbench -S with the same connections. Then how
# long a PUT waits for the backend to begin with it. Prints figures, judges nothing: of several rounds that take turns, the
# best of each. About two minutes on two idle cores.
#   ROUNDS (3), WINDOW (3 seconds each), CONNECTIONS (32), CLUSTERS (30000), PUTS (200), BIN (build/bin)
#   DOCUMENTS (0): also GET, LIST and memory with that many clusters in the store; 1000000 take 6 GB and some minutes.
# nginx logs its accesses; the resource provider writes its four lines a request, audit among them, and sends metrics to
# nobody. wrk counts what would have come meanwhile behind a reply that was late, so a 99th percentile is often made by a few
# long waits for a processor: read it beside those of nginx and pgbench, on a machine that does nothing else. The store is in memory (/dev/shm) where there is room: the disk's waits are not what is measured.
set -euo pipefail
self=$(realpath "$0")
cd "$(dirname "$self")/../.."
# shellcheck source=test/bench/lib.sh
source test/bench/lib.sh
ROUNDS=${ROUNDS:-3}
WINDOW=${WINDOW:-3}
CONNECTIONS=${CONNECTIONS:-32}
CLUSTERS=${CLUSTERS:-30000} # each serves one PATCH
PUTS=${PUTS:-200}
PUTS_RATE=20 # a second
DOCUMENTS=${DOCUMENTS:-0}
export THREADS=2
SUB=22222222-2222-2222-2222-222222222222
CLIENT=33333333-3333-3333-3333-333333333333
ALL=/subscriptions/$SUB/providers/Microsoft.RedHatOpenShift/openShiftClusters
ONE=/subscriptions/$SUB/resourceGroups/bench/providers/Microsoft.RedHatOpenShift/openShiftClusters/bench0
VERSION='?api-version=2023-11-22'

provider="" nginx=""
end() {
    for pid in $provider $nginx; do
        kill "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    provider=""
    nginx=""
}

ask() { curl --fail-with-body -sS --noproxy '*' -k "$@"; } # the certificate is one that development made

# ---- the servers ----

listening() { sed -n 's/.*listening on port \([0-9]*\).*/\1/p' "$dir/rp.log" | grep .; }

# Its log goes through STAMP, a command that writes the time of each line in front; by itself as it is.
start_provider() { # DSN
    : >"$dir/rp.log" # at once: what the last one wrote is not to be taken for its words
    RP_MODE=development AZURE_TENANT_ID=11111111-1111-1111-1111-111111111111 AZURE_SUBSCRIPTION_ID=$SUB \
        AZURE_CLIENT_ID=$CLIENT AZURE_CLIENT_SECRET=bench DOMAIN=example.com PULL_SECRET='{"auths":{}}' \
        ARO_RP_DATABASE=$1 ARO_RP_SECRETS_DIR=$dir/secrets MDM_STATSD_SOCKET=unix:$dir/statsd \
        ARO_RP_BACKEND_WORKERS="${WORKERS:-1}" \
        "$BIN/aro-rp" --port 0 --plain-port 0 2> >(exec "${STAMP:-cat}" >>"$dir/rp.log") &
    provider=$!
    wait_for listening || die "the resource provider did not start: $(tail -1 "$dir/rp.log")"
    rp=https://127.0.0.1:$(listening)
}

start_nginx() {
    local i
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=bench \
        -keyout "$dir/key.pem" -out "$dir/cert.pem" 2>/dev/null
    for ((i = 0; i < 20; i++)); do
        port=$((RANDOM % 20000 + 12000))
        cat >"$dir/nginx.conf" <<EOF
daemon off; worker_processes $THREADS; pid nginx.pid; error_log nginx.log;
events { worker_connections 512; }
http {
    access_log access.log; default_type application/json; keepalive_requests 1000000000; sendfile on;
    client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3; uwsgi_temp_path t4; scgi_temp_path t5;
    server {
        listen 127.0.0.1:$port ssl; ssl_protocols TLSv1.3; ssl_certificate cert.pem; ssl_certificate_key key.pem;
        location / { root www; }
    }
}
EOF
        setpriv --pdeathsig TERM nginx -p "$dir" -c "$dir/nginx.conf" -g "$([[ $(id -u) -ne 0 ]] || echo 'user root;')" \
            2>"$dir/nginx.err" &
        nginx=$!
        peer=https://127.0.0.1:$port
        wait_for ask "$peer/get" && return 0
        kill "$nginx" 2>/dev/null || true
    done
    die "nginx did not start: $(tail -1 "$dir/nginx.err")"
}

# ---- the documents ----

# The body of a PUT; each NUMBER is another cluster, with names and a client of its own.
give_body() { # NUMBER CLIENT
    local net=/subscriptions/$SUB/resourceGroups/vnet/providers/Microsoft.Network/virtualNetworks/vnet/subnets
    cat <<EOF
{"location":"eastus","properties":{
 "clusterProfile":{"domain":"bench$1","version":"4.3.18","fipsValidatedModules":"Disabled",
  "resourceGroupId":"/subscriptions/$SUB/resourceGroups/aro-bench$1"},
 "servicePrincipalProfile":{"clientId":"$2","clientSecret":"bench"},
 "networkProfile":{"podCidr":"10.128.0.0/14","serviceCidr":"172.30.0.0/16"},
 "masterProfile":{"vmSize":"Standard_D8s_v3","subnetId":"$net/master","encryptionAtHost":"Disabled"},
 "workerProfiles":[{"name":"worker","vmSize":"Standard_D2s_v3","diskSizeGB":128,"subnetId":"$net/worker","count":3,
  "encryptionAtHost":"Disabled"}],
 "apiserverProfile":{"visibility":"Public"},"ingressProfiles":[{"name":"default","visibility":"Public"}]}}
EOF
}

has_failed() { ask "$rp$ONE$VERSION" | grep '"Failed"'; }
create_first() {
    give_body 0 "$CLIENT" |
        ask -X PUT "$rp$ONE$VERSION" -H 'Content-Type: application/json' -o "$dir/put" --data @- ||
        die "creating a cluster: $(tr -d '\n' <"$dir/put")"
    # The backend gives it up, though slowly, for there is no Azure here; a document that nobody works on any more is copied.
    WAIT_S=300 wait_for has_failed || die "the backend did not take up the cluster"
}

# Copies of the first document, FROM to TO, as the resource provider itself would have stored them, installed.
copies() { # FROM TO
    cat <<EOF
INSERT INTO documents
WITH RECURSIVE n(n) AS (SELECT $1 UNION ALL SELECT n + 1 FROM n WHERE n < $2)
SELECT d.coll, part, '00000000-0000-0000-0000-' || (100000000000 + n), etag, ts_s, c.lsn + n - $1 + 1, NULL,
 replace(unique1, 'bench0', 'bench' || n), replace(unique2, 'bench0', 'bench' || n),
 '33333333-3333-3333-3333-' || (100000000000 + n), 0, 'Succeeded', 0, NULL,
 replace(replace(replace(replace(body, 'bench0', 'bench' || n), '$CLIENT',
  '33333333-3333-3333-3333-' || (100000000000 + n)), id, '00000000-0000-0000-0000-' || (100000000000 + n)),
  '"provisioningState":"Failed"', '"provisioningState":"Succeeded"')
FROM documents AS d CROSS JOIN counters AS c CROSS JOIN n
WHERE d.coll = 'OpenShiftClusters' AND d.part = '$SUB' AND d.unique3 = '$CLIENT' AND c.coll = d.coll;
UPDATE counters SET lsn = lsn + $2 - $1 + 1 WHERE coll = 'OpenShiftClusters';
EOF
}

sql() {
    case $store in
    SQLite) sqlite3 -bail -cmd '.timeout 10000' -cmd 'PRAGMA cache_size = -500000' "$dir/aro.db" ;;
    *) psql -q -v ON_ERROR_STOP=1 "$STORE_DSN" ;;
    esac
}

# PostgreSQL looks at the documents at once instead of within its minute: until then it guesses how to find one.
add_copies() { # FROM TO
    copies "$@" | sql
    [[ $store == SQLite ]] || echo 'ANALYZE documents;' | sql
}

# ---- load ----

# best NAME WHAT URL [FIRST LAST]: keeps the most requests a second, and the 99th percentile of that round.
best() {
    local errors line rate p99 said served
    said=$(WHAT=$2 FIRST=${4:-} LAST=${5:-} \
        wrk -t"$THREADS" -c"$CONNECTIONS" -d"$WINDOW" -s test/bench/wrk_rp.lua "$3")
    line=$(sed -n 's/^FIGURES //p' <<<"$said")
    read -r rate p99 errors served <<<"$line"
    [[ $errors -eq 0 ]] ||
        step "$1: $errors of $served replies were no success; $(sed -n 's/^STATUS //p' <<<"$said" | tr '\n' ' ')"
    ((errors * 100 <= served)) || die "$1: too many of them to count the rest"
    ((rate > ${most[$1]:-0})) || return 0
    most[$1]=$rate
    late[$1]=$p99
}

figures() { printf '%s/s' "${most[$1]}"; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'; }
# What nginx does with a reply of that size, and pgbench -S where it was asked.
peers() { # NAME NGINX
    printf 'nginx %s, that is %s of it' "$(figures "$2")" "$(ratio "${most[$1]}" "${most[$2]}")"
    [[ -z ${pg-} ]] || printf '; pgbench -S %s/s, %s' "$pg" "$(ratio "${most[$1]}" "$pg")"
}

measure() {
    local round share=$((CLUSTERS / ROUNDS))
    declare -gA most=() late=()
    mkdir -p "$dir/www"
    ask "$rp$ONE$VERSION" >"$dir/www/get"
    ask "$rp$ALL$VERSION" >"$dir/www/list"
    start_nginx
    for ((round = 0; round < ROUNDS; round++)); do
        best get get "$rp$ONE$VERSION"
        best nginx-get get "$peer/get"
        best list get "$rp$ALL$VERSION"
        best nginx-list get "$peer/list"
    done
    # Last, for the backend works on what was changed.
    for ((round = 0; round < ROUNDS; round++)); do
        best patch patch "$rp$ONE$VERSION" $((round * share + 1)) $(((round + 1) * share))
    done
    loaded=$(megabytes VmRSS "$provider")
}

# Transactions a second and their 99th percentile in milliseconds.
pgbench_limit() {
    pgbench -q -i -s 5 "$STORE_DSN" 2>"$dir/pgbench.log"
    pgbench -S -n -M prepared -c "$CONNECTIONS" -j "$THREADS" -T "$WINDOW" --log --log-prefix="$dir/pgbench" "$STORE_DSN" \
        2>>"$dir/pgbench.log" | awk '/^tps/ { printf "%.0f ", $3 }'
    cat "$dir"/pgbench.*[0-9] | sort -n -k 3 | awk '{ v[NR] = $3 } END { printf "%.1f\n", v[int(NR * 0.99 + 0.5)] / 1000 }'
}

print_figures() {
    local bar="" pg="" pg_late=""
    [[ $store != PostgreSQL ]] || read -r pg pg_late < <(pgbench_limit)
    [[ $store != SQLite ]] || bar="$((most[nginx-get] / 3))/s (nginx / 3)"
    row "resource provider on $store, $CONNECTIONS connections" measured bar "the machine's limit"
    row "  GET cluster, $(stat -c %s "$dir/www/get") bytes" "$(figures get)" "$bar" "$(peers get nginx-get)"
    row "    99th percentile" "${late[get]} ms" "" "nginx ${late[nginx-get]} ms${pg_late:+; pgbench -S $pg_late ms}"
    row "  LIST, 10 clusters, $(stat -c %s "$dir/www/list") bytes" "$(figures list)" "" "$(peers list nginx-list)"
    row "    99th percentile" "${late[list]} ms" "" "nginx ${late[nginx-list]} ms"
    row "  PATCH cluster" "$(figures patch)" "" "$(peers patch nginx-get)"
    row "    99th percentile" "${late[patch]} ms" "" "nginx ${late[nginx-get]} ms"
    row "  PUT to the backend's first step, median" "$wait_p50 ms" "" "$waits PUTs, $PUTS_RATE a second"
    row "    99th percentile" "$wait_p99 ms" "" ""
    row "  memory idle, RSS" "$idle" "" ""
    row "  memory under load, RSS" "$loaded" "" ""
}

# How long PUTs wait: from the line that tells of the request to the backend's that it begins with the cluster. Both are of
# one process; the time is that at which a reader of the log got them.
measure_waits() { # DSN
    local n
    step "$store: $PUTS times PUT"
    WORKERS=$PUTS STAMP=$BIN/stamp_lines start_provider "$1" # each is held by one: there is no Azure here
    for ((n = 1; n <= PUTS; n++)); do
        give_body "first$n" "44444444-4444-4444-4444-$((100000000000 + n))" >"$dir/put.$n"
        printf 'next\nurl = "%s"\nrequest = PUT\nheader = "Content-Type: application/json"\ndata = "@%s"\n' \
            "$rp${ONE%/*}/first$n$VERSION" "$dir/put.$n"
        printf 'output = /dev/null\ninsecure\nsilent\nshow-error\nfail\nnoproxy = *\n'
    done | sed 1d >"$dir/puts"
    curl --rate "$PUTS_RATE/s" --config "$dir/puts" || die "creating clusters: curl ended with $?"
    wait_for all_begun || die "the backend began with $(begun) of $PUTS clusters"
    end
    read -r waits wait_p50 wait_p99 < <(give_waits_ms | sort -n |
        awk '{ v[NR] = $1 } END { printf "%d %.1f %.1f\n", NR, v[int((NR + 1) / 2)], v[int(NR * 0.99 + 0.5)] }')
}
begun() { grep -c 'msg="working on the cluster"' "$dir/rp.log"; }
all_begun() { (($(begun) >= PUTS)); }
give_waits_ms() {
    awk '{ for (i = 2; i <= NF; i++) if (index($i, "operation_id=") == 1) id = $i }
         /msg="read request"/ && /request_method=PUT/ { began[id] = $1 }
         /msg="working on the cluster"/ && id in began { print ($1 - began[id]) / 1000 }' "$dir/rp.log"
}

measure_many() { # DSN
    local bar="" fresh from=$((CLUSTERS + 1)) round to
    step "$store: adding clusters up to $DOCUMENTS"
    end
    # Without those that the backend has yet to work on.
    echo "DELETE FROM documents WHERE coll = 'OpenShiftClusters' AND state <> 'Succeeded' AND unique3 <> '$CLIENT';" | sql
    while ((from <= DOCUMENTS)); do
        to=$((from + 49999 < DOCUMENTS ? from + 49999 : DOCUMENTS))
        add_copies "$from" "$to"
        from=$((to + 1))
    done
    start_provider "$1"
    sleep 1
    fresh=$(megabytes VmRSS "$provider")
    start_nginx
    most=() late=()
    for ((round = 0; round < ROUNDS; round++)); do
        best get get "$rp${ONE%0}$DOCUMENTS$VERSION"
        best any any "$rp$ONE$VERSION" $((CLUSTERS + 1)) "$DOCUMENTS"
        best list get "$rp$ALL$VERSION"
        best nginx-get get "$peer/get"
        best nginx-list get "$peer/list"
    done
    [[ $store != SQLite ]] || bar="$((most[nginx-get] / 3))/s (nginx / 3)"
    row "the same amid $DOCUMENTS clusters" measured bar "the machine's limit"
    row "  GET, always the same" "$(figures get)" "$bar" "$(peers get nginx-get)"
    row "    99th percentile" "${late[get]} ms" "" "nginx ${late[nginx-get]} ms"
    row "  GET, any of them" "$(figures any)" "" "$(peers any nginx-get)"
    row "    99th percentile" "${late[any]} ms" "" "nginx ${late[nginx-get]} ms"
    row "  LIST, 10 clusters" "$(figures list)" "" "$(peers list nginx-list)"
    row "    99th percentile" "${late[list]} ms" "" "nginx ${late[nginx-list]} ms"
    row "  memory idle, RSS" "$fresh" "" ""
    row "  memory under load, RSS" "$(megabytes VmRSS "$provider")" "" ""
}

run_store() { # STORE DSN
    store=$1
    step "$store: writing $CLUSTERS clusters"
    start_provider "$2"
    sleep 1
    idle=$(megabytes VmRSS "$provider")
    create_first
    add_copies 1 "$CLUSTERS"
    end
    measure_waits "$2"
    start_provider "$2"
    step "$store: GET, LIST and PATCH in turns with nginx, $ROUNDS rounds"
    measure
    print_figures
    ((DOCUMENTS <= CLUSTERS)) || measure_many "$2"
    end
}

if [[ ${1-} == --postgresql ]]; then # inside of the harness
    dir=$2
    trap end EXIT
    run_store PostgreSQL "$STORE_DSN"
    exit 0
fi

# The disk's waits are not what is measured.
dir=$(make_dir $((DOCUMENTS * 6 + 2000000)))
trap 'end; rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM
mkdir "$dir/secrets"
run_store SQLite "sqlite:$dir/aro.db"
test/harness/postgresql/run.sh "$self" --postgresql "$dir"
