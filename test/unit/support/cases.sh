# shellcheck shell=bash
# cases.sh - test cases in shell, reported in cmocka's words so that hack/run-tests.sh counts them. Sourced:
#
#   . test/unit/support/cases.sh
#   test_adds() { expect "$((1 + 1))" = 2; }
#   run_cases arithmetic "adds two numbers" test_adds
#
# Each case runs in a subshell, in an empty folder of its own ($CASE_DIR, the current folder), with -e; it fails when
# its function does. $ROOT is the repository.
set -uo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
export ROOT

# expect ARGUMENTS: test(1), but a failure says what was compared, and where.
expect() {
    test "$@" || {
        echo "line ${BASH_LINENO[0]}: expected: $(printf '<%s> ' "$@")"
        return 1
    }
}

# expect_text PATTERN: standard input has a line that matches the extended regular expression.
expect_text() {
    local text
    text=$(cat)
    grep -qE -e "$1" <<<"$text" || {
        echo "line ${BASH_LINENO[0]}: nothing matches <$1> in:"
        echo "$text"
        return 1
    }
}

# expect_status N COMMAND...: runs the command, leaves what it prints in the file "output", wants exit status N.
expect_status() {
    local want=$1 got=0
    shift
    "$@" >output 2>&1 </dev/null || got=$?
    [ "$got" -eq "$want" ] || {
        echo "line ${BASH_LINENO[0]}: exit status $got, expected $want, of: $*"
        cat output
        return 1
    }
}

# script FILE: executable, from the standard input: a program that a case puts in the place of another.
script() {
    cat >"$1"
    chmod +x "$1"
}

# run_cases GROUP NAME FUNCTION [NAME FUNCTION]...: runs them all and ends the script.
run_cases() {
    local group=$1 passed=0 failed=()
    shift
    local scratch
    scratch=$(mktemp -d "${TMPDIR:-/tmp}/cases.XXXXXX")
    # shellcheck disable=SC2064 # the folder of now
    trap "rm -rf '$scratch'" EXIT
    echo "[==========] Running $(($# / 2)) test(s)."
    while [ $# -gt 0 ]; do
        echo "[ RUN      ] $1"
        CASE_DIR=$scratch/$#
        mkdir "$CASE_DIR"
        # Not in an "if": that would switch -e off inside.
        (
            set -e
            cd "$CASE_DIR"
            "$2"
        )
        # shellcheck disable=SC2181
        if [ $? -eq 0 ]; then
            echo "[       OK ] $1"
            passed=$((passed + 1))
        else
            echo "[  FAILED  ] $1"
            failed+=("$1")
        fi
        shift 2
    done
    echo "[==========] $((passed + ${#failed[@]})) test(s) run."
    echo "[  PASSED  ] $passed test(s)."
    if [ "${#failed[@]}" -gt 0 ]; then
        echo "[  FAILED  ] $group: ${#failed[@]} test(s), listed below:"
        printf '[  FAILED  ] %s\n' "${failed[@]}"
        exit 1
    fi
    exit 0
}
