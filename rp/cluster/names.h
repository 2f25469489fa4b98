/*
 * names.h - what a cluster's parts are called. Each result is the caller's; each is made from the document alone.
 * Threads: pure.
 */
#ifndef RP_CLUSTER_NAMES_H
#define RP_CLUSTER_NAMES_H

#include "rp/cluster/cluster.h"

/* What names begin with; "aro" for clusters that are older than this member. Borrowed. */
const char *name_infra(const struct cluster *c);
/* infra and a suffix: "INFRA-nsg" for "-nsg". */
char *name_give(const struct cluster *c, const char *suffix);
/* The managed resource group: its ID is borrowed. */
const char *name_group_id(const struct cluster *c);
char *name_give_group(const struct cluster *c);
/* A resource in it: "TYPE" is "Microsoft.Network/loadBalancers", name is borrowed. */
char *name_give_resource_id(const struct cluster *c, const char *type, const char *name);
/* The load balancer that leads to the API from within, "INFRA-internal", or "INFRA-internal-lb" in the first layout; and what its
 * frontend is called, beside which the cluster's internal Services may have theirs. */
char *name_give_internal_balancer_id(const struct cluster *c);
#define NAME_INTERNAL_FRONTEND "internal-lb-ip-v4"
/* "INFRA-pip-v4", the address of a public API, and the frontend of the public load balancer that has it. */
char *name_give_api_address(const struct cluster *c);
#define NAME_API_FRONTEND "public-lb-ip-v4"
/* "clusterSUFFIX". */
char *name_give_storage_account(const struct cluster *c);
/* "api" and "apps" are below it. A domain without a dot is one of the service's zone. */
char *name_give_domain(const struct cluster *c);
/* What comes before its first dot, and behind it. */
char *name_give_short(const struct cluster *c);
char *name_give_base_domain(const struct cluster *c);
/* The name below the service's DNS zone, for clusters whose records and certificates are the service's to make; NULL: the
 * customer's. ERR_INVALID: the domain is none. */
int name_give_managed_prefix(const struct cluster *c, char **ret, struct error **err);
/* The whole of it, "PREFIX.ZONE"; NULL as above. */
int name_give_managed_domain(const struct cluster *c, char **ret, struct error **err);
/* "rp-pe-ID", in the resource group of the service. */
char *name_give_private_endpoint_id(const struct cluster *c);
/* Where the service is in its own networks: these private endpoints, itself, the gateway. */
enum service_subnet { SUBNET_ENDPOINTS, SUBNET_SERVICE, SUBNET_GATEWAY, SERVICE_SUBNETS };
/* NULL: the environment does not say in which resource group it is. */
char *name_give_service_subnet_id(const struct cluster *c, enum service_subnet which);
/* The private link service of the gateway. */
char *name_give_gateway_id(const struct cluster *c);
/* The host of the service's registry, in lower case; NULL: development, which has none of its own. */
char *name_give_registry(const struct cluster *c);
#define NAME_OUTBOUND_SUFFIX "-outbound-pip-v4"
/* The address number i, from 0, of those for outbound traffic: looks made by chance, and is the same whenever it is asked for. */
char *name_give_outbound_ip(const struct cluster *c, int64_t i);
/* The service's DNS zone. */
char *name_give_zone_id(const struct cluster *c);

/* The network of a subnet. */
char *name_give_vnet_id(const char *subnet_id);

#endif
