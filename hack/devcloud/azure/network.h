/* network.h - the parts of the simulated Microsoft.Network for each other. The simulator's lock is held. */
#ifndef HACK_DEVCLOUD_AZURE_NETWORK_H
#define HACK_DEVCLOUD_AZURE_NETWORK_H

#include "hack/devcloud/azure/sim.h"

enum network_kind { NETWORK_VNET, NETWORK_SUBNET, NETWORK_NSG, NETWORK_KINDS };

/* What a path is about. */
struct network_target {
    enum network_kind kind;
    bool is_list;     /* all of the kind below the path */
    char *key;        /* the path in lower case: the resource's key in the state */
    char *parent_key; /* of a subnet: its network's; NULL for others */
    char *name;       /* as it was asked for; NULL for a list */
};
/* false: no path of this provider. */
bool network_target_init(const char *path, struct network_target *ret);
void network_target_release(struct network_target *t);
static inline void network_target_release_slot(struct network_target *t)
{
    network_target_release(t);
}
#define cleanup_network_target CLEANUP_WITH(network_target_release_slot)
const char *network_type(enum network_kind kind); /* "Microsoft.Network/virtualNetworks" */

json *network_resources(struct azure_sim *sim); /* borrowed; of the state */
/* network_view.c: what a GET shows of a stored resource: with its parts and what points to it. Owned by the caller. */
json *network_give_view(struct azure_sim *sim, const struct network_target *t, const json *object);
/* The first subnet or interface whose link ("networkSecurityGroup", "routeTable") leads to the resource; NULL: none.
 * Borrowed. */
const char *network_find_user(struct azure_sim *sim, const char *link, const char *key);
json *network_give_users(struct azure_sim *sim, const char *link,
                         const char *key); /* [{"id"}] of all subnets; owned */
/* The first IP configuration of a subnet; NULL: none. Borrowed. */
const char *network_find_occupant(struct azure_sim *sim, const json *subnet);

/* network_check.c: whether what is put may be; each answers when not. vnet is the subnet's network with its subnets, as a
 * GET shows it or as it is put. */
bool network_precondition_holds(struct sim_call *c, const json *old);
bool network_subnet_is_valid(struct sim_call *c, const struct network_target *t, const json *subnet,
                             const json *vnet);
bool network_rules_are_valid(struct sim_call *c, const json *nsg);
bool network_subnet_is_free(struct sim_call *c, const char *key);

/* network_write.c */
void network_put(struct sim_call *c, const struct network_target *t);
void network_delete(struct sim_call *c, const struct network_target *t);

/* network_address.c: IPv4 prefixes, "10.0.0.0/23". */
struct network_prefix {
    uint32_t first, last; /* host byte order */
};
bool network_prefix_parse(const char *text, struct network_prefix *ret); /* host bits must be 0 */
bool network_prefix_contains(struct network_prefix outer, struct network_prefix inner);
bool network_prefix_overlaps(struct network_prefix a, struct network_prefix b);

#endif
