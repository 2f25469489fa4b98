/*
 * network_use.h - who uses what in the simulated networks: IP configurations of interfaces and load balancers, and their
 * addresses. The simulator's lock is held.
 */
#ifndef HACK_DEVCLOUD_AZURE_NETWORK_USE_H
#define HACK_DEVCLOUD_AZURE_NETWORK_USE_H

#include "hack/devcloud/azure/network.h"
#include "hack/devcloud/azure/resource.h"

/* One IP configuration; all borrowed. */
struct network_config {
    const json *owner;                             /* the resource that it is a part of */
    const char *id, *subnet, *address, *public_ip; /* NULL: none */
    const json *config;
};
/* In the order of the state; false from fn ends it. */
typedef bool (*network_config_fn)(void *arg, const struct network_config *config);
void network_each_config(struct azure_sim *sim, network_config_fn fn, void *arg);

/* The ID of the first configuration in the subnet; of a public address's only one, or of its NAT gateway. NULL: none.
 * Borrowed. */
const char *network_find_config(struct azure_sim *sim, const char *subnet_id);
const char *network_find_holder(struct azure_sim *sim, const char *public_ip_id);
json *network_give_configs(struct azure_sim *sim,
                           const char *subnet_id); /* [{"id"}] of all; owned */
/* $expand=ipConfigurations of a subnet's view: each of its configurations whole. */
void network_expand_configs(struct azure_sim *sim, json *subnet_view);

/* A part of a resource ("ipConfigurations" of Microsoft.Network/networkInterfaces) gets its id, etag, type and state. */
void network_fill_part(const json *owner, const char *collection, json *part);
/* All parts of a collection below properties, which is made when missing. */
void network_fill_parts(json *owner, const char *collection);

/* An IP configuration that is put: whether what it refers to exists and is free; answers when not. owner_id: of the resource
 * that it is or becomes a part of. */
bool network_config_is_good(struct sim_call *c, const char *owner_id, const json *config);
/* Gives each configuration of a collection an address of its subnet: the one it had, the one it asks for, or the lowest that is
 * free. old: the resource as it was; NULL: it is new. The resource itself need not be stored. */
void network_place_configs(struct azure_sim *sim, const char *collection, json *owner,
                           const json *old);

/* "10.0.0.4"; buf is given back. */
#define NETWORK_ADDRESS_MAX 16
const char *network_address_text(uint32_t address, char buf[NETWORK_ADDRESS_MAX]);
bool network_address_parse(const char *text, uint32_t *ret); /* NULL gives false */

#endif
