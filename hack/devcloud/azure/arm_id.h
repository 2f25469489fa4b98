/* arm_id.h - paths of ARM taken apart: subscription, group, provider, types and names. */
#ifndef HACK_DEVCLOUD_AZURE_ARM_ID_H
#define HACK_DEVCLOUD_AZURE_ARM_ID_H

#include <stdbool.h>

#include "pkg/base/strv.h"

/*
 * The last "/providers/" of the path counts: what stands before it is the scope, as in
 * /subscriptions/S/resourceGroups/G/providers/A/b/c | /providers/Microsoft.Authorization/roleAssignments/N.
 * Strings are as asked for.
 */
struct arm_id {
    char *key;                  /* the path in lower case: a resource's key in the state */
    char *subscription, *group; /* NULL: not in the path */
    char *scope;                /* before the provider; "" for the tenant; the whole path without */
    char *provider;             /* "Microsoft.Network"; NULL: none */
    char *type;                 /* "Microsoft.Network/virtualNetworks/subnets"; NULL: none */
    struct strv names;          /* one for each part of the type, the last one missing in a list */
    bool is_list;               /* all of the type, or an action on what precedes it */
};
/* false: not a path of ARM, and nothing to release. */
bool arm_id_init(const char *path, struct arm_id *ret);
void arm_id_release(struct arm_id *id);
static inline void arm_id_release_slot(struct arm_id *id)
{
    arm_id_release(id);
}
#define cleanup_arm_id CLEANUP_WITH(arm_id_release_slot)
/* The last name; NULL for lists and paths without a type. Borrowed. */
const char *arm_id_name(const struct arm_id *id);
bool arm_id_is_type(const struct arm_id *id, const char *type); /* letter case ignored */
/* The path of the parent ("/.../virtualNetworks/v" of its subnet or subnets); NULL: a top-level type. Owned. */
char *arm_id_give_parent(const char *path);

#endif
