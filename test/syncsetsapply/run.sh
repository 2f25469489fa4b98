#!/bin/bash
# run.sh TEST... - unit tests that apply sets to a cluster (test/unit/support/joint/syncsets/apply_rig.h), with the real API server
# as that cluster and the fault proxy, which BIN holds, before it. Arguments are those of hack/run-tests.sh. Ends with
# "N passed, N failed".
set -euo pipefail
export LC_ALL=C
here=$(cd "$(dirname "$0")" && pwd)
envtest=$here/../../hack/envtest-run.sh
WAIT_S=${WAIT_S:-30}

work=$(mktemp -d "${TMPDIR:-/tmp}/syncsetsapply.XXXXXX")
proxy=""
end() {
    if [ -n "$proxy" ]; then
        kill "$proxy" 2>/dev/null || true
        wait "$proxy" 2>/dev/null || true
    fi
    "$envtest" stop "$work/plane" >/dev/null 2>&1 || true
    rm -rf "$work"
}
trap end EXIT

# The proxy reads requests, and so cannot pass a client certificate on: a token has to do.
begin_plane() {
    token=$(openssl rand -hex 16)
    (umask 077 && echo "$token,applier,applier,system:masters" >"$work/tokens")
    ENVTEST_APISERVER_FLAGS="--token-auth-file=$work/tokens" "$envtest" start "$work/plane"
}

begin_proxy() {
    local until_s=$((SECONDS + WAIT_S))
    mkdir "$work/proxy"
    "${BIN:?}/faultproxy" --kubeconfig "$work/plane/admin.kubeconfig" --dir "$work/proxy" >"$work/proxy/log" 2>&1 &
    proxy=$!
    until [ -s "$work/proxy/control" ]; do
        if ! kill -0 "$proxy" 2>/dev/null || [ "$SECONDS" -ge "$until_s" ]; then
            echo "run.sh: faultproxy does not listen:" >&2
            cat "$work/proxy/log" >&2
            exit 1
        fi
        sleep 0.05
    done
    control=$(cat "$work/proxy/control")
    curl -fsS --noproxy '*' --max-time 10 -o "$work/proxy/mode" -X PUT -d '{"http": true}' "$control/wire"
    jq --arg token "$token" '.users = [{name: "applier", user: {token: $token}}] | .contexts[0].context.user = "applier"' \
        "$work/proxy/kubeconfig" >"$work/kubeconfig"
}

begin_plane
begin_proxy
# One at a time: the proxy's faults are for all who ask.
SYNCSETS_APPLY_KUBECONFIG=$work/kubeconfig SYNCSETS_APPLY_FAULTS=$control JOBS=1 "$here/../../hack/run-tests.sh" "$@"
