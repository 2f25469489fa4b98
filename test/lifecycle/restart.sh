#!/bin/bash
# restart.sh - a resource provider that an administrator restarts with another setting: the file "settings" of the current folder,
# NAME=VALUE lines, is read before each start.
# shellcheck source=test/lifecycle/keep.sh
. "$(dirname "$(readlink -f "$0")")/keep.sh"
set -u

before_start() {
    # shellcheck source=/dev/null
    [ ! -e settings ] || { set -a && . ./settings && set +a; }
}
pass_on() { exec cat; }

keep TERM "$@"
