#!/bin/bash
# as-production.sh - the resource provider, with what development has turned off: a registry, a gateway, signed certificates, deny
# assignments, and a firewall before clusters' accounts. Started by devcloud in its stead, from a folder that holds it as "aro-rp".
export ACR_RESOURCE_ID="/subscriptions/$AZURE_SUBSCRIPTION_ID/resourceGroups/rp/providers/Microsoft.ContainerRegistry/registries/images"
export GATEWAY_RESOURCEGROUP=gateway GATEWAY_DOMAINS=gateway.example
export RP_FEATURES=-DisableDenyAssignments,-DisableSignedCertificates,-DisableGateway,-DisableStorageFirewall
exec "$(dirname "$0")/aro-rp" "$@"
