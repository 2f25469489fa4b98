#!/bin/bash
# env.example, sourced as its users do.
# shellcheck source=test/unit/support/cases.sh
. "$(dirname "$0")/../../support/cases.sh"

# fake_az COMMAND...: an Azure CLI that notes how it is called and then does this.
fake_az() {
    mkdir -p bin
    printf '#!/bin/bash\necho "$*" >>calls\n%s\n' "$*" >bin/az
    chmod +x bin/az
    PATH=$PWD/bin:$PATH
}

# What the first quick start names, all of it.
test_names() {
    fake_az exit 3
    # shellcheck source=env.example
    . "$ROOT/env.example"
    for name in AZURE_TENANT_ID AZURE_SUBSCRIPTION_ID AZURE_CLIENT_ID AZURE_CLIENT_SECRET LOCATION \
        RP_RESOURCEGROUP COSMOSDB_ACCOUNT COSMOSDB_KEY DOMAIN DOMAIN_RESOURCEGROUP PULL_SECRET RP_MODE; do
        declare -p "$name" | expect_text '^declare -x '
    done
    expect "$LOCATION" = eastus
    expect "$RP_MODE" = development
}

# The account is there only the second time; the key is then looked up and kept.
test_second_time() {
    fake_az exit 3
    # shellcheck source=env.example
    . "$ROOT/env.example"
    expect "$COSMOSDB_KEY" = ''
    fake_az echo thekey
    # shellcheck source=env.example
    . "$ROOT/env.example"
    expect "$COSMOSDB_KEY" = thekey
    expect_text "cosmosdb list-keys -g $RP_RESOURCEGROUP -n $COSMOSDB_ACCOUNT " <calls
    rm calls
    # shellcheck source=env.example
    . "$ROOT/env.example"
    expect "$COSMOSDB_KEY" = thekey
    expect ! -e calls
}

# As in the shell of a development cloud.
test_set_values() {
    fake_az exit 3
    export AZURE_TENANT_ID=t
    LOCATION=westus PULL_SECRET='{"auths":{"a":{}}}' RP_RESOURCEGROUP=rp
    # shellcheck source=env.example
    . "$ROOT/env.example"
    # shellcheck disable=SC2016
    expect "$(bash -c 'echo "$AZURE_TENANT_ID $LOCATION $PULL_SECRET $RP_RESOURCEGROUP $COSMOSDB_ACCOUNT"')" = \
        't westus {"auths":{"a":{}}} rp '"${USER:-user}-rp-westus"
}

run_cases env.example \
    "names what the first quick start names" test_names \
    "looks the database key up once the account is there" test_second_time \
    "leaves alone what is set" test_set_values
