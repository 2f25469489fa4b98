#!/bin/bash
# run.sh SUITE - the driver for Cosmos DB against a server of its interface (serve.sh): cosmoscheck, which BIN holds, then
# SUITE, the conformance suite of document stores; then cosmoscheck once more with tokens of the directory, which the simulated
# Azure gives and checks in front of that server. Ends with "N passed, N failed".
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
WAIT_S=${WAIT_S:-30}

if [ "$1" != --served ]; then
    for program in cosmoscheck azuresim; do
        [ -x "${BIN:?}/$program" ] || {
            echo "run.sh: there is no $program in $BIN" >&2
            exit 1
        }
    done
    exec "$here/serve.sh" "$0" --served "$1"
fi

work=$(mktemp -d "${TMPDIR:-/tmp}/cosmoscheck.XXXXXX")
azure=""
end() {
    if [ -n "$azure" ]; then
        kill "$azure" 2>/dev/null || true
        wait "$azure" 2>/dev/null || true
    fi
    rm -rf "$work"
}
trap end EXIT

# begin_azure: its account acct keeps its documents on the server, and lets in the application of the default state.
begin_azure() {
    local role=/subscriptions/s/resourcegroups/g/providers/microsoft.documentdb/databaseaccounts/acct/sqlroleassignments/r
    local until_s=$((SECONDS + WAIT_S))
    mkdir "$work/azure"
    "$BIN/azuresim" --dir "$work/azure" >"$work/log" 2>&1 &
    azure=$!
    until [ -s "$work/azure/url" ]; do
        if ! kill -0 "$azure" 2>/dev/null || [ "$SECONDS" -ge "$until_s" ]; then
            echo "run.sh: azuresim does not listen:" >&2
            cat "$work/log" >&2
            exit 1
        fi
        sleep 0.05
    done
    curl -sfS -o /dev/null --cacert "$work/azure/ca.crt" -X PATCH "$(cat "$work/azure/url")/_devcloud/state" -d @- <<EOF
{"cosmos": {"endpoint": "$COSMOS_URL", "key": "$COSMOS_KEY"}, "resources": {"$role": {"id": "$role", "name": "r",
 "properties": {"principalId": "33333333-3333-3333-3333-333333333333"}}}}
EOF
}

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
begin_azure
echo '  with tokens:'
part env COSMOS_ACCOUNT=acct SSL_CERT_FILE="$work/azure/ca.crt" ARO_CONNECT_TO="$work/azure/connect-to" \
    AZURE_TENANT_ID=22222222-2222-2222-2222-222222222222 AZURE_CLIENT_ID=11111111-1111-1111-1111-111111111111 \
    AZURE_CLIENT_SECRET=dummy-client-secret "$BIN/cosmoscheck" "$COSMOS_URL"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
