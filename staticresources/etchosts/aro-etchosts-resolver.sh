#!/bin/bash
# aro-etchosts-resolver.sh - writes the lines of /etc/hosts.d/aro.conf into /etc/hosts, each with a marker, in place of those that
# an earlier start left there. /etc/hosts is replaced by a whole file or not at all, keeps its mode and its label, and is left alone
# when it is right. What it was made from stays in /etc/hosts.d/aro.tmp.
set -uo pipefail
readonly HOSTS=/etc/hosts CONF=/etc/hosts.d/aro.conf TEMP=/etc/hosts.d/aro.tmp
readonly MARKER='# openshift-aro-etchosts-resolver'
readonly TRIES=5

# Lines of others, then ours.
show_hosts() {
    awk -v marker="$MARKER" '!index($0, marker)' "$HOSTS" &&
        awk -v marker="$MARKER" 'NF { print $0 " " marker }' "$CONF"
}

write_hosts() {
    show_hosts >"$TEMP" || return
    ! cmp -s "$TEMP" "$HOSTS" || return 0
    cp -a "$HOSTS" "$HOSTS.aro-new" && # the mode, the owner and the label
        cat "$TEMP" >"$HOSTS.aro-new" &&
        mv "$HOSTS.aro-new" "$HOSTS" &&
        echo "wrote $(grep -c "$MARKER" "$HOSTS") lines into $HOSTS"
}

for ((try = 1; try <= TRIES; try++)); do
    ! write_hosts || exit 0
    echo "writing $HOSTS failed (try $try of $TRIES)" >&2
    sleep 1
done
exit 1
