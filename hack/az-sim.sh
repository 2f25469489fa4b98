#!/bin/bash
# az-sim.sh DIR ARGUMENTS... - the Azure CLI, signed in to the simulated Azure that announced itself in DIR (azuresim --dir
# DIR): az-sim.sh DIR group list. The first use registers it as the cloud "Sim" and signs in; the configuration lies in
# DIR/az, so that the caller's own clouds and logins stay as they are. AZ_USER and AZ_PASSWORD are the application's.
set -euo pipefail

dir=$(realpath -- "${1:?usage: az-sim.sh DIR ARGUMENTS...}")
shift
az=$(dirname -- "$(realpath -- "$0")")/az.py
url=$(cat "$dir/url") || {
    echo "az-sim.sh: no simulated Azure listens for $dir: start azuresim --dir $dir" >&2
    exit 1
}
export AZURE_CONFIG_DIR=$dir/az REQUESTS_CA_BUNDLE=$dir/ca.crt AZURE_CORE_COLLECT_TELEMETRY=0 AZURE_CORE_NO_COLOR=1
export AZURE_CORE_ONLY_SHOW_ERRORS=1 PYTHONWARNINGS=ignore

# The path of the sign-in address has to be /adfs: the library asks the public cloud about every other.
sign_in() {
    local tenant=22222222-2222-2222-2222-222222222222
    "$az" cloud register -n Sim --cloud-config '{"endpoints":{
        "resourceManager":"'"$url"'", "management":"'"$url"'",
        "activeDirectory":"'"$url"'/adfs", "activeDirectoryResourceId":"'"$url"'/arm",
        "activeDirectoryGraphResourceId":"'"$url"'/", "microsoftGraphResourceId":"'"$url"'/"}}'
    "$az" cloud set -n Sim
    "$az" login --service-principal -t "$tenant" -u "${AZ_USER:-11111111-1111-1111-1111-111111111111}" \
        -p "${AZ_PASSWORD:-dummy-client-secret}" -o none
}

# The address is another one after a restart.
if [ "$(cat "$dir/az/address" 2>/dev/null)" != "$url" ]; then
    rm -rf -- "$dir/az"
    mkdir -p "$dir/az"
    sign_in
    echo "$url" >"$dir/az/address"
fi
exec "$az" "$@"
