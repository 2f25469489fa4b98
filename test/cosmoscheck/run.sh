#!/bin/bash
# run.sh SUITE - the driver for Cosmos DB against a server of its interface (serve.sh): cosmoscheck, which BIN holds, then
# SUITE, the conformance suite of document stores. Ends with "N passed, N failed".
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

if [ "$1" != --served ]; then
    [ -x "${BIN:?}/cosmoscheck" ] || {
        echo "run.sh: there is no cosmoscheck in $BIN" >&2
        exit 1
    }
    exec "$here/serve.sh" "$0" --served "$1"
fi

work=$(mktemp -d "${TMPDIR:-/tmp}/cosmoscheck.XXXXXX")
trap 'rm -rf "$work"' EXIT
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

part "$BIN/cosmoscheck" "${COSMOS_URL:?}"
part hack/run-tests.sh -b "${2%/pkg/*}" "$2"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
