# Background processes of one directory, known by pid and start time, so that a recycled pid is never
# signalled. Sourced by hack/envtest-run.sh; needs $dir (absolute). A process NAME has
#
#   $dir/run/NAME      "PID START", START being field 22 of /proc/PID/stat (clock ticks since boot)
#   $dir/log/NAME.log  its stdout and stderr, appended over restarts
# shellcheck shell=bash disable=SC2154

# process_start_ticks PID: prints the start time; fails if the process is gone or a zombie. One whose
# first thread is a zombie while others still end (field 20 counts them) holds its ports: not gone.
process_start_ticks() {
    local stat fields
    { stat=$(<"/proc/$1/stat"); } 2>/dev/null || return 1
    # The command name may hold blanks and parentheses: what counts comes after the last one.
    read -ra fields <<<"${stat##*) }"
    if [[ ${fields[0]} == [ZX] ]] && ((fields[17] <= 1)); then
        return 1
    fi
    printf '%s\n' "${fields[19]}"
}

# process_is PID START: whether exactly this process still runs.
process_is() {
    [[ $(process_start_ticks "$1") == "$2" ]]
}

# process_pid NAME: prints its pid; fails if it does not run.
process_pid() {
    local pid start
    { read -r pid start <"$dir/run/$1"; } 2>/dev/null || return 1
    process_is "$pid" "$start" || return 1
    printf '%s\n' "$pid"
}

# process_spawn NAME COMMAND...: starts it in a session of its own, with no descriptor of ours but the
# log: a caller that reads our output through a pipe sees its end when we exit, not when it does.
process_spawn() {
    local name=$1 fd
    shift
    (
        exec </dev/null >>"$dir/log/$name.log" 2>&1
        for fd in /proc/"$BASHPID"/fd/*; do
            fd=${fd##*/}
            if ((fd > 2 && fd != 255)); then
                exec {fd}>&-
            fi
        done
        exec setsid "$@"
    ) &
    disown
    printf '%s %s\n' "$!" "$(process_start_ticks "$!" || echo gone)" >"$dir/run/$name"
}

process_signal() {
    local pid
    if pid=$(process_pid "$1"); then
        kill "-$2" "$pid" 2>/dev/null || true
    fi
}

# process_wait_end NAME TENTHS: waits at most that long; fails if it still runs.
process_wait_end() {
    local left=$2
    while process_pid "$1" >/dev/null; do
        ((left-- > 0)) || return 1
        sleep 0.1
    done
}

# process_end NAME...: SIGTERM to all, 2 s, SIGKILL to what is left (an API server with open watches
# would take a minute). Returns when all are gone.
process_end() {
    local name
    for name in "$@"; do
        process_signal "$name" TERM
        process_signal "$name" CONT
    done
    for name in "$@"; do
        if ! process_wait_end "$name" 20; then
            process_signal "$name" KILL
            process_wait_end "$name" 50 || return 1
        fi
        rm -f "$dir/run/$name"
    done
}

# port_is_free PORT: whether no TCP socket of this machine has it as local port.
port_is_free() {
    local hex
    printf -v hex '%04X' "$1"
    ! awk -v port="$hex" '{ n = split($2, a, ":"); if (a[n] == port) found = 1 } END { exit !found }' \
        /proc/net/tcp /proc/net/tcp6 2>/dev/null
}

# free_port: prints a free port below the range from which the kernel takes ports for clients.
free_port() {
    local port
    while :; do
        port=$((20000 + (RANDOM << 15 | RANDOM) % 12000))
        if port_is_free "$port"; then
            printf '%s\n' "$port"
            return
        fi
    done
}
