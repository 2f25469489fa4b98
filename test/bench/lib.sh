# What the benchmarks of several programs share; sourced from the repository's root. BIN: where the programs are.
# shellcheck shell=bash
BIN=${BIN:-build/bin}
bench=$(basename "$0" .sh)

# row NAME FIGURE BAR PEER: a line of the table.
row() { printf '%-46s %16s  %-22s %s\n' "$@"; }
die() {
    printf '%s: error: %s\n' "$bench" "$1" >&2
    exit 1
}
step() { printf '%s: %s; load of the machine %s\n' "$bench" "$1" "$(cut -d' ' -f1 /proc/loadavg)" >&2; }

# wait_for COMMAND...: until it succeeds, WAIT_S seconds (60) at most.
wait_for() {
    local i
    for ((i = 0; i < ${WAIT_S:-60} * 10; i++)); do
        ! "$@" >/dev/null 2>&1 || return 0
        sleep 0.1
    done
    return 1
}

# make_dir KB: a private folder, in memory where there is so much room: the disk's waits are not what is measured.
make_dir() {
    local room_kb place=${TMPDIR:-/tmp}
    room_kb=$(df --output=avail /dev/shm 2>/dev/null | tail -n 1 || true)
    if [[ -z ${TMPDIR-} ]] && ((${room_kb:-0} > $1)); then
        place=/dev/shm
    fi
    TMPDIR=$place mktemp -d
}

# megabytes FIELD PROCESS: of its status, VmRSS or VmHWM.
megabytes() { awk -v field="$1:" '$1 == field { printf "%.1f MB", $2 / 1024 }' "/proc/$2/status"; }
# less A B [BY]: (A - B) / BY
less() { awk -v a="$1" -v b="$2" -v by="${3:-1}" 'BEGIN { printf "%.2f", (a - b) / by }'; }
