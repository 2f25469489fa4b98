/* What each subnet of a cluster has to be like. */
#include "pkg/api/cidr.h"
#include "pkg/api/refuse.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/validate/dynamic_impl.h"

#define BITS_MAX 27
#define NSG "properties.networkSecurityGroup.id"
#define REGISTRY_ENDPOINT "Microsoft.ContainerRegistry"

typedef int (*subnet_check)(struct validation *v, const struct validation_subnet *s,
                            const json *subnet, struct error **err);

static int each(struct validation *v, subnet_check fn, struct error **err)
{
    for (size_t i = 0; i < v->subnets_len; i++) {
        const json *subnet;
        if (validation_subnet(v, &v->subnets[i], &subnet, err) < 0 ||
            fn(v, &v->subnets[i], subnet, err) < 0)
            return -1;
    }
    return 0;
}

static int refuse(const struct validation_subnet *s, const char *why, struct error **err)
{
    return api_refuse(err, CODE_LINKED_VNET, s->path, "The provided subnet '%s' is invalid: %s.",
                      s->id, why);
}

/* ---- what customers of the first layout have to set themselves ---- */

static int check_policy(struct validation *v, const struct validation_subnet *s, const json *subnet,
                        struct error **err)
{
    (void)v;
    const char *policy = json_path_str(subnet, "properties.privateLinkServiceNetworkPolicies");
    if (!s->is_master || str_eq_nocase(policy, "Disabled"))
        return 0;
    return refuse(s, "must have privateLinkServiceNetworkPolicies disabled", err);
}

int check_private_link_policy(struct validation *v, enum who who, struct error **err)
{
    (void)who;
    return each(v, check_policy, err);
}

static int check_endpoint(struct validation *v, const struct validation_subnet *s,
                          const json *subnet, struct error **err)
{
    (void)v;
    const json *endpoints = json_path(subnet, "properties.serviceEndpoints");
    for (size_t i = 0; i < json_len(endpoints); i++) {
        const json *e = json_at(endpoints, i);
        if (str_eq_nocase(json_path_str(e, "service"), REGISTRY_ENDPOINT) &&
            str_eq(json_path_str(e, "provisioningState"), "Succeeded"))
            return 0;
    }
    return refuse(s, "must have " REGISTRY_ENDPOINT " serviceEndpoint", err);
}

int check_service_endpoints(struct validation *v, enum who who, struct error **err)
{
    (void)who;
    return each(v, check_endpoint, err);
}

/* ---- network security groups ---- */

static bool is_preconfigured(const struct validation *v)
{
    return str_eq(json_path_str(v->cluster, "properties.networkProfile.preconfiguredNSG"),
                  "Enabled");
}

/* The group that the cluster itself attaches. Very old clusters have no infrastructure ID. */
static char *give_own_nsg(const struct validation *v, const struct validation_subnet *s)
{
    const char *group = json_path_str(v->cluster, "properties.clusterProfile.resourceGroupId");
    const char *infra = json_path_str(v->cluster, "properties.infraId");
    const char *suffix = !v->is_v1 ? "-nsg" : s->is_worker ? "-node-nsg" : "-controlplane-nsg";
    return xasprintf("%s/providers/Microsoft.Network/networkSecurityGroups/%s%s",
                     group ? group : "", infra && *infra ? infra : "aro", suffix);
}

/* What is attached already may be our own work, of a run that did not come to its end. */
static int check_new_nsg(struct validation *v, const struct validation_subnet *s,
                         const json *subnet, struct error **err)
{
    const char *nsg = json_path_str(subnet, NSG);
    cleanup_free char *own = give_own_nsg(v, s);
    if (!nsg || str_eq_nocase(nsg, own))
        return 0;
    return refuse(s, "must not have a network security group attached", err);
}

static int check_kept_nsg(struct validation *v, const struct validation_subnet *s,
                          const json *subnet, struct error **err)
{
    const char *nsg = json_path_str(subnet, NSG);
    if (is_preconfigured(v))
        return nsg ? 0 : refuse(s, "must have a network security group attached", err);
    cleanup_free char *own = give_own_nsg(v, s);
    if (str_eq_nocase(nsg, own))
        return 0;
    cleanup_free char *why = xasprintf("must have network security group '%s' attached", own);
    return refuse(s, why, err);
}

static int check_preconfigured_nsg(struct validation *v, const struct validation_subnet *s,
                                   const json *subnet, struct error **err)
{
    (void)v;
    (void)s;
    if (json_path_str(subnet, NSG))
        return 0;
    return api_refuse(err, CODE_LINKED_VNET, NULL,
                      "When the enable-preconfigured-nsg option is specified, both the master and "
                      "worker subnets should have network security groups (NSG) attached to them "
                      "before starting the cluster installation.");
}

int check_security_groups(struct validation *v, enum who who, struct error **err)
{
    (void)who;
    if (!v->is_creating)
        return each(v, check_kept_nsg, err);
    return each(v, is_preconfigured(v) ? check_preconfigured_nsg : check_new_nsg, err);
}

int check_nsg_access_if_preconfigured(struct validation *v, enum who who, struct error **err)
{
    return is_preconfigured(v) ? check_nsg_access(v, who, err) : 0;
}

/* ---- state and size ---- */

static int check_state(struct validation *v, const struct validation_subnet *s, const json *subnet,
                       struct error **err)
{
    (void)v;
    if (str_eq_nocase(json_path_str(subnet, "properties.provisioningState"), "Succeeded"))
        return 0;
    return api_refuse(err, CODE_LINKED_VNET, s->path,
                      "The provided subnet '%s' is not in a Succeeded state", s->id);
}

int check_subnet_states(struct validation *v, enum who who, struct error **err)
{
    (void)who;
    return each(v, check_state, err);
}

static int check_size(struct validation *v, const struct validation_subnet *s, const json *subnet,
                      struct error **err)
{
    (void)v;
    const char *prefix;
    for (size_t i = 0; (prefix = validation_prefix(subnet, i)); i++) {
        struct cidr c;
        enum cidr_form form = cidr_parse(prefix, &c);
        if (form == CIDR_BAD || (form == CIDR_IPV4 && c.bits > BITS_MAX))
            return refuse(s, "must be /27 or larger", err);
    }
    return 0;
}

int check_subnet_sizes(struct validation *v, enum who who, struct error **err)
{
    (void)who;
    return each(v, check_size, err);
}
