#!/bin/bash
# The resource provider with its secrets in key vaults: those of the simulated Azure, which it enters as a service principal.
# shellcheck source=test/unit/support/cases.sh
. "$(dirname "$0")/../../support/cases.sh"
# shellcheck source=test/unit/support/aro_rp.sh
. "$(dirname "$0")/../../support/aro_rp.sh"

VAULT=aro-svc.vault.azure.net

# start_vault: a token for vaults in TOKEN; the settings name the vault.
start_vault() {
    start_azure
    export AZURE_RP_CLIENT_ID=11111111-1111-1111-1111-111111111111 AZURE_RP_CLIENT_SECRET=dummy-client-secret
    export ARO_RP_DATABASE=sqlite:aro.db KEYVAULT_PREFIX=aro ARO_RP_CERT_POLL_MS=100
    TOKEN=$(command curl -s --cacert ca.crt "$AZURE/$AZURE_TENANT_ID/oauth2/v2.0/token" -d grant_type=client_credentials \
        -d client_id="$AZURE_RP_CLIENT_ID" -d client_secret="$AZURE_RP_CLIENT_SECRET" \
        -d scope=https://vault.azure.net/.default | jq -r .access_token)
}

# put_secret NAME: a new version, from standard input.
put_secret() {
    jq -Rs '{value: .}' | command curl -sf --cacert ca.crt -o /dev/null -X PUT "$AZURE/secrets/$1?api-version=7.3" \
        -H "Host: $VAULT" -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' -d @-
}

# make_certificate NAME: key and certificate, in PEM.
make_certificate() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" -days 1 \
        -keyout key.pem -out cert.pem 2>/dev/null
    cat key.pem cert.pem
}

make_key() { head -c 64 /dev/urandom | base64 -w 0; }

name_of() { openssl s_client -connect "localhost:$1" </dev/null 2>/dev/null | sed -n 's/^subject=.*CN *= *//p'; }

# asks PATH: how often the vault was asked for it.
asks() {
    command curl -s --cacert ca.crt "$AZURE/_devcloud/requests" |
        jq --arg host "$VAULT" --arg path "$1" '[.[] | select(.host == $host and .path == $path)] | length'
}

test_life() {
    development
    start_vault
    make_certificate first | put_secret rp-server
    make_key | put_secret encryption-key-v2
    make_key | put_secret fe-encryption-key-v2
    start "$BIN/aro-rp"
    expect ! -e secrets
    expect "$(name_of "$TLS_PORT")" = first

    make_certificate second | put_secret rp-server
    make_key | put_secret encryption-key-v2
    until grep -q 'the certificate of the listener was renewed' log; do kill -0 "$PID"; sleep 0.02; done
    expect "$(name_of "$TLS_PORT")" = second
    before=$(asks /secrets/encryption-key-v2/versions)
    until [ "$(asks /secrets/encryption-key-v2/versions)" -gt "$before" ]; do kill -0 "$PID"; sleep 0.02; done
    stop
    stop_azure
    expect "$(grep -c 'level=error' log)" = 0
}

test_missing() {
    development
    start_vault
    expect_status 1 "$BIN/aro-rp" --port 0 --plain-port 0
    expect_text 'key vault aro-svc: rp-server: .*SecretNotFound' <output
    AZURE_RP_CLIENT_SECRET=wrong expect_status 1 "$BIN/aro-rp" --port 0 --plain-port 0
    expect_text 'key vault aro-svc: rp-server: .*AADSTS7000215' <output
    stop_azure
}

run_cases "key vaults of aro-rp" \
    "certificates and keys come from the vault, and newer ones without a restart" test_life \
    "what the vault does not give ends the start" test_missing
