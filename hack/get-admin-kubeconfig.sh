#!/bin/bash
# get-admin-kubeconfig.sh RESOURCE [FILE] - the administrator's kubeconfig of a cluster, as the resource provider keeps it in its
# document. RESOURCE is the cluster's resource ID. FILE defaults to admin.kubeconfig (mode 0600); - is the standard output.
#
# It is read from the store that the environment names, as `aro rp` would read it: source env, or the env file of a development
# cloud, first. The server in it is the cluster's address, and the name that its certificate carries is checked, so that no DNS
# is needed.
set -euo pipefail

BIN=${BIN:-$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/build/bin}

case ${1-} in
-h | --help)
    sed -n '2,/^[^#]/s/^# \?//p' "$0"
    exit 0
    ;;
'' | -*)
    echo "usage: $0 RESOURCE [FILE]" >&2
    exit 1
    ;;
esac
[ $# -le 2 ] || { echo "$0: only RESOURCE and FILE are expected" >&2; exit 1; }
resource=$1 file=${2:-admin.kubeconfig}

show() { "$BIN/aro-rp" --loglevel error show "$resource" "$1"; }

# A private API server is reached from the network of the resource provider alone: at its private endpoint.
address() {
    local ip visibility
    visibility=$(show properties.apiserverProfile.visibility 2>/dev/null) || visibility=
    { [ "$visibility" != Private ] && ip=$(show properties.apiserverProfile.ip 2>/dev/null); } ||
        ip=$(show properties.networkProfile.privateEndpointIp) || {
        echo "$0: the API server of the cluster has no address yet" >&2
        return 1
    }
    printf '%s\n' "$ip"
}

config=$(show properties.adminKubeconfig)
ip=$(address)
config=$(sed -E "s#^( *)server: https://([^:/]+):([0-9]+)\$#\\1server: https://$ip:\\3\\n\\1tls-server-name: \\2#" <<<"$config")

# What is no regular file, such as /dev/stdout, is written to; a regular one is there whole or not at all, at the end of links.
if [ "$file" = - ]; then
    printf '%s\n' "$config"
elif [ -d "$file" ] || [[ $file == */ ]]; then
    echo "$0: $file is a folder: name a file" >&2
    exit 1
elif [ -e "$file" ] && [ ! -f "$file" ]; then
    printf '%s\n' "$config" >"$file"
else
    umask 077
    file=$(realpath -- "$file")
    new=$(mktemp -- "$file.XXXXXX")
    trap 'rm -f -- "$new"' EXIT
    printf '%s\n' "$config" >"$new"
    mv -T -- "$new" "$file"
fi
