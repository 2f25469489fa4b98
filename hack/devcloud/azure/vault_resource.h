/* vault_resource.h - Microsoft.KeyVault in ARM. The simulator's lock is held. */
#ifndef HACK_DEVCLOUD_AZURE_VAULT_RESOURCE_H
#define HACK_DEVCLOUD_AZURE_VAULT_RESOURCE_H

#include "hack/devcloud/azure/resource.h"

#define VAULT_TYPE "Microsoft.KeyVault/vaults"
extern const struct resource_kind vault_kind;

#endif
