#!/bin/bash
# run.sh COMMAND... - runs a command beside a private PostgreSQL, and ends it with the command. Its data lie in a folder of
# their own, it listens on a socket there and on no port, and it ends with this script, however that ends. Killed by
# the command, it starts again, as a server under a supervisor would.
#
# The command finds STORE_DSN (the database) and STORE_SERVER_PID (a file with the server's process in its first line).
# Root starts it as the user "postgres" of Debian's package, for PostgreSQL runs as no root.
set -euo pipefail

[ $# -gt 0 ] || { sed -n '2,8s/^# \?//p' "$0"; exit 2; }

# The part that starts the server again; a process of its own, so that it dies with this one.
if [ "$1" = --supervise ]; then
    dir=$2
    shift 2
    while [ ! -e "$dir/over" ]; do
        "$@" >>"$dir/server.log" 2>&1 || true
    done
    exit 0
fi

find_bin() {
    local dir
    for dir in /usr/lib/postgresql/*/bin; do
        [ -x "$dir/postgres" ] && echo "$dir"
    done | sort -V | tail -1
}
bin=$(find_bin)
[ -n "$bin" ] || { echo "run.sh: PostgreSQL is not installed (hack/deps.sh database)" >&2; exit 1; }

# Sockets have short names: not below a deep TMPDIR.
dir=$(mktemp -d /tmp/pg.XXXXXX)
supervisor=""
as_user=(setpriv --pdeathsig KILL)
if [ "$(id -u)" -eq 0 ]; then
    as_user=(setpriv --reuid postgres --regid postgres --clear-groups --pdeathsig KILL)
    chown postgres: "$dir"
fi

finish() {
    trap - EXIT INT TERM
    if [ -n "$supervisor" ]; then
        touch "$dir/over"
        kill -QUIT "$(head -1 "$dir/data/postmaster.pid" 2>/dev/null)" 2>/dev/null || true
        wait "$supervisor" || true
    fi
    rm -rf "$dir"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Only a loss of power could tell that nothing is synchronised.
"${as_user[@]}" "$bin/initdb" -D "$dir/data" -U aro --auth=trust -E UTF8 --locale=C --no-sync >"$dir/initdb.log" 2>&1 ||
    { cat "$dir/initdb.log" >&2; exit 1; }

setpriv --pdeathsig KILL "$0" --supervise "$dir" "${as_user[@]}" "$bin/postgres" -D "$dir/data" -k "$dir" \
    -c listen_addresses= -c fsync=off -c shared_buffers=32MB -c max_connections=200 &
supervisor=$!

for ((i = 0; ; i++)); do
    "$bin/pg_isready" -q -h "$dir" -U aro && break
    [ "$i" -lt 300 ] || { cat "$dir/server.log" >&2; exit 1; }
    sleep 0.1
done
"$bin/createdb" -h "$dir" -U aro aro

status=0
STORE_DSN="postgresql:///aro?host=$dir&user=aro" STORE_SERVER_PID=$dir/data/postmaster.pid "$@" || status=$?
[ "$status" -eq 0 ] || [ -z "${V:-}" ] || tail -50 "$dir/server.log" >&2
exit "$status"
