#!/bin/bash
# The figures of SyncSets (test/bench/bench_syncsets.sh) at a tiny size, so that what prints them goes on working. STORE_DSN and
# BROKER_URL name a real PostgreSQL and a real RabbitMQ (`make syncsets-check`), BIN holds the programs.
# shellcheck source=test/unit/support/cases.sh
. "$(dirname "$0")/../unit/support/cases.sh"

# shellcheck disable=SC2317
test_prints_figures() {
    psql -q "${STORE_DSN:?}" -c 'CREATE DATABASE bench'
    cd "$ROOT"
    CLUSTERS=20 SETS=3 DEAD=2 REAL=1 WRITES=64 RATE=20 WATCHES=3 IDLE_S=1 LIMIT_S=300 DEAD_LIMIT_S=1 CONTROLLERS=1 \
        STORE_DSN=${STORE_DSN/\/aro?/\/bench?} expect_status 0 \
        test/bench/bench_syncsets.sh --run RabbitMQ "$CASE_DIR"

    for figure in 'registered' 'everything for the first time +[0-9.]+ s' 'idle, ' 'nothing is due.* [0-9.]+ s' \
        'one SelectorSyncSet changes.* [0-9.]+ s' 'one SyncSet of one cluster +[0-9.]+ s' 'writes, .* [0-9]+/s .*pgbench.* [0-9]+/s' \
        'until a watch has it +[0-9.]+, ' 'memory of a watch +[0-9]+ KB' '2 clusters freeze.* [0-9.]+ s' 'memory of controller-1, RSS +[0-9.]+ MB'; do
        expect_text "$figure" <output
    done
    psql -q "$STORE_DSN" -c 'DROP DATABASE bench WITH (FORCE)'
}

run_cases "figures of SyncSets" "prints all of them for a tiny fleet" test_prints_figures
