#!/bin/bash
# respawn.sh - a resource provider that is killed at chosen steps of a cluster's life, and comes back on the ports that it got
# first. Started by devcloud in its stead, from a folder that holds it as "aro-rp". In the current folder:
#   plan   where it is to be killed, one after the other: lines of STEP SECONDS PHASE, that long after the step has begun.
#          PHASE: "first" of a creation, "other"; some steps are in both. Each line is taken out when it has come.
#   steps  every step that was begun: lines of TIME STEP
set -u
dir=$(dirname "$0")
log=$(readlink /proc/$$/fd/1)
child=
# shellcheck disable=SC2317
stop() {
    [ -z "$child" ] || kill -KILL "$child" 2>/dev/null
    exit 0
}
trap stop TERM INT

# watch: passes the log on that it reads, and kills who writes it when the plan says so. What that one still wrote counts no more.
watch() {
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

while :; do
    # Its pid is known before it runs. It does not outlive this shell, whatever ends that.
    # shellcheck disable=SC2016 # for the inner shell
    bash -c 'echo $$ >pid && exec setpriv --pdeathsig KILL "$@"' - "$dir/aro-rp" "$@" > >(watch) 2>&1 &
    child=$!
    wait "$child"
    sleep 0.1 # until the log is passed on
    port=$(sed -n 's/.*listening on port \([0-9]*\).*/\1/p' "$log" | tail -1)
    plain=$(sed -n 's/.*without TLS on 127.0.0.1:\([0-9]*\).*/\1/p' "$log" | tail -1)
    [ -n "$port" ] && [ -n "$plain" ] || exit 1 # it never ran
    set -- --port="$port" --plain-port="$plain"
done
