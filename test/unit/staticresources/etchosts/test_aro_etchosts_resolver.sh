#!/bin/bash
# What writes the cluster's static names into a machine's hosts file: on a file system of its own.
# shellcheck source=test/unit/support/cases.sh
. "$(dirname "$0")/../../support/cases.sh"

readonly MARKER='# openshift-aro-etchosts-resolver'
readonly OTHERS='127.0.0.1   localhost localhost.localdomain
::1         localhost'
readonly API=$'10.0.0.4\tapi.a.example api-int.a.example'

# machine CONF: with the hosts of others, and what there is for it.
machine() {
    mkdir -p etc/hosts.d bin
    printf '%s\n' "$OTHERS" >etc/hosts
    printf '%s\n' "$1" >etc/hosts.d/aro.conf
    printf '#!/bin/bash\n' >bin/sleep
    chmod +x bin/sleep
    sed "s|=/etc/|=$PWD/etc/|g" "$ROOT/staticresources/etchosts/aro-etchosts-resolver.sh" >script
}

run_script() { PATH=$PWD/bin:$PATH bash script; }

test_adds() {
    machine "$API"$'\n10.0.0.9\tone.example two.example'
    run_script >said
    expect "$(cat etc/hosts)" = "$OTHERS"$'\n'"$API $MARKER"$'\n10.0.0.9\tone.example two.example '"$MARKER"
    expect_text '^wrote 2 lines into ' <said
    cmp etc/hosts etc/hosts.d/aro.tmp
}

test_replaces() {
    machine "$API"
    run_script >said
    printf '10.0.0.5\tapi.a.example\n' >etc/hosts.d/aro.conf
    echo '10.9.9.9 added.by.others' >>etc/hosts
    run_script >said
    expect "$(cat etc/hosts)" = "$OTHERS"$'\n10.9.9.9 added.by.others\n10.0.0.5\tapi.a.example '"$MARKER"
}

test_empty() {
    machine "$API"
    run_script >said
    : >etc/hosts.d/aro.conf
    run_script >said
    expect "$(cat etc/hosts)" = "$OTHERS"
}

test_same() {
    machine "$API"
    run_script >said
    local before
    before=$(stat -c '%i %y' etc/hosts)
    run_script >said
    expect "$(stat -c '%i %y' etc/hosts)" = "$before"
    expect ! -s said
}

test_mode() {
    machine "$API"
    chmod 0640 etc/hosts
    run_script >said
    expect "$(stat -c %a etc/hosts)" = 640
    expect ! -e etc/hosts.aro-new
}

test_failure() {
    machine "$API"
    rm etc/hosts.d/aro.conf
    expect_status 1 run_script
    expect "$(cat etc/hosts)" = "$OTHERS"
    expect "$(grep -c 'failed (try . of 5)' output)" = 5
}

test_recovers() {
    machine "$API"
    mv etc/hosts.d/aro.conf aro.conf
    printf '#!/bin/bash\nmv -n aro.conf etc/hosts.d/aro.conf\n' >bin/sleep
    expect_status 0 run_script
    expect_text "^10.0.0.4.*$MARKER$" <etc/hosts
}

# The unit takes them away when it stops, so that none stay behind when it is removed.
test_stop() {
    machine "$API"
    run_script >said
    local stop
    stop=$(sed -n 's/^ExecStop=//p' "$ROOT/staticresources/etchosts/aro-etchosts-resolver.service")
    bash -c "${stop//\/etc\//$PWD/etc/}"
    expect "$(cat etc/hosts)" = "$OTHERS"
}

run_cases aro-etchosts-resolver \
    "adds its lines behind those of others" test_adds \
    "replaces what it wrote before, and nothing else" test_replaces \
    "takes its lines away when there are none any more" test_empty \
    "does not write what is the same" test_same \
    "keeps the mode of the hosts file, and leaves no other file" test_mode \
    "leaves the hosts file alone and fails after a few tries" test_failure \
    "goes on when what was missing comes" test_recovers \
    "is undone when the unit stops" test_stop
