/* keyvault_impl.h - the parts of the key vault client for each other; inside pkg/azure only. */
#ifndef PKG_AZURE_KEYVAULT_IMPL_H
#define PKG_AZURE_KEYVAULT_IMPL_H

#include "pkg/azure/keyvault.h"

#define KEY_VAULT_VERSION "7.3"

struct key_vault {
    struct arm *rest;
};
/* "/secrets/NAME/more"; kind: "secrets", "certificates"; more NULL: none. Owned. */
char *key_vault_give_path(const char *kind, const char *name, const char *more);

#endif
