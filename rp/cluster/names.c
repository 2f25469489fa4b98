#include "rp/cluster/names.h"

#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/crypt/crypt.h"

const char *name_infra(const struct cluster *c)
{
    const char *infra = cluster_text(c, "infraId");
    return infra && *infra ? infra : "aro";
}

char *name_give(const struct cluster *c, const char *suffix)
{
    return xasprintf("%s%s", name_infra(c), suffix);
}

/* ---- the managed resource group ---- */

const char *name_group_id(const struct cluster *c)
{
    return cluster_text_or_empty(c, "clusterProfile.resourceGroupId");
}

char *name_give_group(const struct cluster *c)
{
    const char *id = name_group_id(c), *slash = strrchr(id, '/');
    return xstrdup(slash ? slash + 1 : id);
}

char *name_give_resource_id(const struct cluster *c, const char *type, const char *name)
{
    return xasprintf("%s/providers/%s/%s", name_group_id(c), type, name);
}

char *name_give_internal_balancer_id(const struct cluster *c)
{
    cleanup_free char *name =
        name_give(c, cluster_layout(c) == LAYOUT_V1 ? "-internal-lb" : "-internal");
    return name_give_resource_id(c, "Microsoft.Network/loadBalancers", name);
}

char *name_give_api_address(const struct cluster *c)
{
    return name_give(c, "-pip-v4");
}

char *name_give_storage_account(const struct cluster *c)
{
    return xasprintf("cluster%s", cluster_text_or_empty(c, "storageSuffix"));
}

char *name_give_outbound_ip(const struct cluster *c, int64_t i)
{
    unsigned char digest[SHA1_LEN];
    cleanup_free char *seed = xasprintf("%s/outbound-ip/%lld", cluster_doc_id(c), (long long)i);
    sha1(seed, strlen(seed), digest);
    digest[6] = (unsigned char)(0x50U | (digest[6] & 0x0fU)); /* a UUID of version 5 */
    digest[8] = (unsigned char)(0x80U | (digest[8] & 0x3fU));
    cleanup_free char *hex = hex_give(digest, 16);
    return xasprintf("%.8s-%.4s-%.4s-%.4s-%s" NAME_OUTBOUND_SUFFIX, hex, hex + 8, hex + 12,
                     hex + 16, hex + 20);
}

/* ---- domains ---- */

static const char *zone(const struct cluster *c)
{
    const char *text = rp_env_text(c->cfg->env, ENV_DOMAIN);
    return text ? text : "";
}

char *name_give_domain(const struct cluster *c)
{
    const char *domain = cluster_text_or_empty(c, "clusterProfile.domain");
    return strchr(domain, '.') ? xstrdup(domain) : xasprintf("%s.%s", domain, zone(c));
}

char *name_give_short(const struct cluster *c)
{
    cleanup_free char *domain = name_give_domain(c);
    return xstrndup(domain, strcspn(domain, "."));
}

char *name_give_base_domain(const struct cluster *c)
{
    cleanup_free char *domain = name_give_domain(c);
    const char *dot = strchr(domain, '.');
    return xstrdup(dot ? dot + 1 : "");
}

int name_give_managed_prefix(const struct cluster *c, char **ret, struct error **err)
{
    cleanup_free char *suffix = xasprintf(".%s", zone(c));
    cleanup_free char *domain = xstrdup(cluster_text_or_empty(c, "clusterProfile.domain"));
    size_t len = strlen(domain);
    if (!*domain || *domain == '.' || domain[len - 1] == '.')
        return error_set(err, ERR_INVALID, "properties.clusterProfile.domain: '%s' is no domain",
                         domain);
    if (*zone(c) && str_ends_nocase(domain, suffix))
        domain[len - strlen(suffix)] = '\0';
    *ret = strchr(domain, '.') ? NULL : take(domain);
    return 0;
}

int name_give_managed_domain(const struct cluster *c, char **ret, struct error **err)
{
    cleanup_free char *prefix = NULL;
    if (name_give_managed_prefix(c, &prefix, err) < 0)
        return -1;
    *ret = prefix ? xasprintf("%s.%s", prefix, zone(c)) : NULL;
    return 0;
}

/* ---- what is the service's ---- */

static char *give_service_id(const struct cluster *c, enum rp_variable group, const char *rest)
{
    const struct rp_env *env = c->cfg->env;
    const char *name = rp_env_text(env, group);
    if (!name)
        name = rp_env_text(env, ENV_RESOURCE_GROUP);
    return xasprintf("/subscriptions/%s/resourceGroups/%s/providers/Microsoft.Network/%s",
                     rp_env_text(env, ENV_SUBSCRIPTION_ID), name ? name : "", rest);
}

char *name_give_private_endpoint_id(const struct cluster *c)
{
    cleanup_free char *rest = xasprintf("privateEndpoints/rp-pe-%s", cluster_doc_id(c));
    return give_service_id(c, ENV_RESOURCE_GROUP, rest);
}

char *name_give_service_subnet_id(const struct cluster *c, enum service_subnet which)
{
    static const struct {
        enum rp_variable group;
        const char *path;
    } rows[SERVICE_SUBNETS] = {
        [SUBNET_ENDPOINTS] = { ENV_RESOURCE_GROUP,
                               "virtualNetworks/rp-pe-vnet-001/subnets/rp-pe-subnet" },
        [SUBNET_SERVICE] = { ENV_RESOURCE_GROUP, "virtualNetworks/rp-vnet/subnets/rp-subnet" },
        [SUBNET_GATEWAY] = { ENV_GATEWAY_RESOURCE_GROUP,
                             "virtualNetworks/gateway-vnet/subnets/gateway-subnet" },
    };
    return rp_env_text(c->cfg->env, rows[which].group)
               ? give_service_id(c, rows[which].group, rows[which].path)
               : NULL;
}

char *name_give_gateway_id(const struct cluster *c)
{
    return give_service_id(c, ENV_GATEWAY_RESOURCE_GROUP, "privateLinkServices/gateway-pls-001");
}

char *name_give_registry(const struct cluster *c)
{
    const char *id = rp_env_text(c->cfg->env, ENV_ACR_RESOURCE_ID);
    const char *slash = id ? strrchr(id, '/') : NULL;
    if (!slash || !slash[1])
        return NULL;
    cleanup_free char *name = str_give_lower(slash + 1);
    return xasprintf("%s.azurecr.%s", name,
                     str_eq(c->cfg->cloud->name, "AzurePublicCloud") ? "io" : "us");
}

char *name_give_zone_id(const struct cluster *c)
{
    cleanup_free char *rest = xasprintf("dnsZones/%s", zone(c));
    return give_service_id(c, ENV_DOMAIN_RESOURCE_GROUP, rest);
}

char *name_give_vnet_id(const char *subnet_id)
{
    return arm_id_give_parent(subnet_id);
}
