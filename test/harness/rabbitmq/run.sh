#!/bin/bash
# run.sh COMMAND... - runs a command beside a private RabbitMQ, and ends it with the command. Its data lie in a folder of
# their own, it listens on free ports of loopback, has a port mapper of its own, and ends with this script, however that
# ends. Killed by the command, it starts again, as a server under a supervisor would.
#
# The command finds BROKER_URL, BROKER_SERVER_PID (a file with the server's process) and BROKER_HOLD: while a file of that
# name is there, a server that ended does not start again.
# Root starts it as the user "rabbitmq" of Debian's package.
set -euo pipefail

[ $# -gt 0 ] || { sed -n '2,9s/^# \?//p' "$0"; exit 2; }

# The part that starts the server again; a process of its own, so that it dies with this one.
if [ "$1" = --supervise ]; then
    dir=$2
    shift 2
    while [ ! -e "$dir/over" ]; do
        if [ -e "$dir/hold" ]; then
            sleep 0.1
            continue
        fi
        "$@" >>"$dir/server.log" 2>&1 || true
    done
    exit 0
fi

server=$(find /usr/lib/rabbitmq/lib -path '*/sbin/rabbitmq-server' 2>/dev/null | sort -V | tail -1)
[ -n "$server" ] || { echo "run.sh: RabbitMQ is not installed (hack/deps.sh broker)" >&2; exit 1; }

# free_port: a free one below the range from which the kernel takes ports for clients.
free_port() {
    local port
    for _ in {1..100}; do
        port=$((20000 + RANDOM % 12000))
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
    done
    echo "run.sh: no free port" >&2
    return 1
}

dir=$(mktemp -d /tmp/mq.XXXXXX)
supervisor="" mapper=""
as_user=(setpriv --pdeathsig KILL)
if [ "$(id -u)" -eq 0 ]; then
    as_user=(setpriv --reuid rabbitmq --regid rabbitmq --clear-groups --pdeathsig KILL)
    chown rabbitmq: "$dir"
fi

finish() {
    trap - EXIT INT TERM
    if [ -n "$supervisor" ]; then
        touch "$dir/over"
        kill -KILL "$(cat "$dir/pid" 2>/dev/null)" 2>/dev/null || true
        wait "$supervisor" || true
    fi
    [ -z "$mapper" ] || kill "$mapper" 2>/dev/null || true
    rm -rf "$dir"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

port=$(free_port)
mapper_port=$(free_port)
settings=(
    HOME="$dir" ERL_EPMD_PORT="$mapper_port" ERL_EPMD_ADDRESS=127.0.0.1
    RABBITMQ_NODENAME="test$port@localhost" RABBITMQ_NODE_IP_ADDRESS=127.0.0.1 RABBITMQ_NODE_PORT="$port"
    RABBITMQ_DIST_PORT="$(free_port)" RABBITMQ_CONF_ENV_FILE=/dev/null RABBITMQ_CONFIG_FILE="$dir/rabbitmq.conf"
    RABBITMQ_ADVANCED_CONFIG_FILE="$dir/advanced.config" RABBITMQ_ENABLED_PLUGINS_FILE="$dir/plugins"
    RUNNING_UNDER_SYSTEMD=1 # no shell stays between us and the server: it dies with us
    RABBITMQ_MNESIA_BASE="$dir/data" RABBITMQ_LOGS=- RABBITMQ_PID_FILE="$dir/pid"
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="-kernel inet_dist_use_interface {127,0,0,1} +S 1:1 +sbwt none"
)
cat >"$dir/rabbitmq.conf" <<CONF
log.console.level = warning
disk_free_limit.absolute = 10MB
CONF
: >"$dir/plugins"

"${as_user[@]}" epmd -port "$mapper_port" -address 127.0.0.1 >"$dir/epmd.log" 2>&1 &
mapper=$!
setpriv --pdeathsig KILL "$0" --supervise "$dir" "${as_user[@]}" env "${settings[@]}" "$server" &
supervisor=$!

for ((i = 0; ; i++)); do
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break
    [ "$i" -lt 1200 ] || { tail -50 "$dir/server.log" >&2; exit 1; }
    sleep 0.1
done

status=0
BROKER_URL="amqp://guest:guest@127.0.0.1:$port" BROKER_SERVER_PID=$dir/pid BROKER_HOLD=$dir/hold "$@" || status=$?
[ "$status" -eq 0 ] || [ -z "${V:-}" ] || tail -50 "$dir/server.log" >&2
exit "$status"
