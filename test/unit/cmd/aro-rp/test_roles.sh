#!/bin/bash
# What a developer's application may do is looked at when the resource provider starts.
# shellcheck source=test/unit/support/cases.sh
. "$(dirname "$0")/../../support/cases.sh"
# shellcheck source=test/unit/support/aro_rp.sh
. "$(dirname "$0")/../../support/aro_rp.sh"

asking() {
    development
    start_azure
    export AZURE_CLIENT_ID=11111111-1111-1111-1111-111111111111 AZURE_CLIENT_SECRET=dummy-client-secret
    export AZURE_SUBSCRIPTION_ID=00000000-0000-0000-0000-000000000000 ARO_RP_AZURE_CHECKS=true
}

# permit ENTRY: what the application may do, in JSON.
permit() {
    command curl -sf --cacert ca.crt -o /dev/null -X PATCH "$AZURE/_devcloud/state" -d "{\"permissions\": {\"default\": [$1]}}"
}

test_enough() {
    asking
    start "$BIN/aro-rp"
    stop
    expect "$(grep -cE 'level=(warning|error)' log)" = 2 # that of ARO_CONNECT_TO, and that everybody may call
    stop_azure
}

test_missing() {
    asking
    permit '{"actions": ["*"], "notActions": ["Microsoft.Authorization/*/Write"]}'
    expect_status 1 "$BIN/aro-rp" --port 0 --plain-port 0
    expect_text "needs in subscription '$AZURE_SUBSCRIPTION_ID' the role 'User Access Administrator'" <output
    expect_text "az role assignment create --assignee $AZURE_CLIENT_ID --role 'User Access Administrator'" <output
    stop_azure
}

test_unasked() {
    asking
    permit ''
    ARO_RP_AZURE_CHECKS=false start "$BIN/aro-rp"
    stop
    stop_azure
}

test_away() {
    asking
    AZURE_CLIENT_SECRET=wrong start "$BIN/aro-rp"
    stop
    expect_text 'level=warning msg="asking Azure for the roles of .*AADSTS7000215' <log
    stop_azure
}

run_cases "roles of a developer's application" \
    "enough of them: it starts" test_enough \
    "one is missing: it says which, and how to get it" test_missing \
    "they are not asked for without the checks" test_unasked \
    "Azure that does not answer is a warning" test_away
