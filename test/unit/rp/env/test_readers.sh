#!/bin/bash
# A setting that is documented does something: each row of the tables of rp/env is read somewhere.
# shellcheck source=test/unit/support/cases.sh
. "$(dirname "$0")/../../support/cases.sh"

# unread PREFIX TABLE: rows of that table that no source names by PREFIX_ID; PREFIX is a regular expression.
unread() {
    local id rows
    rows=$(sed -nE 's/^    X\(([A-Z0-9_]+), .*/\1/p' "$2")
    [ -n "$rows" ] || echo "$2 has no rows"
    for id in $rows; do
        grep -rqwE "$1_$id" --include='*.c' "$ROOT/rp" "$ROOT/cmd" "$ROOT/pkg" || echo "$id"
    done
}

test_variables() { expect "$(unread ENV "$ROOT/rp/env/variables.h")" = ''; }
test_features() { expect "$(unread FEATURE "$ROOT/rp/env/env.h")" = ''; }
test_numbers() { expect "$(unread '(INTERVAL|LIMIT)' "$ROOT/rp/env/intervals.h")" = ''; }
# This test can fail.
test_unknown() {
    echo '    X(MOON, TEXT, 0, "MOON")' >table.h
    expect "$(unread ENV table.h)" = MOON
}

run_cases readers \
    "every variable is read" test_variables \
    "every feature is read" test_features \
    "every interval and limit is read" test_numbers \
    "one that is not is found" test_unknown
