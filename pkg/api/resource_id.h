/*
 * resource_id.h - resource IDs of Azure: /subscriptions/S/resourceGroups/G/providers/NS/TYPE/NAME.
 *
 * Keywords match in any letter case; the parts keep the letters that they had. Threads: pure.
 * Source: Azure Resource Manager, resource IDs.
 */
#ifndef PKG_API_RESOURCE_ID_H
#define PKG_API_RESOURCE_ID_H

#include <stdbool.h>
#include <stddef.h>

#include "pkg/base/error.h"

#define RESOURCE_ID_MAX 2048 /* bytes; longer text is no resource ID */

/* Owned; resource_id_release. Of nested resources (virtualNetworks/v/subnets/s) type is
 * "virtualNetworks/subnets", name the last name and parent_name the first. */
struct resource_id {
    char *subscription_id, *resource_group;
    char *provider, *type, *name; /* NULL for the ID of a resource group */
    char *parent_name;            /* NULL unless nested */
};

/* The ID of a resource group or of something in one. ERR_INVALID. */
int resource_id_parse(const char *text, struct resource_id *ret, struct error **err);
void resource_id_release(struct resource_id *id);
#define cleanup_resource_id CLEANUP_WITH(resource_id_release)

/* "Microsoft.Network/virtualNetworks" is both; ignores case. */
bool resource_id_is_type(const struct resource_id *id, const char *provider, const char *type);
/* The ID without its last type and name, or the resource group's; owned by the caller. */
char *resource_id_give_parent(const char *text);

/* 8-4-4-4-12 hexadecimal digits, any case. */
bool uuid_is_valid(const char *text);

#endif
