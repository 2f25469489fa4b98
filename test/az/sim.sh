# shellcheck shell=bash
# sim.sh - the simulated Azure and the Azure CLI for test scripts. Sourced after cases.sh. BIN holds azuresim; everything lies in
# $work, and ends with the script. Processes that the script starts go into pids.

work=$(mktemp -d "${TMPDIR:-/tmp}/az-check.XXXXXX")
pids=()
# shellcheck disable=SC2317
end() {
    local pid
    for pid in "${pids[@]}"; do
        kill "$pid" 2>/dev/null
        wait "$pid" 2>/dev/null
    done
    rm -rf -- "$work"
}
trap end EXIT

# await FILE: until it is there.
await() {
    local until=$((SECONDS + 30))
    until [ -s "$1" ]; do
        [ "$SECONDS" -lt "$until" ] || {
            echo "$1 does not appear:"
            cat "$work"/*.log
            return 1
        }
        sleep 0.05
    done
}

# start_sim: in $work, which becomes the current folder.
start_sim() {
    mkdir "$work/sim" && cd "$work" || return
    "${BIN:?}/azuresim" --dir "$work/sim" >sim.log 2>&1 &
    pids+=($!)
    await "$work/sim/url"
}

# stand_before URL CA: requests for clusters go on to the resource provider there, whose certificate CA (PEM) vouches for.
stand_before() {
    jq -n --arg url "$1" --rawfile ca "$2" '{rp: {url: $url, ca: $ca}, operation_ms: 50}' >"$work/patch.json"
    curl -sS --cacert "$work/sim/ca.crt" -X PATCH -d "@$work/patch.json" "$(cat "$work/sim/url")/_devcloud/state" >/dev/null
}

az() {
    "$ROOT/hack/az-sim.sh" "$work/sim" "$@"
}
# asks PATTERN: how many requests that match were answered with success.
asks() {
    curl -sS --cacert "$work/sim/ca.crt" "$(cat "$work/sim/url")/_devcloud/requests" |
        jq -r '.[] | select(.status < 400) | "\(.method) \(.path)"' | grep -ciE -e "$1" || true
}
