#!/bin/bash
# run-stages.sh [-q] 'NAME: COMMAND'... - runs the commands one after the other, goes on after a failure, shows the time
# of each, and ends with the sum of what they counted: "N passed, N failed". A stage counts by its own last line of
# that form; one that fails without counting a failure counts as one, and so does one that only succeeds, as passed.
#
# '+NAME: COMMAND' is run beside those that follow the first of its kind: these, too, one after the other, at a lower
# priority, since the others watch clocks. Such stages must not build or change what the others use.
# -q shows the output of failing stages only, and of others what stages of their own counted. What failed is said again at
# the end, since a long log is read from there.
set -uo pipefail

quiet=""
if [ "${1:-}" = -q ]; then
    quiet=1
    shift
fi

scratch=$(mktemp -d "${TMPDIR:-/tmp}/run-stages.XXXXXX")
beside_pid=""
end_all() {
    [ -z "$beside_pid" ] || kill -- "-$beside_pid" 2>/dev/null
    rm -rf "$scratch"
}
trap end_all EXIT # bash runs it on signals, too

passed=0
failed=0
summary=()
failures=()

# failing_lines LOG: what the log says of each failure, in the words of our runners, with some lines before and after.
failing_lines() {
    grep -aE -B 12 -A 6 '^ *(\| )?(FAILED|\[  FAILED  \]|FAIL:|not ok) ' "$1" | cut -c 1-300 | tail -n 80
}

# count NAME LOG STATUS SECONDS: adds up what the log of an ended stage says.
count() {
    local name=$1 log=$2 status=$3 good bad
    read -r good bad < <(sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' "$log" | tail -n 1) || good='' bad=''
    if [ -z "$good" ]; then
        good=$((status == 0)) bad=$((status != 0))
    elif [ "$status" -ne 0 ] && [ "$bad" -eq 0 ]; then
        bad=1
    fi
    passed=$((passed + good))
    failed=$((failed + bad))
    if [ "$bad" -gt 0 ]; then
        [ -z "$quiet" ] || cat "$log"
        failures+=("-- $name" "$(failing_lines "$log")")
    fi
    summary+=("$(printf '%-6s %-24s %6s passed %4s failed %5s s' \
        "$([ "$bad" -eq 0 ] && echo ok || echo FAILED)" "$name" "$good" "$bad" "$4")")
    [ -z "$quiet" ] || sed -n '/^== all stages/,$p' "$log" | grep -E '^(ok|FAILED) ' | sed 's/^/    /'
    echo "${summary[-1]}"
}

# run_stage STAGE: runs it and counts.
run_stage() {
    local name=${1%%: *} begun=$SECONDS status=0 log=$scratch/log
    echo "== $name ($(date +%H:%M:%S))"
    if [ -n "$quiet" ]; then
        bash -c "${1#*: }" >"$log" 2>&1 </dev/null || status=$?
    else
        bash -c "${1#*: }" 2>&1 </dev/null | tee "$log"
        status=${PIPESTATUS[0]}
    fi
    count "$name" "$log" "$status" $((SECONDS - begun))
}

# In its own process group (setsid), so that all of it can be ended.
start_beside() {
    beside_begun=$SECONDS
    echo "== beside: ${beside[*]%%: *} ($(date +%H:%M:%S))"
    setsid nice -n 10 "$0" -q "${beside[@]}" >"$scratch/beside" 2>&1 </dev/null &
    beside_pid=$!
}

beside=()
for stage in "$@"; do
    [[ $stage != +* ]] || beside+=("${stage#+}")
done
for stage in "$@"; do
    if [[ $stage != +* ]]; then
        run_stage "$stage"
    elif [ -z "$beside_pid" ]; then
        start_beside
    fi
done
if [ -n "$beside_pid" ]; then
    status=0
    wait "$beside_pid" || status=$?
    beside_pid=""
    count beside "$scratch/beside" "$status" $((SECONDS - beside_begun))
fi

echo
echo "== all stages, $SECONDS s"
[ "${#failures[@]}" -eq 0 ] || printf '%s\n' "${failures[@]}" ""
[ "${#summary[@]}" -eq 0 ] || printf '%s\n' "${summary[@]}"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
