#!/bin/bash
# with-registry.sh - the resource provider, with a registry that gives each cluster a token. Started by devcloud in its stead, from a
# folder that holds it as "aro-rp".
export ACR_RESOURCE_ID="/subscriptions/$AZURE_SUBSCRIPTION_ID/resourceGroups/rp/providers/Microsoft.ContainerRegistry/registries/images"
exec "$(dirname "$0")/aro-rp" "$@"
