#!/usr/bin/env bash
# Starts a platform, runs the end-to-end suite in it, with --drills also the drills that break the platform's own parts, and
# stops it. Ends with "N passed, N failed". Logs are kept when something failed, and their folder is printed.
#
#   e2e.sh [--platform envtest|devcloud] [--drills] [ARGUMENT OF e2e]...
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
platform=envtest drills=""
arguments=()

while (($#)); do
    case $1 in
        --platform)
            platform=${2:?--platform needs a name}
            shift
            ;;
        --drills) drills=1 ;;
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

PLATFORM_PARENT_PID=$$ "$root/test/harness/platform.sh" start --platform "$platform" "$dir"
# shellcheck source=/dev/null
source "$dir/env"

printf -v suite '%q ' "$BIN/e2e" "${arguments[@]}"
stages=("suite: $suite")
if [[ $drills ]]; then
    # identity looks into logs for refusals, so it comes before an API server starts again without its caches.
    for drill in identity leader network apiserver; do
        printf -v command '%q' "$root/test/e2e/drills/$drill.sh"
        stages+=("$drill: $command")
    done
fi
"$here/run-stages.sh" "${stages[@]}"
