#!/bin/bash
# run.sh SUITE - the driver for Cosmos DB against a server on a free port of loopback (server.mjs): cosmoscheck, which BIN
# holds, then SUITE, the conformance suite of document stores. Ends with "N passed, N failed".
#
# The server needs a newer Node than some systems have: then one is installed by npm into NODE_HOME.
set -euo pipefail
export LC_ALL=C
here=$(cd "$(dirname "$0")" && pwd)
WAIT_S=${WAIT_S:-30}
# shellcheck source=test/harness/node.sh
. "$here/../harness/node.sh"

[ -x "${BIN:?}/cosmoscheck" ] || {
    echo "run.sh: there is no cosmoscheck in $BIN" >&2
    exit 1
}

find_node

work=$(mktemp -d "${TMPDIR:-/tmp}/cosmoscheck.XXXXXX")
server=""
end() {
    if [ -n "$server" ]; then
        kill "$server" 2>/dev/null || true
        wait "$server" 2>/dev/null || true
    fi
    rm -rf "$work"
}
trap end EXIT

COSMOS_KEY=$(head -c 64 /dev/urandom | base64 -w 0)
export COSMOS_KEY
node "$here/server.mjs" "$work/url" >"$work/log" 2>&1 &
server=$!
until_s=$((SECONDS + WAIT_S))
until [ -s "$work/url" ]; do
    if ! kill -0 "$server" 2>/dev/null || [ "$SECONDS" -ge "$until_s" ]; then
        echo "run.sh: the server does not listen:" >&2
        cat "$work/log" >&2
        exit 1
    fi
    sleep 0.05
done

passed=0
failed=0
# part COMMAND...: runs it, shows what it says but for its last line, which is counted.
part() {
    local status=0 summary
    "$@" >"$work/part" || status=$?
    summary=$(tail -n 1 "$work/part")
    sed '$d' "$work/part"
    if [[ ! $summary =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed$ ]]; then
        echo "run.sh: $1 ended with status $status: $summary" >&2
        failed=$((failed + 1))
        return 0
    fi
    passed=$((passed + BASH_REMATCH[1]))
    failed=$((failed + BASH_REMATCH[2]))
}

url=$(cat "$work/url")
part "$BIN/cosmoscheck" "$url"
part env COSMOS_URL="$url" hack/run-tests.sh -b "${1%/pkg/*}" "$1"
if [ "$failed" -gt 0 ]; then
    echo "run.sh: what the server had to say:" >&2
    cat "$work/log" >&2
fi
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
