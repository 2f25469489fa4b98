#!/bin/bash
# tidy.sh COMMAND... - runs clang-tidy with COMMAND's compiler flags over the C sources that changed since LINT_BASE
# (a commit; default: the branch's upstream, else the parent of HEAD), committed or not; LINT_ALL=1 takes every source.
set -euo pipefail
# shellcheck source=hack/lib.sh
. "$(dirname "$0")/lib.sh"

changed() {
    local base
    base=${LINT_BASE:-$(git merge-base HEAD '@{upstream}' 2>/dev/null || git rev-parse --verify -q HEAD~1 || true)}
    if [ -n "${LINT_ALL:-}" ] || [ -z "$base" ]; then
        list_files '*.c'
    else
        { git diff --name-only "$base" -- '*.c'; git ls-files --others --exclude-standard -- '*.c'; } | sort -u |
            while IFS= read -r file; do [ ! -f "$file" ] || printf '%s\n' "$file"; done
    fi
}

mapfile -t files < <(changed | grep -v '^test/')
[ "${#files[@]}" -gt 0 ] || exit 0
echo "  TIDY   ${#files[@]} files"
# clang-tidy counts suppressed warnings on the error stream even when it has nothing to say.
printf '%s\0' "${files[@]}" | xargs -0 -P "${JOBS:-2}" -I FILE \
    clang-tidy --quiet FILE -- "$@" 2> >(grep -v 'warnings\? generated\|warnings\? treated' >&2)
