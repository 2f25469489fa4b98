# shellcheck shell=bash disable=SC2034 # for who sources this
# public_cloud.sh - the simulated Azure under the names and the port of the public cloud, as a resource provider in production
# knows it: in a namespace of network and mounts, where every name leads to this machine. Sourced first of all.

# enter_public_cloud [ARGUMENT]...: goes on with this script from its beginning, inside; there it returns. 1: this machine makes no
# namespaces for us.
enter_public_cloud() {
    local how
    if [ -n "${IN_PUBLIC_CLOUD-}" ]; then
        ip link set lo up && return
        echo "no network in the namespace"
        exit 1
    fi
    for how in -mn -Urmn; do
        # shellcheck disable=SC2093 # only when it can
        if unshare $how true 2>/dev/null; then IN_PUBLIC_CLOUD=yes exec unshare $how bash "$0" "$@"; fi
    done
    return 1
}

# name_everything FOLDER: from now on names are this machine. Ends with the process names_pid.
name_everything() {
    echo 'nameserver 127.0.0.1' >"$1/resolv.conf"
    echo '127.0.0.1 localhost' >"$1/hosts"
    mount --bind "$1/resolv.conf" /etc/resolv.conf && mount --bind "$1/hosts" /etc/hosts || return
    dnsmasq --keep-in-foreground --conf-file=/dev/null --user=root --pid-file= --no-resolv --no-hosts --listen-address=127.0.0.1 \
        --bind-interfaces --address=/#/127.0.0.1 >"$1/dnsmasq.log" 2>&1 &
    names_pid=$!
    local until=$((SECONDS + 30))
    until [ "$(getent hosts management.azure.com | awk '{ print $1; exit }')" = 127.0.0.1 ]; do
        [ "$SECONDS" -lt "$until" ] || { cat "$1/dnsmasq.log"; return 1; }
        sleep 0.1
    done
}
