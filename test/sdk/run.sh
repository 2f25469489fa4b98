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
NODE_VERSION=20.20.2

[ -x "${BIN:?}/azuresim" ] || {
    echo "run.sh: there is no azuresim in $BIN" >&2
    exit 1
}

# find_node: puts a Node that is new enough first on PATH.
find_node() {
    local min=${NODE_MIN:-20} machine
    [ "$(node -p 'process.versions.node.split(".")[0]')" -lt "$min" ] || return 0
    case $(uname -m) in
    x86_64) machine=x64 ;;
    aarch64) machine=arm64 ;;
    *)
        echo "run.sh: Node $min or later is needed, and npm has none for $(uname -m)" >&2
        return 1
        ;;
    esac
    local package=node-linux-$machine
    if [ ! -x "${NODE_HOME:?}/node_modules/$package/bin/node" ]; then
        mkdir -p "$NODE_HOME"
        npm install --silent --no-save --prefix "$NODE_HOME" "$package@$NODE_VERSION"
    fi
    PATH=$NODE_HOME/node_modules/$package/bin:$PATH
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

# count WORD FILE: what Node's summary says about it.
count() {
    sed -n "s/^# $1 \\([0-9]*\\)\$/\\1/p" "$2" | tail -n 1
}

passed=0
failed=0
# run_file FILE: with a simulator of its own; adds to passed and failed.
run_file() {
    local dir status=0 good bad=0 word
    dir=$work/$(basename "$1" .test.mjs)
    begin "$dir" || {
        failed=$((failed + 1))
        return 0
    }
    AZURE_URL=$(cat "$dir/url") NODE_EXTRA_CA_CERTS=$dir/ca.crt TMPDIR=$work \
        node --test --test-reporter=spec --test-reporter-destination=stdout \
        --test-reporter=tap --test-reporter-destination="$dir/tap" "$1" || status=$?
    end || {
        echo "run.sh: azuresim ended with status $?:" >&2
        cat "$dir/log" >&2
        bad=1
    }
    good=$(count pass "$dir/tap")
    for word in fail cancelled skipped todo; do
        bad=$((bad + $(count "$word" "$dir/tap" | grep . || echo 0)))
    done
    if [ "$bad" -eq 0 ] && { [ "$status" -ne 0 ] || [ "${good:-0}" -eq 0 ]; }; then
        echo "run.sh: $1: exit status $status, ${good:-no} cases" >&2
        bad=1
    fi
    passed=$((passed + ${good:-0}))
    failed=$((failed + bad))
}

[ $# -gt 0 ] || set -- "$here"/*.test.mjs
for file in "$@"; do
    run_file "$file"
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
