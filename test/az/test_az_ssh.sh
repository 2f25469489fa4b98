#!/bin/bash
# hack/ssh-bootstrap.sh as the first quick start shows it: while a cluster is being bootstrapped, and after that. The cluster is
# held in its first phase. BIN holds devcloud and what it starts. The cases build on each other.
# shellcheck source=test/unit/support/cases.sh
. "$(dirname "$0")/../unit/support/cases.sh"
# shellcheck source=test/az/cloud.sh
. "$(dirname "$0")/cloud.sh"

# within SECONDS COMMAND...: until it succeeds.
within() {
    local until=$((SECONDS + $1))
    until "${@:2}"; do
        [ "$SECONDS" -lt "$until" ] || { echo "not within $1 s: ${*:2}"; return 1; }
        sleep 0.2
    done
}
# bootstrap ARGUMENTS OF THE SCRIPT...: of the cluster
bootstrap() { "$ROOT/hack/ssh-bootstrap.sh" "/subscriptions/$AZURE_SUBSCRIPTION_ID/resourceGroups/held/providers/Microsoft.RedHatOpenShift/OpenShiftClusters/held" "$@"; }
has_server() { compgen -G "$work/cloud/clusters/*-bootstrap/ssh_config" >/dev/null; }
has_no_server() { ! has_server; }

test_early() {
    expect_status 1 "$ROOT/hack/ssh-bootstrap.sh"
    expect_text '^usage: ' <output
    expect_status 1 bootstrap true
    expect_text 'reading the cluster .*held' <output
}

test_shell() {
    control state -X PATCH -d '{"clusters": {"*": {"delay_ms": {"bootstrap": -1}}}}' >/dev/null
    cluster_body held master worker | curl -sS -X PUT -d @- -H 'Content-Type: application/json' -o put.json \
        "$RP/subscriptions/$AZURE_SUBSCRIPTION_ID/resourceGroups/held/providers/Microsoft.RedHatOpenShift/openShiftClusters/held?api-version=2022-09-04"
    expect "$(jq -r .properties.provisioningState put.json)" = Creating
    within 240 has_server
    # shellcheck disable=SC2016 # for the other side
    bootstrap 'echo "$USER in $PWD"; exit 3' >said || expect $? = 3
    expect_text "^core in $work/cloud/clusters/held-[a-z0-9]+-bootstrap\$" <said
    expect "$(echo hello | bootstrap cat)" = hello
}

test_past() {
    control state -X PATCH -d '{"clusters": null}' >/dev/null
    within 240 has_no_server
    within 60 no_nic
    expect_status 1 bootstrap true
    expect_text 'there is no bootstrap machine .*bootstrapped already' <output
}
no_nic() { control state | jq -e '[.resources | keys[] | select(endswith("-bootstrap-nic"))] == []' >/dev/null; }

start_cloud --rp aro-rp || exit 1
RP=$(sed -n 's/^rp .* \(http:[^ ]*\) .*/\1/p' "$work/cloud/status")
make_group held
sign_in
(run_cases az-ssh \
    "a cluster that is not there is refused" test_early \
    "while the cluster is bootstrapped there is a shell on the machine" test_shell \
    "after that the script says so" test_past)
