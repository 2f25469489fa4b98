/* network_kinds.h - the kinds of Microsoft.Network beyond networks, subnets and security groups, and what they share. The
 * simulator's lock is held. */
#ifndef HACK_DEVCLOUD_AZURE_NETWORK_KINDS_H
#define HACK_DEVCLOUD_AZURE_NETWORK_KINDS_H

#include "hack/devcloud/azure/network_use.h"

extern const struct resource_kind network_nic_kind;

/* network_nic.c: the machine whose interface it is; NULL: none. Borrowed. */
const json *network_find_machine(struct azure_sim *sim, const char *nic_id);

/* network_part.c: a part of a stored resource by its ID (".../loadBalancers/lb/backendAddressPools/p"); NULL: there is none.
 * Borrowed. */
json *network_find_part(struct azure_sim *sim, const char *id);
/* properties.resourceGuid, unless there is one. */
void network_add_guid(struct azure_sim *sim, json *object);

#endif
