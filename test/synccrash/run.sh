#!/bin/bash
# run.sh SECONDS - SyncSets under kills, in each of their ways to run at the same time: a process with SQLite, processes that
# share PostgreSQL, and such with RabbitMQ, too. Shows one run behind the other; ends with the sum, "N passed, N failed".
# BIN is the folder with the programs.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit

dir=$(mktemp -d "${TMPDIR:-/tmp}/sync-crash.XXXXXX")
trap 'rm -rf "$dir"' EXIT

postgresql=test/harness/postgresql/run.sh
rabbitmq=test/harness/rabbitmq/run.sh
CRASH_SEED=${CRASH_SEED:-$RANDOM$RANDOM}
export CRASH_SEED

# start NAME COMMAND...: in the background.
names=()
start() {
    names+=("$1")
    "${@:2}" "$BIN/synccrash" "$seconds" >"$dir/$1" 2>&1 </dev/null &
    pids+=($!)
}

seconds=${1:?usage: run.sh SECONDS}
pids=()
start embedded env
start postgresql "$postgresql"
start rabbitmq "$postgresql" "$rabbitmq"

passed=0
failed=0
for i in "${!names[@]}"; do
    status=0
    wait "${pids[i]}" || status=$?
    grep -v 'line [0-9]*: .*Killed' "$dir/${names[i]}"
    read -r good bad < <(sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' "$dir/${names[i]}") || good=0 bad=1
    [ "$status" -eq 0 ] || [ "$bad" -gt 0 ] || bad=1
    passed=$((passed + good))
    failed=$((failed + bad))
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
