#!/bin/bash
# standin_installer.sh create manifests|ignition-configs --dir DIR - does to its folder what openshift-install does. It takes
# certificates and manifests that a test prepared from the folder STANDIN_PAYLOAD, writes what it was started with to
# STANDIN_RECORD, and goes wrong as STANDIN_MODE says. With "coreos print-stream-json" it tells which disk its release has.
set -euo pipefail

# A release's stream metadata is longer than any log that anybody keeps, and its warnings are no part of it.
print_stream() {
    echo "level=warning msg=\"a warning\"" >&2
    case ${STANDIN_MODE:-} in
    "old stream")
        echo 'unknown command "coreos"' >&2
        exit 1
        ;;
    "broken stream") echo rubbish && exit 0 ;;
    esac
    jq -n --arg disk "https://rhcos.example/imagebucket/rhcos-417.94.202409051434-0-azure.x86_64.vhd" \
        '{more: [range(20000)], architectures: {x86_64: {"rhel-coreos-extensions": {"azure-disk": {url: $disk}}}}}'
}

if [ "$*" = "coreos print-stream-json" ]; then
    print_stream
    exit 0
fi
[ "$1 ${3:-}" = "create --dir" ] || exit 64
what=$2
cd "$4"
state=.openshift_install_state.json

{
    printf '%s\n' "$0 $*"
    env
    stat -c '%a %n' . "$AZURE_AUTH_LOCATION"
    [ ! -f install-config.yaml ] || stat -c '%a %n' install-config.yaml
} >>"$STANDIN_RECORD/$what"

# entry FILE: as ignition has it. Neither names nor base64 hold anything that JSON would escape.
entry() {
    printf '{"path":"/opt/openshift/%s","mode":420,"contents":{"source":"data:text/plain;charset=utf-8;base64,%s"}}\n' \
        "$1" "$(base64 -w0 "$1")"
}

create_manifests() {
    grep -q '^pullSecret:' install-config.yaml || exit 65
    jq -e '.clientId and .clientSecret and .tenantId and .subscriptionId' "$AZURE_AUTH_LOCATION" >/dev/null || exit 66
    echo "level=debug msg=Generating" >.openshift_install.log
    cp "$STANDIN_PAYLOAD/state.json" $state
    cp -r "$STANDIN_PAYLOAD/manifests" "$STANDIN_PAYLOAD/openshift" .
    rm install-config.yaml
}

create_ignition_configs() {
    local infra file
    infra=$(jq -r '.["*installconfig.ClusterID"].InfraID' $state)
    for file in manifests/* openshift/*; do
        entry "$file"
    done >"$TMPDIR/entries"
    jq --slurpfile more "$TMPDIR/entries" '.storage.files += $more' "$STANDIN_PAYLOAD/bootstrap.ign" >bootstrap.ign
    cp "$STANDIN_PAYLOAD/master.ign" "$STANDIN_PAYLOAD/worker.ign" .
    mkdir auth
    cp "$STANDIN_PAYLOAD/kubeconfig" "$STANDIN_PAYLOAD/kubeadmin-password" auth/
    jq -n --arg infra "$infra" '{infraID: $infra}' >metadata.json
    rm -r manifests openshift
}

case ${STANDIN_MODE:-} in
"fail $what")
    echo "level=error msg=\"failed with $(jq -r .clientSecret "$AZURE_AUTH_LOCATION")\""
    exit 3
    ;;
"hang $what")
    sleep 1000 &
    echo $! >"$STANDIN_RECORD/child"
    wait
    ;;
"die $what") kill -9 $$ ;;
"nothing $what") exit 0 ;;
esac

case $what in
manifests) create_manifests ;;
ignition-configs) create_ignition_configs ;;
*) exit 64 ;;
esac

case ${STANDIN_MODE:-} in
"broken-state $what") echo rubbish >$state ;;
"no-state $what") rm $state ;;
"no-names $what") echo '{}' >$state ;;
"broken-manifest $what") printf '{ nothing' >manifests/broken.yaml ;;
"no-manifests $what") rm -r manifests openshift ;;
"no-password $what") rm auth/kubeadmin-password ;;
"no-signer $what")
    jq 'del(.["*tls.AdminKubeConfigSignerCertKey"])' $state >"$TMPDIR/state"
    mv "$TMPDIR/state" $state
    ;;
"broken-bootstrap $what") echo rubbish >bootstrap.ign ;;
"large-pointer $what") head -c 65536 /dev/zero | tr '\0' ' ' >>master.ign ;;
"own-name $what") echo '{"infraID":"own-abcde"}' >metadata.json ;;
esac
