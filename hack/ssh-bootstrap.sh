#!/bin/bash
# ssh-bootstrap.sh RESOURCE [COMMAND...] - a shell on the bootstrap machine of a cluster that is being created, as user core with
# the cluster's key. RESOURCE is the cluster's resource ID.
#
# Key and managed resource group are read from the document, as get-admin-kubeconfig.sh does; the address is asked of Azure by the
# Azure CLI: the public one of the machine's network interface where it has one, its private one otherwise. SSH_PORT is another
# port than 22, SSH_CONFIG a configuration of ssh that leads to the address. The key is in a private file that goes with this
# script.
set -euo pipefail

BIN=${BIN:-$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/build/bin}

case ${1-} in
-h | --help)
    sed -n '2,/^[^#]/s/^# \?//p' "$0"
    exit 0
    ;;
'' | -*)
    echo "usage: $0 RESOURCE [COMMAND...]" >&2
    exit 1
    ;;
esac
resource=$1
shift

show() { "$BIN/aro-rp" --loglevel error show "$resource" "$1"; }

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
group=$(show properties.clusterProfile.resourceGroupId)
infra=$(show properties.infraId)
(umask 077 && show properties.sshKey | openssl rsa -inform DER -out "$dir/id_rsa" 2>/dev/null)

nic="$group/providers/Microsoft.Network/networkInterfaces/$infra-bootstrap-nic"
# look ID MEMBER: nothing where the resource is not there (status 3 of the CLI); what else fails ends the script. By the CLI's way
# to any resource: some distributions' CLIs lack the client of the network service.
look() {
    local status=0
    az resource show --ids "$1" --api-version 2020-08-01 --query "properties.$2" -o tsv 2>"$dir/az" || status=$?
    case $status in
    0 | 3) ;;
    *)
        cat "$dir/az" >&2
        echo "$0: asking Azure for $1 failed (az ended with $status); sign in with az login, as somebody who may read it" >&2
        return 1
        ;;
    esac
}
public=$(look "$nic" 'ipConfigurations[0].properties.publicIPAddress.id')
if [ -n "$public" ]; then
    ip=$(look "$public" ipAddress)
else
    ip=$(look "$nic" 'ipConfigurations[0].properties.privateIPAddress')
fi
if [ -z "$ip" ]; then
    echo "$0: there is no bootstrap machine ($nic): the cluster is not begun yet, or bootstrapped already" >&2
    exit 1
fi

ssh ${SSH_CONFIG:+-F "$SSH_CONFIG"} ${SSH_PORT:+-p "$SSH_PORT"} -i "$dir/id_rsa" -o IdentitiesOnly=yes -o StrictHostKeyChecking=no \
    -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR "core@$ip" "$@"
