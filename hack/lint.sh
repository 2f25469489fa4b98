#!/bin/bash
# lint.sh FLAG... - every check that needs no running program; FLAGs are the compiler's. Goes on after a failure, and
# ends with "N passed, N failed". LINT_ONLY="format layers" limits it to some stages.
set -uo pipefail
# shellcheck source=hack/lib.sh
. "$(dirname "$0")/lib.sh"
here=$(dirname "$0")
flags=("$@")

c_files() {
    list_files '*.c' '*.h' | tr '\n' '\0'
}

# Lists files and lines only; make fmt mends them.
lint_format() {
    local bad
    bad=$(c_files | xargs -0 -r clang-format --dry-run -Werror 2>&1 | sed -n "s/^\\([^: ]*:[0-9]*\\):.*/\\1/p" | sort -u)
    [ -z "$bad" ] || { echo "not formatted (make fmt):"; echo "$bad"; return 1; }
}
lint_layers() { "$here/check-layers.sh"; }
lint_sizes() { "$here/check-sizes.sh"; }
lint_tests() { "$here/check-tests.sh"; }
lint_words() { "$here/check-words.sh"; }
lint_commits() {
    git rev-parse --verify -q HEAD >/dev/null 2>&1 || return 0 # a tarball
    "$here/check-commits.sh"
}
lint_shell() {
    list_files '*.sh' '.ci/run' | tr '\n' '\0' | xargs -0 -r shellcheck -x
}
lint_cppcheck() {
    list_files '*.c' | grep -v '^test/' | tr '\n' '\0' |
        xargs -0 -r cppcheck -q -j "${JOBS:-2}" --std=c11 --enable=warning,performance,portability \
            --inline-suppr --suppressions-list="$here/cppcheck.txt" --error-exitcode=1 -I. -D_GNU_SOURCE -DVERSION='""'
}
lint_tidy() { "$here/tidy.sh" "${flags[@]}"; }

stages=(format layers sizes tests words commits shell cppcheck tidy)
[ -z "${LINT_ONLY:-}" ] || read -r -a stages <<<"$LINT_ONLY"

passed=0
failed=0
for stage in "${stages[@]}"; do
    begun=$SECONDS
    if output=$("lint_$stage" 2>&1); then
        printf '  ok     %s (%s s)\n' "$stage" $((SECONDS - begun))
        passed=$((passed + 1))
    else
        printf '  FAILED %s (%s s)\n%s\n' "$stage" $((SECONDS - begun)) "${output//$'\n'/$'\n'    | }" | sed '2s/^/    | /'
        failed=$((failed + 1))
    fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
