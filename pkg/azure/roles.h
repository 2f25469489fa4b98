/* roles.h - the definitions of roles that every Azure has. Source: Azure RBAC, built-in roles. */
#ifndef PKG_AZURE_ROLES_H
#define PKG_AZURE_ROLES_H

#include <stdbool.h>
#include <string.h>

#include "pkg/base/strv.h"

#define AZURE_ROLE_OWNER "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
#define AZURE_ROLE_CONTRIBUTOR "b24988ac-6180-42a0-ab88-20f7382dd24c"

/* definition: ID of a definition (".../roleDefinitions/UUID"), any letter case, or NULL. role: one of the above. */
static inline bool azure_role_is(const char *definition, const char *role)
{
    const char *slash = definition ? strrchr(definition, '/') : NULL;
    return slash && str_eq_nocase(slash + 1, role);
}

#endif
