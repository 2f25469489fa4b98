# shellcheck shell=bash
# keep.sh - a resource provider that comes back when it ends, on the ports that it got first. Sourced by what devcloud starts in its
# stead, from a folder that holds it as "aro-rp" and in one where the file "pid" says then which process it is.

# keep SIGNAL [OPTION]...: runs it with these options for as long as this shell is wanted, and ends it with SIGNAL. The shell's own
# before_start is called before each start; pass_on has what it logs on its standard input.
keep() {
    local port plain log child=
    log=$(readlink /proc/$$/fd/1)
    # shellcheck disable=SC2064 # which signal is known now
    trap "stop_kept $1" TERM INT
    while :; do
        before_start
        # Its pid is known before it runs. It does not outlive this shell, whatever ends that.
        # shellcheck disable=SC2016 # for the inner shell
        bash -c 'echo $$ >pid && exec setpriv --pdeathsig "$@"' - "$1" "$(dirname "$0")/aro-rp" "${@:2}" > >(pass_on) 2>&1 &
        child=$!
        wait "$child"
        sleep 0.1 # until the log is passed on
        port=$(sed -n 's/.*listening on port \([0-9]*\).*/\1/p' "$log" | tail -1)
        plain=$(sed -n 's/.*without TLS on 127.0.0.1:\([0-9]*\).*/\1/p' "$log" | tail -1)
        [ -n "$port" ] && [ -n "$plain" ] || exit 1 # it never ran
        set -- "$1" --port="$port" --plain-port="$plain"
    done
}
# shellcheck disable=SC2317,SC2154 # called by the trap, amid keep
stop_kept() {
    [ -z "$child" ] || kill -"$1" "$child" 2>/dev/null
    wait "$child"
    exit 0
}
