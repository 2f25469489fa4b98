#!/bin/bash
# Stages are summed up; a failure is never lost.
# shellcheck source=test/unit/support/cases.sh
. "$(dirname "$0")/../support/cases.sh"

stages() {
    "$ROOT/hack/run-stages.sh" "$@"
}

last_line() {
    tail -n 1 output
}

test_sums() {
    expect_status 0 stages 'a: echo "3 passed, 0 failed"' 'b: echo "4 passed, 0 failed"'
    expect "$(last_line)" = '7 passed, 0 failed'
}

test_last_count() {
    expect_status 0 stages 'a: echo "3 passed, 0 failed"; echo "5 passed, 0 failed"; echo done'
    expect "$(last_line)" = '5 passed, 0 failed'
}

test_goes_on() {
    expect_status 1 stages 'a: echo "3 passed, 2 failed"; exit 1' 'b: echo "4 passed, 0 failed"'
    expect "$(last_line)" = '7 passed, 2 failed'
}

test_failed_count_wins() {
    expect_status 1 stages 'a: echo "3 passed, 2 failed"; exit 0'
    expect "$(last_line)" = '3 passed, 2 failed'
}

test_status_wins() {
    expect_status 1 stages 'a: echo "3 passed, 0 failed"; exit 4'
    expect "$(last_line)" = '3 passed, 1 failed'
}

test_no_count() {
    expect_status 1 stages 'a: true' 'b: echo why; false'
    expect "$(last_line)" = '1 passed, 1 failed'
}

test_none() {
    expect_status 1 stages
    expect "$(last_line)" = '0 passed, 0 failed'
}

test_quiet() {
    expect_status 1 stages -q 'a: echo hidden; true' 'b: echo shown; false'
    expect_text '^shown$' <output
    expect "$(grep -c '^hidden$' output)" -eq 0
}

test_quiet_sums() {
    expect_status 0 stages -q "a: $ROOT/hack/run-stages.sh 'inner: echo hidden; echo \"3 passed, 0 failed\"'"
    expect_text '^    ok +inner +3 passed' <output
    expect "$(grep -c '^hidden$' output)" -eq 0
}

test_beside() {
    expect_status 1 stages -q '+a: sleep 0.2; echo "4 passed, 1 failed"' 'b: echo "2 passed, 0 failed"' \
        '+c: ps -o ni= -p $$ | tr -d " " >nice; echo "1 passed, 0 failed"'
    expect "$(last_line)" = '7 passed, 1 failed'
    expect_text '^== beside: a c ' <output
    expect_text '^FAILED +a +4 passed +1 failed' <output
    expect_text '^ok +b +2 passed' <output
    expect "$(cat nice)" -gt 0
}

# Who is killed ends what runs beside, too.
test_beside_ends() {
    "$ROOT/hack/run-stages.sh" '+a: echo $$ >a.pid; exec sleep 1000' 'b: sleep 5' >output 2>&1 &
    local pid=$! try=0
    while ! [ -s a.pid ] && [ $((try += 1)) -lt 400 ]; do sleep 0.05; done
    kill "$pid"
    wait "$pid" 2>/dev/null || true
    try=0
    while kill -0 "$(cat a.pid)" 2>/dev/null && [ $((try += 1)) -lt 200 ]; do sleep 0.05; done
    expect "$try" -lt 200
}

run_cases run-stages \
    "runs stages beside others, and counts them" test_beside \
    "ends what runs beside, when it is ended" test_beside_ends \
    "adds up what the stages counted" test_sums \
    "takes the last count of a stage" test_last_count \
    "goes on after a failure" test_goes_on \
    "a counted failure is a failure, whatever the status" test_failed_count_wins \
    "a bad status is a failure, whatever the count" test_status_wins \
    "a stage without a count is one test" test_no_count \
    "no stage at all is a failure" test_none \
    "quietly, it shows the output of failing stages only" test_quiet \
    "quietly, it still tells what the stages of a stage counted" test_quiet_sums
