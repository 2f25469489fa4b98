#!/bin/bash
# respawn.sh - a resource provider that is killed at chosen steps of a cluster's life, and comes back. In the current folder:
#   plan   where it is to be killed, one after the other: lines of STEP SECONDS PHASE, that long after the step has begun.
#          PHASE: "first" of a creation, "other"; some steps are in both. Each line is taken out when it has come.
#   steps  every step that was begun: lines of TIME STEP
# shellcheck source=test/lifecycle/keep.sh
. "$(dirname "$(readlink -f "$0")")/../lifecycle/keep.sh"
set -u

before_start() { :; }
# Which lib.sh makes for clusters of the first layout.
[ "${ARO_RP_ARCHITECTURE_VERSION:-1}" = 1 ] ||
    export ACR_RESOURCE_ID="/subscriptions/$AZURE_SUBSCRIPTION_ID/resourceGroups/rp/providers/Microsoft.ContainerRegistry/registries/images"

# pass_on: kills who writes it when the plan says so. What that one still wrote counts no more.
pass_on() {
    local line step wanted delay phase killed='' now=other
    while IFS= read -r line; do
        printf '%s\n' "$line"
        [[ -z $killed && $line =~ msg=\"running\ [a-z\ ]*step\".*\ step=([A-Za-z0-9]+) ]] || continue
        step=${BASH_REMATCH[1]}
        [ "$step" != startInstallation ] || now=first
        if [ -s plan ] && read -r wanted delay phase <plan && [ "$wanted $phase" = "$step $now" ]; then
            [ "$delay" = 0 ] || sleep "$delay"
            kill -KILL "$(cat pid)"
            killed=yes
            sed -i 1d plan
        fi
        [ "$step" != incrInstallPhase ] || now=other
        echo "$EPOCHREALTIME $step" >>steps
    done
}

keep KILL "$@"
