#!/bin/bash
# run.sh - the administrators' routes into a cluster on the real API server: admincheck, which BIN holds. Ends with
# "N passed, N failed".
set -euo pipefail
export LC_ALL=C
here=$(cd "$(dirname "$0")" && pwd)
envtest=$here/../../hack/envtest-run.sh

work=$(mktemp -d "${TMPDIR:-/tmp}/admincheck.XXXXXX")
end() {
    "$envtest" stop "$work/plane" >/dev/null 2>&1 || true
    rm -rf "$work"
}
trap end EXIT

"$envtest" start "$work/plane"
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$work/key.pem" \
    -subj /CN=somebody -out "$work/request.pem" 2>/dev/null
KUBECONFIG=$work/plane/admin.kubeconfig "${BIN:?}/admincheck" "$work/request.pem"
