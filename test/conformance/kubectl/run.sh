#!/usr/bin/env bash
# The same kubectl does the same on several API servers; what it prints must be alike. Ends with
# "N passed, N failed".
#
#   run.sh [--only TEXT] NAME=KUBECONFIG...    a second server is compared with the first
#
# A case is a function of cases/*.sh, registered with `scenario`; it passes on a server when it ends well
# there and its transcript, made comparable by normal.sed, is the first server's. Every case has a
# namespace and a folder of its own. KEEP=DIR keeps the transcripts there, CASES names another folder of cases.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly here
only=""
if [[ ${1:-} == --only ]]; then
    only=${2:?--only needs a text}
    shift 2
fi
(($# >= 1)) || {
    sed -n '/^#   run.sh/s/^# *//p' "${BASH_SOURCE[0]}" >&2
    exit 2
}
work=$(realpath -m -- "${KEEP:-$(mktemp -d)}")
readonly work
mkdir -p "$work"
[[ ${KEEP:-} ]] || trap 'rm -rf "$work"' EXIT

names=() functions=()
# scenario SENTENCE FUNCTION
scenario() {
    if [[ $1 == *"$only"* ]]; then
        names+=("$1")
        functions+=("$2")
    fi
}
# shellcheck source=test/conformance/kubectl/words.sh
source "$here/words.sh"
for file in "${CASES:-$here/cases}"/*.sh; do
    # shellcheck source=/dev/null
    source "$file"
done

# play SERVER KUBECONFIG: all cases on one server. kubectl keeps what it discovers in HOME.
play() {
    local i
    mkdir -p "$work/$1/home"
    export HOME=$work/$1/home KUBECONFIG=$2 KUBE_EDITOR=$here/editor.sh
    for i in "${!functions[@]}"; do
        ns=${PREFIX:-kubectl}-$i
        mkdir -p "$work/$1/$i"
        # Not in an "if": that would switch -e off inside.
        (
            set -e
            cd "$work/$1/$i"
            begin
            "${functions[i]}"
            finish
        ) >"$work/$1/$i.raw" 2>&1 &
        wait $! && echo 0 >"$work/$1/$i.rc" || echo 1 >"$work/$1/$i.rc"
        sed -E -f "$here/normal.sed" "$work/$1/$i.raw" >"$work/$1/$i.out"
    done
}

servers=()
for spec in "$@"; do
    servers+=("${spec%%=*}")
    play "${spec%%=*}" "$(realpath -- "${spec#*=}")" &
done
wait

passed=0 failed=0
# judge SERVER I: says what is wrong, or nothing.
judge() {
    if [[ $(<"$work/$1/$2.rc") != 0 ]]; then
        echo "it does not end well:"
        tail -n 15 "$work/$1/$2.raw"
    elif ! cmp -s "$work/${servers[0]}/$2.out" "$work/$1/$2.out"; then
        diff -U 4 --label "${servers[0]}" "$work/${servers[0]}/$2.out" --label "$1" "$work/$1/$2.out" || true
    fi
}
for i in "${!functions[@]}"; do
    for server in "${servers[@]}"; do
        report=$(judge "$server" "$i")
        if [[ -z $report ]]; then
            passed=$((passed + 1))
        else
            failed=$((failed + 1))
            printf 'FAILED  %s: kubectl: %s\n' "$server" "${names[i]}"
            printf '%s\n' "$report" | sed 's/^/        /'
        fi
    done
done
echo "$passed passed, $failed failed"
((failed == 0 && passed > 0))
