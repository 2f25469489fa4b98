#!/bin/bash
# check-commits.sh [RANGE] - commit subjects read "type(scope): summary", in at most 72 characters. RANGE is what
# git log takes; the default is the last 50 commits.
set -euo pipefail

types='feat|fix|docs|test|refactor|perf|build|ci|chore'
if [ $# -eq 0 ]; then
    set -- -50 HEAD
fi
git log --no-merges --format='%h %s' "$@" | {
    failed=0
    while read -r hash subject; do
        if ! [[ $subject =~ ^($types)(\([a-zA-Z0-9_./,\ -]+\))?!?:\ [^\ ] ]]; then
            echo "$hash: no 'type(scope): summary': $subject"
            failed=1
        fi
        if [ "${#subject}" -gt 72 ]; then
            echo "$hash: ${#subject} characters (limit 72): $subject"
            failed=1
        fi
        if [[ $subject == *. ]]; then
            echo "$hash: ends with a full stop: $subject"
            failed=1
        fi
    done
    exit "$failed"
}
