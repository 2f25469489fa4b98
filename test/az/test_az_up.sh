#!/bin/bash
# The first hour of a user: what `devcloud up` prints, and the first quick start with env.example, as they are, in a shell of
# their own. BIN holds devcloud and what it starts. The cases build on each other.
# shellcheck source=test/unit/support/cases.sh
. "$(dirname "$0")/../unit/support/cases.sh"
# shellcheck source=test/az/cloud.sh
. "$(dirname "$0")/cloud.sh"

# user SCRIPT: in a new bash that knows nothing of this one's variables but the CLI's silence.
user() {
    env -i HOME="$work" PATH=/usr/bin:/bin AZURE_CORE_ONLY_SHOW_ERRORS=1 bash -euc "$1"
}

# printed PATTERN: the lines that devcloud up printed for a shell, those that match, joined.
printed() { sed -n "s/^  \\($1.*\\)/\\1/p" "$work/told"; }

test_printed_curl() {
    user "$(printed '\. ')
$(printed 'curl ' | sed 's/curl /curl -sSf /')" | expect_text '"name": "cluster"'
}

test_printed_az() {
    user "$(printed '\. ')
$(printed 'az ')" | expect_text '^mine +dev +eastus +Succeeded'
}

# Where the shell stands is of no matter; the CLI's own configuration stays as it is.
test_env() {
    user "eval \"\$('$BIN/devcloud' env --dir '$work/cloud')\"; az account show --query tenantId -o tsv" |
        expect_text "^$AZURE_TENANT_ID\$"
    expect ! -e "$work/.azure"
}

# From copying env.example to finding the key, by the commands of the first quick start.
test_quick_start() {
    cd "$ROOT"
    user ". '$work/cloud/env'
        cp env.example '$work/env'
        . '$work/env'
        echo \"first: \$COSMOSDB_KEY\"
        az group create -g \"\$RP_RESOURCEGROUP\" -l \"\$LOCATION\" -o none
        az group deployment create -g \"\$RP_RESOURCEGROUP\" --mode complete --template-file deploy/rp.json --parameters \"location=\$LOCATION\" \"databaseAccountName=\$COSMOSDB_ACCOUNT\" -o none
        . '$work/env'
        echo \"second: \$COSMOSDB_KEY\"" >"$CASE_DIR/said" 2>"$CASE_DIR/errors" || {
        cat "$CASE_DIR/errors"
        return 1
    }
    expect_text '^first: $' <"$CASE_DIR/said"
    expect_text '^second: .{86}==$' <"$CASE_DIR/said"
}

start_cloud || exit 1
(run_cases az-up \
    "the printed curl lines make a cluster" test_printed_curl \
    "the printed az lines sign in, make a cluster and list it" test_printed_az \
    "devcloud env prints the same again" test_env \
    "env.example finds the database's key the second time it is sourced" test_quick_start)
