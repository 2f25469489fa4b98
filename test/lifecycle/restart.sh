#!/bin/bash
# restart.sh - a resource provider that comes back when it ends, on the ports that it got first, as an administrator restarts it with
# another setting: the file "settings" of the current folder, NAME=VALUE lines, is read before each start. Started by devcloud in its
# stead, from a folder that holds it as "aro-rp"; the file "pid" says which process it is.
set -u
dir=$(dirname "$0")
log=$(readlink /proc/$$/fd/1)
child=
# shellcheck disable=SC2317
stop() {
    [ -z "$child" ] || kill -TERM "$child" 2>/dev/null
    wait
    exit 0
}
trap stop TERM INT

while :; do
    # shellcheck source=/dev/null
    [ ! -e settings ] || { set -a && . ./settings && set +a; }
    # Its pid is known before it runs. It does not outlive this shell, whatever ends that.
    # shellcheck disable=SC2016 # for the inner shell
    bash -c 'echo $$ >pid && exec setpriv --pdeathsig TERM "$@"' - "$dir/aro-rp" "$@" &
    child=$!
    wait "$child"
    port=$(sed -n 's/.*listening on port \([0-9]*\).*/\1/p' "$log" | tail -1)
    plain=$(sed -n 's/.*without TLS on 127.0.0.1:\([0-9]*\).*/\1/p' "$log" | tail -1)
    [ -n "$port" ] && [ -n "$plain" ] || exit 1 # it never ran
    set -- --port="$port" --plain-port="$plain"
done
