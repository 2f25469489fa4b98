# shellcheck shell=bash
# aro_rp.sh - a resource provider in development mode for shell tests, on free ports. Sourced after cases.sh.

# The values of a developer who has filled env in.
development() {
    # shellcheck source=env.example
    . "$ROOT/env.example"
    export AZURE_TENANT_ID=00000000-0000-0000-0000-00000000000b
    AZURE_SUBSCRIPTION_ID=00000000-0000-0000-0000-00000000000a
    AZURE_CLIENT_ID=00000000-0000-0000-0000-00000000000c
    export AZURE_CLIENT_SECRET=verysecret
    export DOMAIN=aro.example
    export DOMAIN_RESOURCEGROUP=dns
    export ARO_RP_BACKEND_DELETE_DELAY_MS=0
}

# start PROGRAM...: in the background, with its documents in the current folder; sets PID, PORT (the plain one) and
# TLS_PORT. Its log is the file log.
start() {
    : >log # now: the lines below must not read an earlier one's
    "$@" --port 0 --plain-port 0 >>log 2>&1 &
    PID=$!
    trap 'kill -9 "$PID" 2>/dev/null || true' EXIT
    until PORT=$(sed -n 's/.* without TLS on 127.0.0.1:\([0-9]*\)".*/\1/p' log) && [ -n "$PORT" ]; do
        kill -0 "$PID" || { cat log; return 1; }
        sleep 0.02
    done
    # shellcheck disable=SC2034 # for callers
    TLS_PORT=$(sed -n 's/.*listening on port \([0-9]*\)".*/\1/p' log)
    until command curl -sf "localhost:$PORT/healthz/ready" >/dev/null; do sleep 0.02; done
}

stop() {
    kill -TERM "$PID"
    local status=0
    wait "$PID" || status=$?
    expect "$status" = 0
    tail -1 log | expect_text 'msg="stopped"'
}

# start_azure: a simulated Azure, where the environment leads from now on; its address in AZURE.
start_azure() {
    "$BIN/azuresim" --dir . >azure.log 2>&1 &
    AZURE_PID=$!
    until [ -s url ]; do kill -0 "$AZURE_PID"; sleep 0.02; done
    # shellcheck disable=SC2034 # for callers
    AZURE=$(cat url)
    export AZURE_TENANT_ID=22222222-2222-2222-2222-222222222222
    export SSL_CERT_FILE=$PWD/ca.crt ARO_CONNECT_TO=$PWD/connect-to
}

stop_azure() {
    kill "$AZURE_PID"
    wait "$AZURE_PID" || true
}

# curl, quiet; what says localhost:8080, as the quick start does, goes to the port of this run.
curl() { command curl -s "${@//localhost:8080/localhost:$PORT}"; }

# cluster_id NAME [SUBSCRIPTION]: in the resource group of its name.
cluster_id() {
    echo "/subscriptions/${2:-$AZURE_SUBSCRIPTION_ID}/resourceGroups/$1/providers/Microsoft.RedHatOpenShift/OpenShiftClusters/$1"
}

# await_text ID PATTERN: until the cluster's reply has a line that matches.
await_text() {
    local reply until=$((SECONDS + 60))
    until reply=$(curl "localhost:8080$1?api-version=2019-12-31-preview") && grep -qE -e "$2" <<<"$reply"; do
        if ! kill -0 "$PID" || [ "$SECONDS" -ge "$until" ]; then
            echo "line ${BASH_LINENO[0]}: nothing matches <$2> in: $reply"
            tail -20 log
            return 1
        fi
    done
}
