# shellcheck shell=bash disable=SC2034,SC2154 # some is for who sources this, some is of cloud.sh
# in_production.sh - a resource provider with RP_MODE=production: its secrets in a vault, its identity that of its machine, the
# first-party application by a certificate, callers by theirs, and installed by a program. Sourced after public_cloud.sh, cloud.sh, lib.sh
# and network.sh, inside.

AZURE_CA=$work/cloud/azure/ca.crt
PLACE=$work/production # the service's own files
RP=https://localhost:8444

# token SCOPE: of the client of the environment.
token() {
    curl -sS --cacert "$AZURE_CA" "https://login.microsoftonline.com/$AZURE_TENANT_ID/oauth2/v2.0/token" -d grant_type=client_credentials \
        -d "client_id=$AZURE_CLIENT_ID" --data-urlencode "client_secret=$AZURE_CLIENT_SECRET" -d "scope=$1/.default" | jq -r .access_token
}
arm() { curl -sS --cacert "$AZURE_CA" -X "$1" "https://management.azure.com$2" -H "Authorization: Bearer $(token https://management.azure.com)" -H 'Content-Type: application/json' "${@:3}"; }

# rp METHOD PATH [ARGUMENT OF curl]...: administrators come by themselves, the customer through ARM.
rp() {
    case $2 in
    /admin/* | *api-version=admin*) curl -sS --cacert "$PLACE/rp.crt" --cert "$PLACE/admin.pem" -X "$1" "$RP$2" -H 'Content-Type: application/json' "${@:3}" ;;
    *) AZURE_CLIENT_ID=$CUSTOMER_ID arm "$@" ;;
    esac
}

# make_pair NAME COMMON_NAME: a certificate and its key, in NAME.pem, and the certificate alone in NAME.crt.
make_pair() {
    openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=$2" -addext "subjectAltName=DNS:$2" -keyout "$1.pem" -out "$1.crt" 2>/dev/null
    cat "$1.crt" >>"$1.pem"
}
# put_secret NAME FILE: into the service's vault.
put_secret() {
    jq -n --rawfile value "$2" '{$value}' | curl -sS --fail-with-body --cacert "$AZURE_CA" -X PUT "https://production-svc.vault.azure.net/secrets/$1?api-version=7.3" \
        -H "Authorization: Bearer $(token https://vault.azure.net)" -H 'Content-Type: application/json' -d @- >put.json
}

# What is there before a service starts.
make_secrets() {
    local name
    make_pair rp localhost
    make_pair first-party first-party.example
    make_pair logging logging.example
    make_pair admin admin.example
    for name in encryption-key-v2 fe-encryption-key-v2; do
        head -c 64 /dev/urandom | base64 -w0 >key
        put_secret "$name" key
    done
    put_secret rp-server rp.pem
    put_secret rp-firstparty first-party.pem
    put_secret cluster-mdsd logging.pem
}
# make_identities: the first party has its certificate, too; the service's own is the machine's, whose metadata service is where it always is.
make_identities() {
    RP_IDENTITY=$(uuid)
    control state -X PATCH -d "$(jq -n --rawfile certificate first-party.crt --arg own "$RP_IDENTITY" --arg object "$(uuid)" '{applications: {
        (env.AZURE_FP_CLIENT_ID): {certificates: [$certificate]},
        ($own): {objectId: $object, graphRoles: [], of_machine: true}}}')" >/dev/null
    ip address add 169.254.169.254/32 dev lo
    nghttpx --conf=/dev/null --frontend='169.254.169.254,80;no-tls' --backend='127.0.0.1,443;;tls' --insecure --workers=1 >metadata.log 2>&1 &
    metadata_pid=$!
}
# make_installer: a folder with openshift-install and what it needs.
make_installer() {
    mkdir installer
    cp "$ROOT/test/standin-installer/openshift-install" "$ROOT/test/unit/support/rp/cluster/standin_installer.sh" "$BIN/standin-installer" installer/
}

# in_production COMMAND...: with its environment and nothing of ours.
in_production() {
    env -i PATH="$PATH" HOME="$PLACE" BIN="$BIN" TMPDIR="${TMPDIR:-/tmp}" SSL_CERT_FILE="$AZURE_CA" RP_MODE=production LOCATION="$LOCATION" AZURE_TENANT_ID="$AZURE_TENANT_ID" \
        AZURE_SUBSCRIPTION_ID="$AZURE_SUBSCRIPTION_ID" RP_RESOURCEGROUP="$RP_RESOURCEGROUP" DOMAIN_NAME="$DOMAIN" DOMAIN_RESOURCEGROUP="$DOMAIN_RESOURCEGROUP" \
        AZURE_FP_CLIENT_ID="$AZURE_FP_CLIENT_ID" KEYVAULT_PREFIX=production AZURE_RP_CLIENT_ID="$RP_IDENTITY" \
        ADMIN_API_CLIENT_CERT_COMMON_NAME=admin.example ARO_RP_ADMIN_CA_BUNDLE="$PLACE/admin.crt" \
        MDM_ACCOUNT=metrics MDM_NAMESPACE=rp MDM_STATSD_SOCKET=udp:127.0.0.1:9 CLUSTER_MDSD_ACCOUNT=AROClusterLogs CLUSTER_MDSD_CONFIG_VERSION=1.0 \
        CLUSTER_MDSD_NAMESPACE=AROClusterLogs MDSD_ENVIRONMENT=DiagnosticsProd ACR_RESOURCE_ID="$(group rp)/providers/Microsoft.ContainerRegistry/registries/images" \
        GATEWAY_DOMAINS=gateway.example GATEWAY_RESOURCEGROUP=gateway ARO_RP_DATABASE="sqlite:$PLACE/production.db" ARO_IMAGE="$ARO_IMAGE" \
        ARO_RP_INSTALLER="$PLACE/installer/openshift-install" \
        ARO_RP_BACKEND_TICK_MS=100 ARO_RP_STEP_POLL_MS=100 ARO_RP_STEP_RETRY_MS=100 ARO_RP_READY_DELAY_MS=0 ARO_RP_BACKEND_DELETE_DELAY_MS=0 \
        ARO_RP_FEED_POLL_MS=100 ARO_RP_VALIDATE_TOKEN_TIMEOUT_MS=0 ARO_RP_VALIDATE_ACCESS_TIMEOUT_MS=0 "$@"
}
is_ready() { curl -sS --fail --cacert "$PLACE/rp.crt" "$RP/healthz/ready"; }
# start_production: a cloud, and in it a service at $RP behind ARM, with one version to offer. Fails with the log.
start_production() {
    local verb
    start_cloud --rp rp-scripted --azure-port 443 && mkdir "$PLACE" && cd "$PLACE" && make_secrets && make_identities && make_installer || return
    CUSTOMER_ID=$AZURE_CLIENT_ID
    in_production "$BIN/aro-rp" --port "${RP##*:}" >rp.log 2>&1 &
    rp_pid=$!
    control state -X PATCH -d "$(jq -n --rawfile ca rp.crt --arg url "$RP" '{rp: {$url, $ca}}')" >/dev/null
    eventually answers || { cat rp.log; return 1; }
    rp PUT /admin/versions -d "$(jq -n --arg digest "sha256:$(printf %064d 1)" '{properties: {version: "4.14.16", enabled: true, default: true,
        openShiftPullspec: "quay.io/openshift-release-dev/ocp-release@\($digest)", installerPullspec: "images.example/installer@\($digest)"}}')" >put.json
    for verb in unregister register; do
        arm POST "$(provider)/$verb?api-version=2020-08-01" >post.json
    done
    if ! eventually is_registered || ! eventually is_ready; then
        cat rp.log
        return 1
    fi
}
provider() { echo "/subscriptions/$AZURE_SUBSCRIPTION_ID/providers/Microsoft.RedHatOpenShift"; }
is_registered() { arm GET "$(provider)?api-version=2020-08-01" | jq -e '.registrationState == "Registered"'; }
answers() { curl -sS --fail --cacert rp.crt "$RP/healthz"; }
# end_production: it has an hour for what it works on, unless it is told three times.
end_production() {
    local pid
    for pid in ${rp_pid-} ${metadata_pid-} ${names_pid-}; do
        kill -KILL "$pid"
        wait "$pid"
    done 2>/dev/null
}
open() { in_production "$ROOT/hack/get-admin-kubeconfig.sh" "$(id "$1")" - >"$work/$1.kubeconfig"; }
