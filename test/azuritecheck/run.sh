#!/bin/bash
# run.sh - azuritecheck, which BIN holds, with an account of Azurite and one of the simulated Azure, both over TLS on free ports
# of loopback. Ends with "N passed, N failed".
#
# Azurite needs a newer Node than some systems have: then one is installed by npm into NODE_HOME.
set -euo pipefail
export LC_ALL=C
here=$(cd "$(dirname "$0")" && pwd)
WAIT_S=${WAIT_S:-60}
export REFERENCE_ACCOUNT=azurite1 SIMULATED_ACCOUNT=simulated1
# shellcheck source=test/harness/node.sh
. "$here/../harness/node.sh"
for program in azuritecheck azuresim; do
    [ -x "${BIN:?}/$program" ] || {
        echo "run.sh: there is no $program in $BIN" >&2
        exit 1
    }
done
find_node

work=$(mktemp -d "${TMPDIR:-/tmp}/azuritecheck.XXXXXX")
processes=()
end() {
    local process
    for process in "${processes[@]}"; do
        kill "$process" 2>/dev/null || true
        wait "$process" 2>/dev/null || true
    done
    rm -rf "$work"
}
trap end EXIT

# await WHAT COMMAND...: until the command succeeds, while the process that was started last lives.
await() {
    local what=$1 until_s=$((SECONDS + WAIT_S))
    shift
    until "$@"; do
        if ! kill -0 "${processes[-1]}" 2>/dev/null || [ "$SECONDS" -ge "$until_s" ]; then
            echo "run.sh: $what does not listen:" >&2
            cat "$work/$what.log" >&2
            exit 1
        fi
        sleep 0.05
    done
}

STORAGE_KEY=$(head -c 64 /dev/urandom | base64 -w 0)
export STORAGE_KEY

mkdir "$work/azure"
"$BIN/azuresim" --dir "$work/azure" >"$work/azuresim.log" 2>&1 &
processes+=($!)
await azuresim test -s "$work/azure/url"
id=/subscriptions/s/resourcegroups/g/providers/microsoft.storage/storageaccounts/$SIMULATED_ACCOUNT
curl -sfS -o /dev/null --cacert "$work/azure/ca.crt" -X PATCH "$(cat "$work/azure/url")/_devcloud/state" -d @- <<STATE
{"resources": {"$id": {"id": "$id", "name": "$SIMULATED_ACCOUNT", "type": "Microsoft.Storage/storageAccounts",
 "properties": {}, "keys": [{"keyName": "key1", "value": "$STORAGE_KEY"}], "containers": {}}}}
STATE

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=azurite \
    -addext "subjectAltName=DNS:$REFERENCE_ACCOUNT.blob.core.windows.net" -keyout "$work/key.pem" -out "$work/cert.pem" \
    2>"$work/azurite.log" || { cat "$work/azurite.log" >&2; exit 1; }
AZURITE_ACCOUNTS=$REFERENCE_ACCOUNT:$STORAGE_KEY node "$here/node_modules/azurite/dist/src/blob/main.js" --inMemoryPersistence \
    --disableTelemetry --blobHost 127.0.0.1 --blobPort 0 --cert "$work/cert.pem" --key "$work/key.pem" \
    --silent >"$work/azurite.log" 2>&1 &
processes+=($!)
await azurite grep -qE 'listens on https://127\.0\.0\.1:[1-9]' "$work/azurite.log"
port=$(sed -nE 's#.*listens on https://127\.0\.0\.1:([0-9]+).*#\1#p' "$work/azurite.log" | head -n 1)

{
    echo "$REFERENCE_ACCOUNT.blob.core.windows.net:443 127.0.0.1:$port"
    cat "$work/azure/connect-to"
} >"$work/connect-to"
cat "$work/azure/ca.crt" "$work/cert.pem" >"$work/ca.crt"
SSL_CERT_FILE=$work/ca.crt ARO_CONNECT_TO=$work/connect-to "$BIN/azuritecheck"
