#!/bin/bash
# A local run of the operator takes the place of the deployed one, and gives it back however it ends.
# shellcheck source=test/unit/support/cases.sh
. "$(dirname "$0")/../support/cases.sh"

# A cluster whose Deployment has two replicas, and an operator that notes its signals and ends with the file "end".
fixture() {
    mkdir bin
    script bin/kubectl <<'TEXT'
#!/bin/bash
[[ $* == *" get "* ]] && printf 2
[[ $* == *" scale "* ]] && grep -oE -e '--replicas=[0-9]+' <<<"$*" >>"$CASE_DIR/scaled"
exit 0
TEXT
    # The real one hears SIGINT also where it was born deaf to it, as everything is that bash starts in the background.
    script bin/aro <<'TEXT'
#!/usr/bin/env -S --default-signal=INT bash
trap 'echo signal >>"$CASE_DIR/signals"' INT TERM
echo "$@" >"$CASE_DIR/arguments"
until [[ -e $CASE_DIR/end ]]; do
    read -rt 0.05 <>"$CASE_DIR/never" || true
done
exit "$(<"$CASE_DIR/end")"
TEXT
    mkfifo never
    export CASE_DIR PATH=$CASE_DIR/bin:$PATH BIN=$CASE_DIR/bin KUBECONFIG=none
}

# until_lines FILE N: the runner of tests ends those that wait too long
until_lines() {
    until [[ -e $1 && $(wc -l <"$1") -ge $2 ]]; do
        read -rt 0.05 <>never || true
    done
}

# In a process group of its own, as from a terminal.
start() {
    set -m
    "$ROOT/hack/run-operator.sh" "$@" >output 2>&1 </dev/null &
    set +m
    group=$!
    until_lines arguments 1
}


test_takes_the_place() {
    fixture
    start master --loglevel debug
    expect "$(<arguments)" = 'operator --bind-address 127.0.0.1 --loglevel debug master'
    expect "$(<scaled)" = --replicas=0
    echo 3 >end
    local status=0
    wait "$group" || status=$?
    expect "$status" -eq 3
    expect "$(tail -n 1 scaled)" = --replicas=2
}

test_one_signal() {
    fixture
    start worker
    kill -INT -- "-$group"
    until_lines signals 1
    expect "$(wc -l <scaled)" -eq 1
    echo 0 >end
    wait "$group"
    expect "$(wc -l <signals)" -eq 1
    expect "$(tail -n 1 scaled)" = --replicas=2
}

test_impatience() {
    fixture
    start master
    kill -INT -- "-$group"
    until_lines signals 1
    kill -INT -- "-$group"
    until_lines signals 2
    kill -TERM -- "-$group"
    until_lines signals 3
    echo 0 >end
    wait "$group"
    expect "$(tail -n 1 scaled)" = --replicas=2
}

test_wrong_role() {
    fixture
    expect_status 1 "$ROOT/hack/run-operator.sh" both
    expect_text 'usage: ' <output
    expect ! -e scaled
}

run_cases run-operator \
    "takes the place of the deployed one, and gives it back when it ends" test_takes_the_place \
    "Ctrl-C is one signal for the operator, which may end in peace" test_one_signal \
    "further signals reach it, and the deployment comes back all the same" test_impatience \
    "refuses a role that is none" test_wrong_role
