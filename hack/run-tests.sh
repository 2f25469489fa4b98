#!/bin/bash
# run-tests.sh [-s SUMMARY] [-b BASE]... TEST... - runs cmocka executables (and scripts that report in cmocka's words,
# test/unit/support/cases.sh) and counts their test cases.
#
# Each gets a private TMPDIR and TIMEOUT seconds (environment, default 120); JOBS run at once. Failures are shown with
# their output. A crash, a time-out, a sanitizer's report, a skipped case and an executable without cases each count as
# a failure. Cases that a test says it left out ("[ LEFT OUT ] N test(s): WHY") are told before the end. The last line is "N passed,
# N failed", also written to SUMMARY. A leading BASE is cut from shown names.
#
# AGAIN=1 is for machines that are busy with other work: tests with a failed case, or without an end, are run once more when the
# others are done, one by one, and only that counts. A crash, or a sanitizer's report alone, counts at once.
set -uo pipefail
export LC_ALL=C

timeout_s=${TIMEOUT:-120}
jobs=${JOBS:-2}

# shown_name TEST: without its base
shown_name() {
    local base
    for base in ${BASES//:/ }; do
        if [[ $1 == "$base"/* ]]; then
            echo "${1#"$base"/}"
            return
        fi
    done
    echo "$1"
}

# sum_of PATTERN FILE: adds up the numbers that the pattern's group holds.
sum_of() {
    sed -n "s/$1.*/\\1/p" "$2" | awk '{ n += $1 } END { print n + 0 }'
}

# count_cases DIR: sets passed, failed and skipped from what the test printed.
count_cases() {
    local output=$1/output
    skipped=$(sum_of '^\[  SKIPPED \] \([0-9]*\) test(s), listed below:' "$output")
    if grep -aq '^\[==========\] [0-9]* test(s) run\.' "$output"; then
        passed=$(sum_of '^\[  PASSED  \] \([0-9]*\) test(s)\.' "$output")
        # cmocka leaves the group's name out, our scripts do not
        failed=$(($(sum_of '^\[  FAILED  \] \([0-9]*\) test(s), listed below:' "$output") +
            $(sum_of '^\[  FAILED  \] [^:]*: \([0-9]*\) test(s), listed below:' "$output")))
    else # it ended in the middle: take what it had reported
        passed=$(grep -ac '\[       OK \]' "$output")
        failed=$(grep -ac '^\[  FAILED  \]' "$output")
    fi
}

# judge STATUS DIR: sets reason when something other than a test case went wrong.
judge() {
    reason=""
    if [ "$1" -eq 124 ] || [ "$1" -eq 137 ]; then
        reason="no end within ${timeout_s} s"
    elif compgen -G "$2/sanitizer.*" >/dev/null; then
        reason="sanitizer report"
    elif [ "$1" -gt 128 ]; then
        reason="killed by signal $(($1 - 128))"
    elif [ "$1" -ne 0 ] && [ "$failed" -eq 0 ]; then
        reason="exit status $1"
    elif [ "$skipped" -gt 0 ]; then
        reason="$skipped skipped"
    elif [ "$((passed + failed))" -eq 0 ]; then
        reason="no test case ran"
    fi
}

# run_one TEST: leaves its counts below RESULTS and prints one line, or the failure.
run_one() {
    local test=$1 shown dir options status=0 passed failed skipped reason
    shown=$(shown_name "$test")
    dir=$RESULTS/${shown//\//-}
    mkdir -p "$dir/tmp"

    options="log_path=$dir/sanitizer:exitcode=99"
    TMPDIR=$dir/tmp CMOCKA_MESSAGE_OUTPUT=stdout \
        ASAN_OPTIONS="$options:detect_leaks=1:strict_string_checks=1:detect_stack_use_after_return=1" \
        UBSAN_OPTIONS="$options:print_stacktrace=1" \
        TSAN_OPTIONS="$options:second_deadlock_stack=1" \
        timeout -k 5 "$timeout_s" "$test" >"$dir/output" 2>&1 </dev/null || status=$?

    count_cases "$dir"
    judge "$status" "$dir"
    case $failed:$reason in # what may only have been too late; a failed case leaves threads, of which sanitizers tell
    *:"no end"* | [1-9]*: | [1-9]*:"sanitizer report") touch "$dir/late" ;;
    esac
    [ -z "$reason" ] || failed=$((failed + 1))
    echo "$passed" >"$dir/passed"
    echo "$failed" >"$dir/failed"

    sed -n 's/^\[ LEFT OUT \] \([0-9]*\) test(s): /\1 /p' "$dir/output" >"$dir/left-out"

    if [ "$failed" -eq 0 ]; then
        printf '  ok     %s (%s)\n' "$shown" "$passed"
        return
    fi
    { # one write, so that two failures do not mix
        printf '  FAILED %s%s\n' "$shown" "${reason:+: $reason}"
        tail -n 400 "$dir/output" | sed 's/^/    | /'
        if compgen -G "$dir/sanitizer.*" >/dev/null; then
            head -n 120 "$dir"/sanitizer.* | sed 's/^/    ! /'
        fi
    } >"$dir/report"
    cat "$dir/report"
}

if [ "${1:-}" = --one ]; then
    run_one "$2"
    exit 0
fi

summary_file=""
BASES=""
while getopts s:b: option; do
    case $option in
    s) summary_file=$OPTARG ;;
    b) BASES+=:$OPTARG ;;
    *) exit 2 ;;
    esac
done
shift $((OPTIND - 1))

RESULTS=$(mktemp -d "${TMPDIR:-/tmp}/run-tests.XXXXXX")
export BASES RESULTS
trap 'chmod -R u+rwX "$RESULTS" 2>/dev/null; rm -rf "$RESULTS"' EXIT

[ $# -eq 0 ] || printf '%s\0' "$@" | xargs -0 -n 1 -P "$jobs" "$0" --one

# again TEST: forgets how it went, and runs it.
again() {
    local dir
    dir=$(shown_name "$1")
    dir=$RESULTS/${dir//\//-}
    [ -e "$dir/late" ] || return 0
    chmod -R u+rwX "$dir"
    rm -rf "$dir"
    printf '  again  %s, by itself\n' "$(shown_name "$1")"
    "$0" --one "$1"
}
if [ -n "${AGAIN:-}" ]; then
    for test in "$@"; do
        again "$test"
    done
fi

passed=0
failed=0
for test in "$@"; do
    dir=$(shown_name "$test")
    dir=$RESULTS/${dir//\//-}
    passed=$((passed + $(cat "$dir/passed" 2>/dev/null || echo 0)))
    failed=$((failed + $(cat "$dir/failed" 2>/dev/null || echo 1)))
    cat "$dir/left-out" 2>/dev/null
done >"$RESULTS/left-out"
if [ $# -eq 0 ]; then
    echo "  FAILED no test was selected"
    failed=1
fi
# What did not run is said once for each reason.
awk '{ n = $1; sub(/^[0-9]+ /, ""); sum[$0] += n }
    END { for (why in sum) print sum[why] " left out: " why }' "$RESULTS/left-out" | sort -k 4
[ -z "$summary_file" ] || echo "$passed passed, $failed failed" >"$summary_file"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
