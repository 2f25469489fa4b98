#!/bin/bash
# What runs before dnsmasq on a machine: on a file system of its own, with an ip and an nmcli that say what the case wants.
# shellcheck source=test/unit/support/cases.sh
. "$(dirname "$0")/../../support/cases.sh"

SCRIPT=$ROOT/staticresources/dnsmasq/aro-dnsmasq-pre.sh

# machine DEVICES: makes one in ./etc and ./bin whose nmcli shows these lines, and whose address is 10.0.2.6.
machine() {
    mkdir -p etc/NetworkManager/conf.d bin
    sed "s|=/etc/|=$PWD/etc/|" "$SCRIPT" >pre.sh
    printf '%s\n' "$1" >devices
    cat >bin/ip <<'STUB'
#!/bin/bash
[ "$*" = '--json route get 168.63.129.16' ] || exit 9
cat address
STUB
    cat >bin/nmcli <<'STUB'
#!/bin/bash
echo "$*" >>nmcli.log
[ "$*" != 'device show' ] || cat devices
STUB
    chmod +x bin/*
    echo '[{"dst":"168.63.129.16","gateway":"10.0.2.1","dev":"eth0","prefsrc":"10.0.2.6","uid":0}]' >address
}

run_script() { PATH=$PWD/bin:$PATH bash pre.sh; }

readonly AZURE='GENERAL.DEVICE:                         eth0
IP4.ADDRESS[1]:                         10.0.2.6/24
IP4.DNS[1]:                             168.63.129.16
IP4.DOMAIN[1]:                          internal.cloudapp.net'

test_writes_both() {
    machine "$AZURE"
    run_script >said
    expect "$(cat said)" = 'node: 10.0.2.6, servers: 168.63.129.16, domains: internal.cloudapp.net'
    expect "$(grep -v '^#' etc/resolv.conf.dnsmasq)" = 'nameserver 168.63.129.16'
    expect "$(grep -v '^#' etc/NetworkManager/conf.d/aro-dns.conf)" = '[global-dns]
searches=internal.cloudapp.net

[global-dns-domain-*]
servers=10.0.2.6'
    expect "$(head -c 1 etc/resolv.conf.dnsmasq)" = '#'
    expect "$(stat -c %a etc/resolv.conf.dnsmasq etc/NetworkManager/conf.d/aro-dns.conf)" = $'644\n644'
}

test_has_network_manager_read_them() {
    machine "$AZURE"
    run_script >said
    expect "$(grep general nmcli.log)" = 'general reload conf
general reload dns-rc'
}

test_several() {
    machine 'IP4.DNS[1]:   10.1.0.4
IP4.DNS[2]:   10.1.0.5
IP4.DOMAIN[1]:   corp.example
GENERAL.DEVICE:   eth1
IP4.DNS[1]:   10.1.0.4
IP4.DOMAIN[1]:   lab.example
IP6.DNS[1]:   --
IP6.DOMAIN[1]:'
    run_script >said
    expect "$(grep -v '^#' etc/resolv.conf.dnsmasq)" = $'nameserver 10.1.0.4\nnameserver 10.1.0.5'
    expect "$(grep searches etc/NetworkManager/conf.d/aro-dns.conf)" = 'searches=corp.example,lab.example'
}

# dnsmasq would ask itself for ever.
test_own_address() {
    machine 'IP4.DNS[1]: 10.0.2.6
IP4.DNS[2]: 10.0.2.60
IP4.DOMAIN[1]: a.example'
    run_script >said
    expect "$(grep -v '^#' etc/resolv.conf.dnsmasq)" = 'nameserver 10.0.2.60'
}

# leaves_alone: what was there stays, and nobody is told to read it again.
leaves_alone() {
    echo before >etc/resolv.conf.dnsmasq
    run_script >said
    expect "$(cat etc/resolv.conf.dnsmasq)" = before
    expect ! -e etc/NetworkManager/conf.d/aro-dns.conf
    expect "$(cat nmcli.log)" = $'device show\ndevice show'
}

test_no_servers() {
    machine 'IP4.DOMAIN[1]: a.example'
    leaves_alone
}

test_no_domains() {
    machine 'IP4.DNS[1]: 10.1.0.4'
    leaves_alone
}

test_no_address() {
    machine "$AZURE"
    echo '[{"dst":"168.63.129.16"}]' >address
    leaves_alone
}

test_again() {
    machine "$AZURE"
    run_script >said
    cp -r etc first
    run_script >said
    diff -r first etc
}

test_fails_with_its_parts() {
    machine "$AZURE"
    printf '#!/bin/bash\nexit 3\n' >bin/nmcli
    expect_status 3 run_script
    expect ! -e etc/resolv.conf.dnsmasq
}

run_cases aro-dnsmasq-pre \
    "writes servers for dnsmasq, and dnsmasq for the machine" test_writes_both \
    "has NetworkManager read what it wrote" test_has_network_manager_read_them \
    "takes servers and domains of all devices, each once, in order" test_several \
    "never has dnsmasq ask its own machine" test_own_address \
    "leaves all as it is without a server" test_no_servers \
    "leaves all as it is without a domain" test_no_domains \
    "leaves all as it is without an address of its own" test_no_address \
    "comes to the same the second time" test_again \
    "fails when a part of it fails" test_fails_with_its_parts
