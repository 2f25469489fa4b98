#!/bin/bash
# ssh_here.sh DIR ARGUMENTS OF ssh - ssh itself, to a server of this machine, whatever address is named. DIR/authorized_keys has who is
# let in as core; what else the server needs is made in DIR. Who runs this ends the server with it: it is of the same group.
set -euo pipefail

dir=$1
shift
rm -rf "$dir/.ssh" "$dir/host" "$dir/pid"
mkdir -m 700 "$dir/.ssh"
cp "$dir/authorized_keys" "$dir/.ssh/"
chmod 600 "$dir/.ssh/authorized_keys"
echo "core:x:$(id -u):$(id -g)::$dir:/bin/sh" >"$dir/passwd"
echo "core:x:$(id -g):" >"$dir/group"
dropbearkey -t ed25519 -f "$dir/host" >/dev/null 2>&1

# Its number is written once it listens; a port that somebody has ends it.
server=
until [ -s "$dir/pid" ]; do
    if [ -z "$server" ] || ! kill -0 "$server" 2>/dev/null; then
        port=$((20000 + RANDOM))
        LD_PRELOAD=libnss_wrapper.so NSS_WRAPPER_PASSWD=$dir/passwd NSS_WRAPPER_GROUP=$dir/group \
            /usr/sbin/dropbear -F -E -s -r "$dir/host" -P "$dir/pid" -p "127.0.0.1:$port" >"$dir/log" 2>&1 &
        server=$!
    fi
    sleep 0.05
done
exec /usr/bin/ssh -o HostName=127.0.0.1 -o Port="$port" "$@"
