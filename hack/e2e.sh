#!/usr/bin/env bash
# Starts a platform, runs the end-to-end suite in it, with --drills also the drills that break the platform's own parts, and
# stops it. With --crash, instead of all these, the operator is killed at random instants (test/e2e/crash.sh). Ends with
# "N passed, N failed". Logs are kept when something failed, and their folder is printed.
#
#   e2e.sh [--platform envtest|devcloud] [--drills | --crash] [ARGUMENT OF e2e]...
#
#   e2e.sh --platform envtest --focus "ARO Operator"
#
# BIN names the folder of this build's executables (default build/bin).
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$here")
readonly here root
BIN=$(realpath -m -- "${BIN:-$root/build/bin}")
export BIN
platform=envtest drills="" crash=""
arguments=()

while (($#)); do
    case $1 in
        --platform)
            platform=${2:?--platform needs a name}
            shift
            ;;
        --drills) drills=1 ;;
        --crash) crash=1 ;;
        --list) exec "$BIN/e2e" "$@" ;;
        *) arguments+=("$1") ;;
    esac
    shift
done

work=$(mktemp -d "${TMPDIR:-/tmp}/e2e.XXXXXX")
readonly work dir=$work/platform

finish() {
    local status=$?
    trap - EXIT
    "$root/test/harness/platform.sh" stop "$dir" || status=1
    if ((status)); then
        printf 'logs are kept in %s\n' "$dir"
    else
        rm -rf "$work"
    fi
    exit "$status"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

if [[ $crash ]]; then # leases change hands within seconds
    export ARO_LEASE_DURATION_MS=5000 ARO_LEASE_RENEW_DEADLINE_MS=4000 ARO_LEASE_RETRY_MS=500
fi
PLATFORM_PARENT_PID=$$ "$root/test/harness/platform.sh" start --platform "$platform" "$dir"
# shellcheck source=/dev/null
source "$dir/env"

stages=()
add_script() {
    local command
    printf -v command '%q' "$root/test/e2e/$2"
    stages+=("$1: $command")
}
if [[ $crash ]]; then
    add_script crash crash.sh
else
    printf -v suite '%q ' "$BIN/e2e" "${arguments[@]}"
    stages+=("suite: $suite")
fi
if [[ $drills ]]; then
    # identity looks into logs for refusals, so it comes before an API server starts again without its caches.
    for drill in identity leader network badinput apiserver; do
        add_script "$drill" "drills/$drill.sh"
    done
fi
"$here/run-stages.sh" "${stages[@]}"
