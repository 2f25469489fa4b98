#!/bin/bash
# devcloud up, run, down, status and env as processes, on free ports. BIN holds devcloud and what it starts.
# shellcheck source=test/unit/support/cases.sh
. "$(dirname "$0")/../../../support/cases.sh"

devcloud() { "${BIN:?}/devcloud" "$@"; }

# launch up|run [OPTION]...: in the background, as a job of this shell; ends with the case. Sets UP, and RP and AZURE, its
# processes.
launch() {
    local command=$1
    shift
    export DEVCLOUD_DIR=$CASE_DIR/cloud
    "${BIN:?}/devcloud" "$command" --port 0 --plain-port 0 --azure-port 0 "$@" >told 2>&1 &
    UP=$!
    trap 'kill -9 "$UP" 2>/dev/null || true' EXIT
    until devcloud status >parts 2>/dev/null; do
        kill -0 "$UP" || { cat told; return 1; }
        sleep 0.02
    done
    AZURE=$(sed -n 's/^azure .*pid \([0-9]*\) .*/\1/p' parts)
    RP=$(sed -n 's/^rp .*pid \([0-9]*\) .*/\1/p' parts)
}

up() { launch up "$@"; }

# creating: devcloud run, which is amid the creation of its cluster.
creating() {
    launch run
    until grep -q '^  done ' told; do
        kill -0 "$UP" || { cat told; return 1; }
        sleep 0.02
    done
}

# ended STATUS: that UP has ended so, and that its processes are gone. They end as orphans when it was killed.
ended() {
    local status=0
    wait "$UP" || status=$?
    expect "$status" = "$1"
    while kill -0 "$AZURE" 2>/dev/null || kill -0 "$RP" 2>/dev/null; do sleep 0.02; done
    expect_status 1 devcloud status
}

test_words() {
    expect_status 2 devcloud
    expect_status 2 devcloud fly
    expect_text "^devcloud: unknown command 'fly'$" <output
    expect_status 2 devcloud up --height 3
    expect_status 2 devcloud up now
    expect_status 0 devcloud --version
    expect_text '^devcloud [0-9a-f]+' <output
    for command in up down status env; do
        expect_status 0 devcloud "$command" --help
        expect_text "^usage: devcloud $command" <output
    done
}

test_ready() {
    up
    expect_text '^azure .* https://127\.0\.0\.1:[0-9]+ .*/log/azure\.log$' <parts
    expect_text '^rp .* https://localhost:[0-9]+ http://localhost:[0-9]+ .*/log/rp\.log$' <parts
    expect "$(stat -c %a cloud)" = 700
    expect "$(devcloud env)" = "$(cat cloud/env)"
    expect_status 1 devcloud up --port 0 --plain-port 0 --azure-port 0
    expect_text "runs in .*/cloud already \\(process $UP\\)" <output
    devcloud down
    ended 0
    expect_status 1 devcloud down
    expect_status 1 devcloud env
    expect_text "no development cloud runs in .*/cloud$" <output
}

test_ctrl_c() {
    up
    kill -INT "$UP"
    ended 0
    tail -1 told | expect_text '^devcloud: ended$'
}

# The resource provider hands over what it was at, which takes Azure.
test_ctrl_c_amid_creation() {
    creating
    kill -INT "$UP"
    ended 0
    tail -1 told | expect_text '^devcloud: ended$'
    expect "$(grep -c 'error:' told)" = 0
    expect_text 'msg="handing the operation over"' <cloud/log/rp.log
}

test_again() {
    up
    old=$(cat cloud/env)
    kill -TERM "$UP"
    ended 0
    up
    expect "$(cat cloud/env)" != "$old"
}

test_killed_part() {
    for name in AZURE RP; do
        up
        kill -9 "${!name}"
        ended 1
        expect_text '(the simulated Azure|the resource provider) was ended by signal 9; the end of its log, .*:$' <told
    done
    expect_text '^time=.* msg=' <told # the last lines of the resource provider
}

# The connection to it breaks before its end can be seen.
test_killed_part_amid_creation() {
    creating
    kill -9 "$RP"
    ended 1
    expect_text '^devcloud run: error: (waiting for the cluster, .*: )?the resource provider was ended by signal 9; the end of its log, .*:$' <told
}

test_killed_itself() {
    up
    kill -9 "$UP"
    ended 137
    up # nothing stands in the way
}

test_detached() {
    export DEVCLOUD_DIR=$CASE_DIR/cloud
    trap 'devcloud down' EXIT
    devcloud up --detach --port 0 --plain-port 0 --azure-port 0 >told
    expect_text '^  az aro list' <told
    devcloud status
    devcloud down
    tail -1 cloud/log/devcloud.log | expect_text '^devcloud: ended$'
    for command in status down; do
        expect_status 1 devcloud "$command"
        expect_text 'no development cloud runs in .*/cloud; .*: .*/cloud/log/devcloud\.log$' <output
    done
    trap '' EXIT
    expect_status 1 devcloud up --detach --rp nothing --port 0 --plain-port 0 --azure-port 0
    expect_text "the resource provider: running .*/nothing: No such file" <output
    expect_status 1 devcloud status
}

# The one of `aro rp`, which makes clusters.
test_real_rp() {
    up --rp aro-rp
    expect_text 'Clusters are made in the simulated Azure' <told
    . cloud/env
    expect_text ' aro-rp ' <parts
    local url
    url=$(sed -n 's/^rp .* \(http:[^ ]*\) .*/\1/p' parts)/subscriptions/$AZURE_SUBSCRIPTION_ID
    curl -sf "$url/providers/Microsoft.RedHatOpenShift/openShiftClusters?api-version=2022-04-01" | expect_text '"value": \[\]'
}

run_cases up \
    "commands, help and version are told apart" test_words \
    "it becomes ready, is there once, and is ended by devcloud down" test_ready \
    "Ctrl-C ends it, regularly" test_ctrl_c \
    "Ctrl-C ends it as well amid the creation of a cluster" test_ctrl_c_amid_creation \
    "a second start begins anew" test_again \
    "when a part ends it says which and why, and ends" test_killed_part \
    "the same amid the creation of a cluster" test_killed_part_amid_creation \
    "when it is killed its parts end, too" test_killed_itself \
    "it goes to the background once it is ready, or not at all" test_detached \
    "the real resource provider starts as well" test_real_rp
