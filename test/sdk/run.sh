#!/bin/bash
# run.sh [FILE...] - Microsoft's own clients against the simulated Azure: each FILE (default: every *.test.mjs here) has a
# simulator of its own, on a free port of loopback, whose authority Node trusts from its start. BIN holds azuresim.
# Ends with "N passed, N failed"; a case that is skipped, cancelled or postponed counts as failed.
#
# The clients need a newer Node than some systems have: then one is installed by npm into NODE_HOME.
set -euo pipefail
export LC_ALL=C
here=$(cd "$(dirname "$0")" && pwd)
WAIT_S=${WAIT_S:-30}
# shellcheck source=test/harness/node.sh
. "$here/../harness/node.sh"

[ -x "${BIN:?}/azuresim" ] || {
    echo "run.sh: there is no azuresim in $BIN" >&2
    exit 1
}

find_node

work=$(mktemp -d "${TMPDIR:-/tmp}/sdk-test.XXXXXX")
simulator=""
# end: stops the simulator; its exit status.
end() {
    local status=0
    if [ -n "$simulator" ]; then
        kill "$simulator" 2>/dev/null || true
        wait "$simulator" 2>/dev/null || status=$?
    fi
    simulator=""
    return "$status"
}
trap 'end || true; rm -rf "$work"' EXIT

# begin DIR: starts a simulator there; its address is in DIR/url.
begin() {
    mkdir "$1"
    "$BIN/azuresim" --dir "$1" >"$1/log" 2>&1 &
    simulator=$!
    local until=$((SECONDS + WAIT_S))
    until [ -s "$1/url" ]; do
        if ! kill -0 "$simulator" 2>/dev/null || [ "$SECONDS" -ge "$until" ]; then
            echo "run.sh: azuresim does not listen:" >&2
            cat "$1/log" >&2
            return 1
        fi
        sleep 0.05
    done
}

passed=0
failed=0
# run_file FILE: with a simulator of its own; adds to passed and failed.
run_file() {
    local dir good bad
    dir=$work/$(basename "$1" .test.mjs)
    begin "$dir" || {
        failed=$((failed + 1))
        return 0
    }
    AZURE_URL=$(cat "$dir/url") NODE_EXTRA_CA_CERTS=$dir/ca.crt TMPDIR=$work node_test "$dir/tap" "$1"
    end || {
        echo "run.sh: azuresim ended with status $?:" >&2
        cat "$dir/log" >&2
        bad=$((bad + 1))
    }
    passed=$((passed + good))
    failed=$((failed + bad))
}

[ $# -gt 0 ] || set -- "$here"/*.test.mjs
for file in "$@"; do
    run_file "$file"
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
