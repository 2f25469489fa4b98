#!/bin/bash
# The example of docs/client.md is the program that is run here.
# shellcheck source=test/unit/support/cases.sh
. "$(dirname "$0")/../../support/cases.sh"
# shellcheck source=test/unit/support/aro_rp.sh
. "$(dirname "$0")/../../support/aro_rp.sh"

test_page() {
    sed -n '/^```c$/,/^```$/p' "$ROOT/docs/client.md" | sed '1d;$d' >example.c
    diff example.c "$ROOT/test/client-example/main.c"
}

test_run() {
    development
    AZURE_SUBSCRIPTION_ID=00000000-0000-0000-0000-000000000000
    export ARO_RP_RETRY_AFTER_MS=1000
    start "$BIN/rp-scripted"
    "$BIN/client-example" "http://127.0.0.1:$PORT/" "$AZURE_SUBSCRIPTION_ID" >output
    diff output - <<END
console: https://console-openshift-console.apps.example.aro.example/
example: Succeeded
deleted
END
    stop
}

test_errors() {
    expect_status 2 "$BIN/client-example"
    expect_text '^usage: client-example ENDPOINT SUBSCRIPTION$' <output
    development
    start "$BIN/rp-scripted"
    expect_status 1 "$BIN/client-example" "http://127.0.0.1:$PORT/" moon
    expect_text "InvalidSubscriptionID: The provided subscription identifier 'moon' is malformed" <output
    stop
}

run_cases client-example \
    "the page shows the program" test_page \
    "it creates, shows and deletes a cluster" test_run \
    "it tells what the service answered" test_errors
