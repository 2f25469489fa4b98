#!/bin/bash
# run.sh [FILE...] - Microsoft's own clients against the simulated Azure: each FILE (default: every *.test.mjs here) has a
# simulator of its own, on a free port of loopback, whose authority Node trusts from its start; clusters.test.mjs has a whole
# development cloud, with the real frontend and backend behind it. BIN holds azuresim, devcloud and what that starts.
# Ends with "N passed, N failed"; a case that is skipped, cancelled or postponed counts as failed.
#
# The clients need a newer Node than some systems have: then one is installed by npm into NODE_HOME.
set -euo pipefail
export LC_ALL=C
here=$(cd "$(dirname "$0")" && pwd)
WAIT_S=${WAIT_S:-30}
# shellcheck source=test/harness/node.sh
. "$here/../harness/node.sh"

for program in azuresim devcloud; do
    [ -x "${BIN:?}/$program" ] || {
        echo "run.sh: there is no $program in $BIN" >&2
        exit 1
    }
done

find_node

work=$(mktemp -d "${TMPDIR:-/tmp}/sdk-test.XXXXXX")
simulator=""
cloud=""
# end: stops what begin started; its exit status.
end() {
    local status=0
    if [ -n "$simulator" ]; then
        kill "$simulator" 2>/dev/null || true
        wait "$simulator" 2>/dev/null || status=$?
    fi
    if [ -n "$cloud" ]; then
        "$BIN/devcloud" down --dir "$cloud" || status=$?
    fi
    simulator=""
    cloud=""
    return "$status"
}
trap 'end || true; rm -rf "$work"' EXIT

# begin_azure DIR: a simulator; its address is in DIR/url.
begin_azure() {
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
    variables=("AZURE_URL=$(cat "$1/url")" "NODE_EXTRA_CA_CERTS=$1/ca.crt" AZURE_CLIENT_SECRET=dummy-client-secret)
}

# begin_cloud DIR: a development cloud, in DIR/cloud.
begin_cloud() {
    mkdir "$1"
    ARO_RP_BACKEND_DELETE_DELAY_MS=0 "$BIN/devcloud" up --detach --dir "$1/cloud" \
        --port 0 --plain-port 0 --azure-port 0 >"$1/log" 2>&1 || {
        cat "$1/log" >&2
        return 1
    }
    cloud=$1/cloud
    # shellcheck source=/dev/null
    mapfile -d '' variables < <(. "$cloud/env" && env -0 | grep -z -e ^AZURE_ -e ^NODE_)
    variables+=("CLOUD=$cloud")
}

# begin FILE DIR: what the file needs; sets variables, for its environment.
begin() {
    case ${1##*/} in
    clusters.test.mjs) begin_cloud "$2" ;;
    *) begin_azure "$2" ;;
    esac
}

passed=0
failed=0
# run_file FILE: with a simulator or a cloud of its own; adds to passed and failed.
run_file() {
    local dir good bad variables
    dir=$work/$(basename "$1" .test.mjs)
    begin "$1" "$dir" || {
        failed=$((failed + 1))
        return 0
    }
    export TMPDIR=$work "${variables[@]}"
    node_test "$dir/tap" "$1"
    end || {
        echo "run.sh: what $1 ran against ended with status $?:" >&2
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
