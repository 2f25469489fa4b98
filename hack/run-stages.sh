#!/bin/bash
# run-stages.sh [-q] 'NAME: COMMAND'... - runs the commands one after the other, goes on after a failure, shows the time
# of each, and ends with the sum of what they counted: "N passed, N failed". A stage counts by its own last line of
# that form; one that fails without counting a failure counts as one, and so does one that only succeeds, as passed.
# -q shows the output of failing stages only, and of others what stages of their own counted. What failed is said again at
# the end, since a long log is read from there.
set -uo pipefail

quiet=""
if [ "${1:-}" = -q ]; then
    quiet=1
    shift
fi

log=$(mktemp "${TMPDIR:-/tmp}/run-stages.XXXXXX")
trap 'rm -f "$log"' EXIT

# failing_lines LOG: what the log says of each failure, in the words of our runners, with some lines before and after.
failing_lines() {
    grep -aE -B 12 -A 6 '^ *(\| )?(FAILED|\[  FAILED  \]|FAIL:|not ok) ' "$1" | cut -c 1-300 | tail -n 80
}

passed=0
failed=0
summary=()
failures=()
for stage in "$@"; do
    name=${stage%%: *}
    begun=$SECONDS
    status=0
    echo "== $name ($(date +%H:%M:%S))"
    if [ -n "$quiet" ]; then
        bash -c "${stage#*: }" >"$log" 2>&1 </dev/null || status=$?
    else
        bash -c "${stage#*: }" 2>&1 </dev/null | tee "$log"
        status=${PIPESTATUS[0]}
    fi

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
    [ -z "$quiet" ] || sed -n '/^== all stages/,$p' "$log" | grep -E '^(ok|FAILED) ' | sed 's/^/    /'
    summary+=("$(printf '%-6s %-24s %6s passed %4s failed %5s s' \
        "$([ "$bad" -eq 0 ] && echo ok || echo FAILED)" "$name" "$good" "$bad" $((SECONDS - begun)))")
    echo "${summary[-1]}"
done

echo
echo "== all stages, $SECONDS s"
[ "${#failures[@]}" -eq 0 ] || printf '%s\n' "${failures[@]}" ""
[ "${#summary[@]}" -eq 0 ] || printf '%s\n' "${summary[@]}"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
