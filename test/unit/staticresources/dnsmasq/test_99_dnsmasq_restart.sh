#!/bin/bash
# What NetworkManager calls when an interface comes or goes: with a systemctl and a logger that write down how they are called.
# shellcheck source=test/unit/support/cases.sh
. "$(dirname "$0")/../../support/cases.sh"

# call INTERFACE ACTION [STATUS OF SYSTEMCTL]: must end with 0.
call() {
    mkdir -p bin etc
    echo 'nameserver 10.0.2.6' >etc/resolv.conf
    echo 'nameserver 168.63.129.16' >etc/resolv.conf.dnsmasq
    : >calls
    : >journal
    sed "s| /etc/resolv| $PWD/etc/resolv|g" "$ROOT/staticresources/dnsmasq/99-dnsmasq-restart.sh" >script
    printf '#!/bin/bash\necho "$*" >>calls\nexit %s\n' "${3:-0}" >bin/systemctl
    cat >bin/logger <<'STUB'
#!/bin/bash
[ "$1 $2" = '-t 99-DNSMASQ-RESTART SCRIPT' ] || exit 9
shift 2
if [ "${1:-}" = -- ]; then
    shift
    echo "$*" >>journal
else
    cat >>journal
fi
STUB
    chmod +x bin/*
    PATH=$PWD/bin:$PATH CONNECTIVITY_STATE=FULL bash script "$1" "$2"
}

test_restarts() {
    local interface action
    for interface in eth0 eth12 enP1s1; do
        for action in up down; do
            call "$interface" "$action"
            expect "$(cat calls)" = 'try-restart dnsmasq --wait'
            expect_text "^$interface is $action, connectivity: FULL$" <journal
            expect_text '^dnsmasq was restarted$' <journal
        done
    done
}

test_shows() {
    call eth0 up
    expect "$(grep -c '^nameserver 10.0.2.6$' journal)" = 2 # before and after
    expect "$(grep -c '^nameserver 168.63.129.16$' journal)" = 2
    expect "$(grep -c '^-r.* .*/etc/resolv.conf.dnsmasq$' journal)" = 2
}

test_ignores() {
    local pair
    for pair in 'br-ex up' 'ovn-k8s-mp0 down' 'veth1 up' 'lo up' 'enp1s0 up' 'eth0 dhcp4-change' 'eth0 pre-up' ' up' 'eth0 '; do
        call "${pair% *}" "${pair#* }"
        expect "$(cat calls journal)" = ''
    done
}

test_failure() {
    call eth0 down 5
    expect_text 'could not be restarted: systemctl ended with 5$' <journal
}

test_no_arguments() {
    call eth0 up
    : >calls
    PATH=$PWD/bin:$PATH bash script
    expect "$(cat calls)" = ''
}

run_cases 99-dnsmasq-restart \
    "restarts dnsmasq for the interfaces of the virtual network" test_restarts \
    "shows what is asked for names, before and after" test_shows \
    "ignores other interfaces and other events" test_ignores \
    "tells a failure and does not fail" test_failure \
    "does nothing without arguments" test_no_arguments
