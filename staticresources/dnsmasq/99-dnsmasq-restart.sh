#!/bin/bash
# 99-dnsmasq-restart - NetworkManager calls it with an interface and what happened to it. When an interface of the virtual network
# comes or goes, as when the host below is serviced, dnsmasq begins anew: what runs before it asks the network again. Whatever
# happens here is in the journal; it never fails, which would help nobody.
set -u
interface=${1:-} action=${2:-}
readonly TAG='99-DNSMASQ-RESTART SCRIPT'

say() { logger -t "$TAG" -- "$*"; }

# What the machine asks for names, and what dnsmasq does.
show_resolvers() {
    local file
    for file in /etc/resolv.conf /etc/resolv.conf.dnsmasq; do
        {
            ls -lZ "$file"
            cat "$file"
        } 2>&1 | logger -t "$TAG"
    done
}

[[ $interface == @(eth|enP)* && $action == @(up|down) ]] || exit 0

say "$interface is $action, connectivity: ${CONNECTIVITY_STATE:-not known}"
show_resolvers
if systemctl try-restart dnsmasq --wait; then
    say 'dnsmasq was restarted'
else
    say "dnsmasq could not be restarted: systemctl ended with $?"
fi
show_resolvers
exit 0
