#!/bin/bash
# check-words.sh - what must not stay in the tree: postponed work, merge leftovers, somebody's home directory,
# white space at line ends; then the spelling, by codespell.
set -euo pipefail
export LC_ALL=C
# shellcheck source=hack/lib.sh
. "$(dirname "$0")/lib.sh"

# Halved, so that this file does not find itself.
postponed='TO''DO|FIX''ME|X''XX'
leftovers='^(<''<<<<<<|>>''>>>>>)( |$)'
homes='(^|[^a-zA-Z0-9_}])/(ho''me/[a-z]|ro''ot/)'

failed=0
# complain WHAT PATTERN FILES: lists the lines that match.
complain() {
    local what=$1 pattern=$2
    shift 2
    list_files "$@" | grep -v '^test/fixtures/\|^test/fuzz/corpus/\|^test/conformance/recorded/\|^LICENSE$\|package-lock.json$' | tr '\n' '\0' |
        xargs -0 -r grep -HInE -e "$pattern" | sed "s/^/$what: /" | grep . && failed=1
    return 0
}
complain 'postponed work' "\\b($postponed)\\b" '*'
complain 'merge leftover' "$leftovers" '*'
complain 'home directory' "$homes" '*.c' '*.h' '*.sh' '*.md' 'Makefile' '*.txt'
complain 'space at the end' '[ 	]+$' '*.c' '*.h' '*.sh' 'Makefile' '*.txt'

if command -v codespell >/dev/null; then
    list_files '*.c' '*.h' '*.md' '*.sh' 'Makefile' '*.yaml' | grep -v '^test/' |
        tr '\n' '\0' | xargs -0 -r codespell --quiet-level=2 --ignore-words="$(dirname "$0")/spelling.txt" || failed=1
else
    echo "check-words.sh: codespell is not installed (make deps)"
    failed=1
fi
exit "$failed"
