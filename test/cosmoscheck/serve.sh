#!/bin/bash
# serve.sh [--tls] COMMAND... - runs a command beside a server of Cosmos DB's interface (server.mjs) on a free port of
# loopback, and ends it with the command. The command finds COSMOS_URL and COSMOS_KEY; with --tls what the resource provider
# reads: COSMOSDB_ACCOUNT and COSMOSDB_KEY, the way to it (ARO_CONNECT_TO) and whom to trust (SSL_CERT_FILE).
#
# The server needs a newer Node than some systems have: then one is installed by npm into NODE_HOME.
set -euo pipefail
export LC_ALL=C
here=$(cd "$(dirname "$0")" && pwd)
WAIT_S=${WAIT_S:-60}
ACCOUNT=crash
# shellcheck source=test/harness/node.sh
. "$here/../harness/node.sh"
find_node

tls=""
[ "${1:-}" != --tls ] || { tls=yes && shift; }
[ $# -gt 0 ] || { sed -n '2,6s/^# \?//p' "$0"; exit 2; }

work=$(mktemp -d "${TMPDIR:-/tmp}/cosmos.XXXXXX")
server=""
end() {
    if [ -n "$server" ]; then
        kill "$server" 2>/dev/null || true
        wait "$server" 2>/dev/null || true
    fi
    rm -rf "$work"
}
trap end EXIT

files=()
if [ -n "$tls" ]; then
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj "/CN=$ACCOUNT" \
        -addext "subjectAltName=DNS:$ACCOUNT.documents.azure.com" -keyout "$work/key" -out "$work/cert" 2>"$work/log" ||
        { cat "$work/log" >&2; exit 1; }
    files=("$work/cert" "$work/key")
fi

COSMOS_KEY=$(head -c 64 /dev/urandom | base64 -w 0)
export COSMOS_KEY
node "$here/server.mjs" "$work/url" "${files[@]}" >"$work/log" 2>&1 &
server=$!
until_s=$((SECONDS + WAIT_S))
until [ -s "$work/url" ]; do
    if ! kill -0 "$server" 2>/dev/null || [ "$SECONDS" -ge "$until_s" ]; then
        echo "serve.sh: the server does not listen:" >&2
        cat "$work/log" >&2
        exit 1
    fi
    sleep 0.05
done

COSMOS_URL=$(cat "$work/url")
export COSMOS_URL
if [ -n "$tls" ]; then
    echo "$ACCOUNT.documents.azure.com:443 ${COSMOS_URL#https://}" >"$work/connect-to"
    export COSMOSDB_ACCOUNT=$ACCOUNT COSMOSDB_KEY=$COSMOS_KEY
    export ARO_CONNECT_TO=$work/connect-to SSL_CERT_FILE=$work/cert
fi

status=0
"$@" || status=$?
if [ "$status" -ne 0 ]; then
    echo "serve.sh: what the server had to say:" >&2
    tail -50 "$work/log" >&2
fi
exit "$status"
