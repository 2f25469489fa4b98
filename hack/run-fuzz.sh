#!/bin/bash
# run-fuzz.sh FUZZER... - runs libFuzzer executables fuzz_NAME for FUZZ_SECONDS each (default 60), JOBS at once, from
# the corpus test/fuzz/corpus/NAME. What makes one fail is left in ARTIFACTS (default build/fuzz/artifacts). New inputs go
# to a scratch folder; with FUZZ_GROW=1 those that reach new code join the corpus. FUZZ_SEED other than 0 makes a run that can
# be had again. Ends with "N passed, N failed".
set -uo pipefail
export LC_ALL=C

export seconds=${FUZZ_SECONDS:-60}
export ARTIFACTS=${ARTIFACTS:-build/fuzz/artifacts}

run_one() {
    local fuzzer=$1 name corpus dict=() status=0
    name=${fuzzer##*/fuzz_}
    corpus=test/fuzz/corpus/$name
    if [ ! -d "$corpus" ]; then
        echo "  FAILED $name: no corpus in $corpus"
        return 1
    fi
    mkdir -p "$RESULTS/$name.new" "$ARTIFACTS"
    [ ! -f "test/fuzz/$name.dict" ] || dict=("-dict=test/fuzz/$name.dict")

    ASAN_OPTIONS=detect_leaks=1:allocator_may_return_null=1 UBSAN_OPTIONS=print_stacktrace=1 \
        "$fuzzer" -max_total_time="$seconds" -timeout=25 -rss_limit_mb=2048 -print_final_stats=1 \
        -seed="${FUZZ_SEED:-0}" -artifact_prefix="$ARTIFACTS/$name-" "${dict[@]}" "$RESULTS/$name.new" "$corpus" \
        >"$RESULTS/$name.log" 2>&1 </dev/null || status=$?
    if [ "$status" -ne 0 ]; then
        printf '  FAILED %s: exit status %s\n%s\n' "$name" "$status" \
            "$(grep -v '^#[0-9]*\s*\(NEW\|REDUCE\|pulse\|RELOAD\)' "$RESULTS/$name.log" | tail -n 80 | sed 's/^/    | /')"
        return 1
    fi
    [ -z "${FUZZ_GROW:-}" ] || "$fuzzer" -merge=1 "$corpus" "$RESULTS/$name.new" >/dev/null 2>&1
    echo "  ok     $name ($(sed -n 's/^stat::number_of_executed_units: *//p' "$RESULTS/$name.log") runs)"
}

if [ "${1:-}" = --one ]; then
    run_one "$2" || : >"$RESULTS/${2##*/}.failed"
    exit 0
fi

RESULTS=$(mktemp -d "${TMPDIR:-/tmp}/run-fuzz.XXXXXX")
export RESULTS
trap 'rm -rf "$RESULTS"' EXIT
printf '%s\0' "$@" | xargs -0 -n 1 -P "${JOBS:-2}" "$0" --one

failed=0
for fuzzer in "$@"; do
    [ ! -e "$RESULTS/${fuzzer##*/}.failed" ] || failed=$((failed + 1))
done
echo "$(($# - failed)) passed, $failed failed"
[ "$failed" -eq 0 ] && [ $# -gt 0 ]
