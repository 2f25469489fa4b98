/* network_kinds.h - the kinds of Microsoft.Network beyond networks, subnets and security groups, and what they share. The
 * simulator's lock is held. */
#ifndef HACK_DEVCLOUD_AZURE_NETWORK_KINDS_H
#define HACK_DEVCLOUD_AZURE_NETWORK_KINDS_H

#include "hack/devcloud/azure/network_use.h"

#define NETWORK_LB_TYPE "Microsoft.Network/loadBalancers"
#define NETWORK_NAT_TYPE "Microsoft.Network/natGateways"
#define NETWORK_PE_TYPE "Microsoft.Network/privateEndpoints"
#define NETWORK_PLS_TYPE "Microsoft.Network/privateLinkServices"

extern const struct resource_kind network_lb_kind, network_nat_kind, network_nic_kind,
    network_pe_kind, network_pip_kind, network_pls_kind, network_route_table_kind;

/* network_nic.c: the machine whose interface it is; NULL: none. Borrowed. */
const json *network_find_machine(struct azure_sim *sim, const char *nic_id);

/* network_part.c: a part of a stored resource by its ID (".../loadBalancers/lb/backendAddressPools/p"); NULL: there is none.
 * Borrowed. */
json *network_find_part(struct azure_sim *sim, const char *id);
/* properties.resourceGuid, unless there is one. */
void network_add_guid(struct azure_sim *sim, json *object);

/* network_lb_view.c: the private link service that is led by a frontend; or that, or the configuration of an interface that is
 * in the pool. NULL: none. Borrowed. */
const char *network_find_service(struct azure_sim *sim, const char *frontend_id);
const char *network_find_balanced(struct azure_sim *sim, const char *part_id);
void network_lb_show(struct sim_call *c, const char *key, const json *object, json *view);

/* network_service_nic.c: the interface of a private link service or endpoint (link names the member that leads back), with these
 * configurations; made, or made anew where it is, in the operation of the call. */
void network_put_service_nic(struct sim_call *c, json *owner, const char *link,
                             const json *configs);
void network_remove_service_nic(struct azure_sim *sim, const char *key, const json *object);

/* network_pe.c: what lies between an endpoint and a service; all borrowed. */
struct network_connection {
    json *endpoint, *connection; /* the resource; the entry in it */
    const char *service;         /* ID of the service as the entry has it */
    json *link;                  /* {"name", "linkIdentifier"}: what the service calls it */
};
typedef bool (*network_connection_fn)(void *arg, const struct network_connection *found);
/* Those that have not been cut; false from fn ends it. */
void network_each_connection(struct azure_sim *sim, network_connection_fn fn, void *arg);
/* As the service shows it. Owned. */
json *network_give_connection(const json *service, const struct network_connection *found);
json *network_give_connections(struct azure_sim *sim, const json *service); /* network_pls.c: all */

#endif
