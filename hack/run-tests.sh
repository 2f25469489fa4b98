#!/bin/bash
# run-tests.sh [-s SUMMARY] [-b BASE] BINARY... - runs cmocka executables and counts their test cases.
#
# Each gets a private TMPDIR and TIMEOUT seconds (environment, default 120); JOBS run at once. Failures
# are shown with their output. A crash, a time-out, a sanitizer's report, a skipped case and an executable
# without cases each count as a failure. The last line is "N passed, N failed", also written to SUMMARY.
# BASE is cut from the names that are shown.
set -uo pipefail
export LC_ALL=C

timeout_s=${TIMEOUT:-120}
jobs=${JOBS:-2}

# run_one BINARY SHOWN RESULTS: leaves RESULTS/<name>.{passed,failed} and prints one line or the failure.
run_one() {
    local binary=$1 shown=$2 results=$3
    local name dir status=0 passed failed reason= summary
    name=${shown//\//-}
    dir=$results/$name
    mkdir -p "$dir/tmp"

    local options="log_path=$dir/sanitizer:exitcode=99"
    TMPDIR=$dir/tmp CMOCKA_MESSAGE_OUTPUT=stdout \
        ASAN_OPTIONS="$options:detect_leaks=1:strict_string_checks=1:detect_stack_use_after_return=1" \
        UBSAN_OPTIONS="$options:print_stacktrace=1" \
        TSAN_OPTIONS="$options:second_deadlock_stack=1" \
        timeout -k 5 "$timeout_s" "$binary" >"$dir/output" 2>&1 </dev/null || status=$?

    summary=$(grep -ac '^\[==========\] [0-9]* test(s) run\.' "$dir/output")
    if [ "$summary" -gt 0 ]; then
        passed=$(sum_of '^\[  PASSED  \] \([0-9]*\) test(s)\.' "$dir/output")
        failed=$(sum_of '^\[  FAILED  \] [^:]*: \([0-9]*\) test(s), listed below:' "$dir/output")
    else # it ended in the middle: count what it had reported
        passed=$(grep -ac '\[       OK \]' "$dir/output")
        failed=$(grep -ac '^\[  FAILED  \]' "$dir/output")
    fi
    local skipped
    skipped=$(sum_of '^\[  SKIPPED \] \([0-9]*\) test(s), listed below:' "$dir/output")

    if [ "$status" -eq 124 ] || [ "$status" -eq 137 ]; then
        reason="no end within ${timeout_s} s"
    elif compgen -G "$dir/sanitizer.*" >/dev/null; then
        reason="sanitizer report"
    elif [ "$status" -gt 128 ]; then
        reason="killed by signal $((status - 128))"
    elif [ "$status" -ne 0 ] && [ "$failed" -eq 0 ]; then
        reason="exit status $status"
    elif [ "$skipped" -gt 0 ]; then
        reason="$skipped skipped"
    elif [ "$((passed + failed))" -eq 0 ]; then
        reason="no test case ran"
    fi
    [ -z "$reason" ] || failed=$((failed + 1))

    echo "$passed" >"$dir/passed"
    echo "$failed" >"$dir/failed"
    if [ "$failed" -eq 0 ]; then
        printf '  ok     %s (%s)\n' "$shown" "$passed"
    else
        { # one write, so that two failures do not mix
            printf '  FAILED %s%s\n' "$shown" "${reason:+: $reason}"
            tail -n 400 "$dir/output" | sed 's/^/    | /'
            if compgen -G "$dir/sanitizer.*" >/dev/null; then
                head -n 120 "$dir"/sanitizer.* | sed 's/^/    ! /'
            fi
        } >"$dir/report"
        cat "$dir/report"
    fi
}

# sum_of PATTERN FILE: adds up the numbers that the pattern's group holds.
sum_of() {
    sed -n "s/$1.*/\\1/p" "$2" | awk '{ n += $1 } END { print n + 0 }'
}

if [ "${1:-}" = --one ]; then
    binary=$2
    run_one "$binary" "${binary#"$BASE"/}" "$RESULTS"
    exit 0
fi

summary_file=
BASE=.
while getopts s:b: option; do
    case $option in
    s) summary_file=$OPTARG ;;
    b) BASE=$OPTARG ;;
    *) exit 2 ;;
    esac
done
shift $((OPTIND - 1))

RESULTS=$(mktemp -d "${TMPDIR:-/tmp}/run-tests.XXXXXX")
export BASE RESULTS
trap 'chmod -R u+rwX "$RESULTS" 2>/dev/null; rm -rf "$RESULTS"' EXIT

[ $# -eq 0 ] || printf '%s\0' "$@" | xargs -0 -n 1 -P "$jobs" "$0" --one

passed=0
failed=0
for binary in "$@"; do
    shown=${binary#"$BASE"/}
    dir=$RESULTS/${shown//\//-}
    passed=$((passed + $(cat "$dir/passed" 2>/dev/null || echo 0)))
    failed=$((failed + $(cat "$dir/failed" 2>/dev/null || echo 1)))
done
if [ $# -eq 0 ]; then
    echo "  FAILED no test was selected"
    failed=1
fi
[ -z "$summary_file" ] || echo "$passed passed, $failed failed" >"$summary_file"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
