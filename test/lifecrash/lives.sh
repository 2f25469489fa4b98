#!/bin/bash
# lives.sh DIR LIFE... - lives of clusters in a cloud of their own, one after the other. DIR/LIFE/create.plan and delete.plan say where
# the resource provider is killed. DIR/LIFE/status is 0 when all went well, DIR/LIFE/told what it said. BIN holds the programs.
# shellcheck source=test/unit/support/cases.sh
. "$(dirname "$0")/../unit/support/cases.sh"
# shellcheck source=test/az/cloud.sh
. "$(dirname "$0")/../az/cloud.sh"
# shellcheck source=test/lifecycle/lib.sh
. "$(dirname "$0")/../lifecycle/lib.sh"
# shellcheck source=test/lifecrash/lib.sh
. "$(dirname "$0")/lib.sh"

dir=$1
shift
trap 'exit 1' TERM
start_crash_cloud || exit 1
for life; do
    live "$dir/$life/create.plan" "$dir/$life/delete.plan" "$dir/$life" >"$dir/$life/told" 2>&1
    status=$?
    cp "$work/cloud/log/rp.log" "$dir/$life/log"
    echo "$status" >"$dir/$life/status"
    # What is left of a life that failed would be in the way of the next.
    [ "$status" = 0 ] || { "$BIN/devcloud" down --dir "$work/cloud" && rm -rf "${work:?}/bin" && start_crash_cloud; } || exit 1
done
