#!/bin/bash
# The fuzz runner passes what runs clean, fails what crashes or has no corpus, and says which.
# shellcheck source=test/unit/support/cases.sh
. "$(dirname "$0")/../support/cases.sh"

# fake NAME STATUS: a fuzzer with a corpus that prints its arguments
fake() {
    mkdir -p "test/fuzz/corpus/$1"
    printf '#!/bin/bash\necho "$@" >>%s.arguments\necho "==1==ERROR: of %s"\nexit %s\n' "$1" "$1" "$2" >"fuzz_$1"
    chmod +x "fuzz_$1"
}

run() {
    ARTIFACTS=artifacts FUZZ_SECONDS=7 "$ROOT/hack/run-fuzz.sh" "$@"
}

test_passes() {
    fake a 0
    fake b 0
    expect_status 0 run ./fuzz_a ./fuzz_b
    expect "$(tail -n 1 output)" = '2 passed, 0 failed'
    expect_text '-max_total_time=7 ' <a.arguments
    expect_text ' test/fuzz/corpus/a$' <a.arguments
}

test_fails() {
    fake a 0
    fake b 77
    expect_status 1 run ./fuzz_a ./fuzz_b
    expect "$(tail -n 1 output)" = '1 passed, 1 failed'
    expect_text 'ERROR: of b' <output
}

test_no_corpus() {
    fake a 0
    rm -r test/fuzz/corpus/a
    expect_status 1 run ./fuzz_a
    expect_text 'a: no corpus' <output
}

test_none() {
    expect_status 1 run
    expect "$(tail -n 1 output)" = '0 passed, 0 failed'
}

test_dictionary() {
    fake a 0
    echo '"x"' >test/fuzz/a.dict
    expect_status 0 run ./fuzz_a
    expect_text '-dict=test/fuzz/a.dict' <a.arguments
}

run_cases run-fuzz \
    "fuzzers that run clean pass" test_passes \
    "one that breaks fails, with its report" test_fails \
    "one without a corpus fails" test_no_corpus \
    "no fuzzer at all is a failure" test_none \
    "a dictionary is used when it is there" test_dictionary
