#!/bin/bash
# Resource providers are killed at every step of a cluster's creation and deletion: whoever takes the cluster up makes of it what
# it would have become undisturbed, and leaves nothing of it. The steps are those that an undisturbed life had. BIN holds devcloud
# and what it starts. CRASH_LIVES: how many of the lives are tried, 0 all of them; CRASH_TURN: from which on, 0. CRASH_LAYOUT=0: of
# clusters of the first layout.
# shellcheck source=test/unit/support/cases.sh
. "$(dirname "$0")/../unit/support/cases.sh"

# An operation that is taken up a sixth time fails. So often in each of a creation's two phases: on a busy machine the log is read
# late, and what was meant for the end of the first comes in the second, where both add up.
KILLS=2
CLOUDS=3 # at the same time

lives=$(mktemp -d "${TMPDIR:-/tmp}/lifecrash.XXXXXX")
running=() # pids of what lives in the background
# shellcheck disable=SC2317
end() {
    [ ${#running[@]} = 0 ] || kill "${running[@]}" 2>/dev/null
    wait
    rm -rf -- "$lives"
}
trap end EXIT
trap 'exit 1' TERM INT
# begin_lives LIFE...: in a cloud of their own, in the background.
begin_lives() {
    "$ROOT/test/lifecrash/lives.sh" "$lives" "$@" >"$lives/cloud-$1" 2>&1 &
    running+=($!)
}
# await_lives: all that were begun.
await_lives() {
    wait "${running[@]}"
    running=()
}

# points FILE FROM TO PHASE: where to kill, of the steps in the lines FROM to TO: when each begins, and amid those that take their time.
points() {
    sed -n "$2,$3p" "$1" | awk '
        { if (step != "") print step, ($1 - at > 0.2 ? 0.1 : "") ; at = $1; step = $2 }
        END { print step }' | awk -v phase="$4" '{ print $1, 0, phase; if ($2 != "") print $1, $2, phase }'
}
# plan POINTS COUNT KIND: spreads them over COUNT lives, in turn, so that in each they are far apart.
plan() {
    awk -v count="$2" -v dir="$lives" -v kind="$3" '{ print >>(dir "/" (NR - 1) % count + 1 "/" kind ".plan") }' "$1"
}

make_plans() {
    local first longest phase
    first=$(grep -n ' incrInstallPhase$' "$lives/0/create" | cut -d: -f1)
    # The last step of the phase is for a life of its own: when it has taken effect before the end, the kills of both phases add up.
    points "$lives/0/create" 1 $((first - 1)) first >"$lives/bootstrap"
    points "$lives/0/create" $((first + 1)) '$' other >"$lives/remove"
    points "$lives/0/delete" 1 '$' other >"$lives/delete"
    longest=$(wc -l "$lives"/{bootstrap,remove,delete} | sort -n | tail -2 | awk 'NR == 1 { print $1 }')
    count=$(((longest + KILLS - 1) / KILLS))
    for ((i = 1; i <= count + 1; i++)); do
        mkdir -p "$lives/$i"
        : >"$lives/$i/create.plan"
        : >"$lives/$i/delete.plan"
    done
    for phase in bootstrap remove; do plan "$lives/$phase" "$count" create; done
    plan "$lives/delete" "$count" delete
    all=$((count + 1))
    echo incrInstallPhase 0 first >"$lives/$all/create.plan"
    count=${CRASH_LIVES:-0}
    ((count > 0 && count < all)) || count=$all
}

# life_of N: which life is the N-th that is tried.
life_of() { echo $((1 + (($1 - 1) * all / count + 10#${CRASH_TURN:-0}) % all)); }

# told LIFE: what went wrong in it.
told() {
    local dir=$lives/$1
    [ -f "$dir/status" ] || { echo "it was not lived"; cat "$lives"/cloud-*; return 1; }
    [ "$(cat "$dir/status")" = 0 ] || {
        cat "$dir/told"
        grep -E 'level=(warning|error)' "$dir/log" | grep -vE 'ARO_CONNECT_TO|everybody may call' | cut -c1-1000 | tail -5
        return 1
    }
}
test_undisturbed() {
    told 0
    expect -s "$lives/bootstrap"
    expect -s "$lives/remove"
    expect -s "$lives/delete"
    expect "$(grep -c /resourcegroups/aro-one "$lives/0/left")" = 0
}
test_life() {
    told "$1"
    diff "$lives/0/made" "$lives/$1/made"
    diff "$lives/0/left" "$lives/$1/left"
}

mkdir "$lives/0"
: >"$lives/0/create.plan"
: >"$lives/0/delete.plan"
begin_lives 0
await_lives
[ "$(cat "$lives/0/status" 2>/dev/null)" != 0 ] || make_plans
cases=("a cluster lives undisturbed" test_undisturbed)
for ((cloud = 1; cloud <= CLOUDS; cloud++)); do
    mine=()
    for ((i = cloud; i <= ${count:-0}; i += CLOUDS)); do mine+=("$(life_of "$i")"); done
    [ ${#mine[@]} = 0 ] || begin_lives "${mine[@]}"
done
[ ${#running[@]} = 0 ] || await_lives
for ((i = 1; i <= ${count:-0}; i++)); do
    life=$(life_of "$i")
    eval "test_life_$life() { test_life $life; }"
    cases+=("killed at $(awk '{ printf "%s%s%s", (NR > 1 ? ", " : ""), ($2 == 0 ? "" : "amid "), $1 }' "$lives/$life"/{create,delete}.plan), a cluster ends the same" "test_life_$life")
done
(run_cases lifecrash "${cases[@]}")
exit
