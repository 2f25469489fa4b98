#!/bin/bash
# The test runner counts what passed and calls everything else a failure.
# shellcheck source=test/unit/support/cases.sh
. "$(dirname "$0")/../support/cases.sh"

# fake NAME BODY: an executable that stands for a cmocka test
fake() {
    printf '#!/bin/bash\n%s\n' "$2" >"$1"
    chmod +x "$1"
}

# passing N: what cmocka prints when N cases passed
passing() {
    printf 'echo "[==========] %s test(s) run."; echo "[  PASSED  ] %s test(s)."' "$1" "$1"
}

last_line() {
    tail -n 1 output
}

test_sums() {
    fake a "$(passing 3)"
    fake b "$(passing 4)"
    expect_status 0 "$ROOT/hack/run-tests.sh" -s result -b . ./a ./b
    expect "$(last_line)" = '7 passed, 0 failed'
    expect "$(cat result)" = '7 passed, 0 failed'
}

test_two_groups() {
    fake a "$(passing 3); $(passing 2)"
    expect_status 0 "$ROOT/hack/run-tests.sh" ./a
    expect "$(last_line)" = '5 passed, 0 failed'
}

test_failed_case() {
    fake a 'echo "[==========] 3 test(s) run."; echo "[  PASSED  ] 2 test(s)."
        echo "[  FAILED  ] group: 1 test(s), listed below:"; echo "why it failed"; exit 1'
    expect_status 1 "$ROOT/hack/run-tests.sh" ./a
    expect "$(last_line)" = '2 passed, 1 failed'
    expect_text 'why it failed' <output
}

test_crash() {
    fake a 'echo "[       OK ] one"; echo "[ RUN      ] two"; kill -SEGV $$'
    expect_status 1 "$ROOT/hack/run-tests.sh" ./a
    expect "$(last_line)" = '1 passed, 1 failed'
    expect_text 'killed by signal 11' <output
}

test_leak_after_success() {
    fake a "$(passing 2); exit 99"
    expect_status 1 "$ROOT/hack/run-tests.sh" ./a
    expect "$(last_line)" = '2 passed, 1 failed'
}

test_report_in_child() {
    fake a "$(passing 2)"'
        log=${ASAN_OPTIONS#*log_path=}
        echo "a report" >"${log%%:*}.7"'
    expect_status 1 "$ROOT/hack/run-tests.sh" ./a
    expect "$(last_line)" = '2 passed, 1 failed'
    expect_text 'a report' <output
}

test_timeout() {
    fake a 'sleep 60'
    TIMEOUT=1 expect_status 1 "$ROOT/hack/run-tests.sh" ./a
    expect "$(last_line)" = '0 passed, 1 failed'
    expect_text 'no end within 1 s' <output
}

test_again() {
    local late='echo "[  PASSED  ] 2 test(s)."; echo "[==========] 3 test(s) run."
        echo "[  FAILED  ] group: 1 test(s), listed below:"; exit 1'
    fake a "[ -e $PWD/seen ] || { touch $PWD/seen; $late; }; $(passing 3)"
    fake b "$(passing 4)"
    AGAIN=1 expect_status 0 "$ROOT/hack/run-tests.sh" ./a ./b
    expect_text 'again  ./a, by itself' <output
    expect "$(last_line)" = '7 passed, 0 failed'
    fake a "$late"
    AGAIN=1 expect_status 1 "$ROOT/hack/run-tests.sh" ./a ./b
    expect "$(last_line)" = '6 passed, 1 failed'
    rm seen # as cmocka itself tells it, whose status is the number of failures
    fake a "[ -e $PWD/seen ] || { touch $PWD/seen; ${late/group: /}; }; $(passing 3)"
    AGAIN=1 expect_status 0 "$ROOT/hack/run-tests.sh" ./a ./b
    expect_text 'again  ./a, by itself' <output
}

test_crash_is_not_late() {
    fake a "[ -e $PWD/seen ] || { touch $PWD/seen; kill -SEGV \$\$; }; $(passing 3)"
    AGAIN=1 expect_status 1 "$ROOT/hack/run-tests.sh" ./a
    fake b "$(passing 2)"'; [ -e "$PWD/reported" ] || { touch "$PWD/reported"
        log=${ASAN_OPTIONS#*log_path=}
        echo "a report" >"${log%%:*}.7"; }'
    AGAIN=1 expect_status 1 "$ROOT/hack/run-tests.sh" ./b
    expect "$(last_line)" = '2 passed, 1 failed'
}

test_left_out() {
    local left='echo "[ LEFT OUT ] 4 test(s): they need a server"'
    fake a "$left; $(passing 1)"
    fake b "$left; $(passing 2)"
    expect_status 0 "$ROOT/hack/run-tests.sh" ./a ./b
    expect_text '8 left out: they need a server' <output
    expect "$(last_line)" = '3 passed, 0 failed'
}

test_nothing_ran() {
    fake a 'exit 0'
    expect_status 1 "$ROOT/hack/run-tests.sh" ./a
    expect "$(last_line)" = '0 passed, 1 failed'
    expect_status 1 "$ROOT/hack/run-tests.sh"
    expect "$(last_line)" = '0 passed, 1 failed'
}

test_skipped() {
    fake a "$(passing 2); echo '[  SKIPPED ] 1 test(s), listed below:'"
    expect_status 1 "$ROOT/hack/run-tests.sh" ./a
    expect_text '1 skipped' <output
}

test_missing_binary() {
    expect_status 1 "$ROOT/hack/run-tests.sh" ./never-built
    expect "$(last_line)" = '0 passed, 1 failed'
}

run_cases run-tests \
    "adds up the cases of all executables" test_sums \
    "adds up several groups of one executable" test_two_groups \
    "shows the output of a failed case" test_failed_case \
    "a crash is a failure" test_crash \
    "a non-zero exit after success is a failure" test_leak_after_success \
    "a sanitizer report of a child process is a failure" test_report_in_child \
    "a test that does not end is a failure" test_timeout \
    "on a busy machine a failed case is tried again" test_again \
    "a crash and a report are not" test_crash_is_not_late \
    "cases that were left out are told" test_left_out \
    "no case at all is a failure" test_nothing_ran \
    "a skipped case is a failure" test_skipped \
    "an executable that is not there is a failure" test_missing_binary
