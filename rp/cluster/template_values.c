#include "rp/cluster/template_values.h"

#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "rp/cluster/names.h"
#include "rp/cluster/outbound.h"

#define ADDRESS_TYPE "Microsoft.Network/publicIPAddresses/"

static void put(json *values, const char *name, const char *text)
{
    json_put(values, name, json_new_str(text));
}

/* The text is consumed. */
static void put_given(json *values, const char *name, char *text)
{
    put(values, name, text);
    free(text);
}

static void put_flag(json *values, const char *name, bool flag)
{
    json_put(values, name, json_new_bool(flag));
}

static bool is_public_ingress(const struct cluster *c)
{
    return cluster_is_public(c, "ingressProfiles[0].visibility");
}

static bool is_public_api(const struct cluster *c)
{
    return cluster_is_public(c, "apiserverProfile.visibility");
}

/* What every template uses. */
static json *give_common(const struct cluster *c)
{
    json *v = json_new_object();
    put(v, "infraId", name_infra(c));
    put(v, "location", cluster_location(c));
    put(v, "masterSubnetId", cluster_text_or_empty(c, "masterProfile.subnetId"));
    put(v, "storageSuffix", c->cfg->cloud->storage);
    put(v, "serviceSubscriptionId", rp_env_text(c->cfg->env, ENV_SUBSCRIPTION_ID));
    put_given(v, "storageAccount", name_give_storage_account(c));
    put_given(v, "domain", name_give_domain(c));
    put_given(v, "shortName", name_give_short(c));
    put_given(v, "vnetId", name_give_vnet_id(cluster_text_or_empty(c, "masterProfile.subnetId")));
    put_flag(v, "publicApi", is_public_api(c));
    put_flag(v, "publicIngress", is_public_ingress(c));
    put_flag(v, "outboundLoadBalancer", outbound_is_balanced(c));
    return v;
}

/* ---- addresses for outbound traffic ---- */

static void put_outbound(json *v, const struct cluster *c)
{
    json *ips = json_new_array(), *frontends = json_new_array(), *depends = json_new_array();
    if (is_public_api(c)) {
        json_append(frontends, json_new_str(NAME_API_FRONTEND));
        cleanup_free char *name = name_give_api_address(c);
        cleanup_free char *address = xasprintf(ADDRESS_TYPE "%s", name);
        json_append(depends, json_new_str(address));
    }
    for (size_t i = outbound_first(c), count = outbound_count(c); i < count; i++) {
        cleanup_free char *name = name_give_outbound_ip(c, (int64_t)i);
        json_append(ips, json_new_str(name));
    }
    for (size_t i = 0; i < json_len(ips); i++) {
        cleanup_free char *address = xasprintf(ADDRESS_TYPE "%s", json_str(json_at(ips, i)));
        json_append(frontends, json_ref(json_at(ips, i)));
        json_append(depends, json_new_str(address));
    }
    json_put(v, "outboundIps", ips);
    json_put(v, "outboundFrontends", frontends);
    json_put(v, "frontendDependencies", depends);
}

/* ---- who may reach the storage accounts ---- */

static void add_service_subnet(const struct cluster *c, enum service_subnet which, json *subnets)
{
    cleanup_free char *id = name_give_service_subnet_id(c, which);
    if (id)
        json_append(subnets, json_new_str(id));
}

static json *give_account_subnets(const struct cluster *c, const struct template_base *b)
{
    json *subnets = json_new_array();
    add_service_subnet(c, SUBNET_ENDPOINTS, subnets);
    add_service_subnet(c, SUBNET_SERVICE, subnets);
    for (size_t i = 0; i < b->storage_subnets->len; i++)
        json_append(subnets, json_new_str(b->storage_subnets->v[i]));
    if (!rp_env_has(c->cfg->env, FEATURE_DISABLE_GATEWAY))
        add_service_subnet(c, SUBNET_GATEWAY, subnets);
    return subnets;
}

/* ---- rights ---- */

static json *give_excluded(const struct cluster *c, const struct template_base *b)
{
    json *excluded = json_new_array();
    if (!cluster_has_identities(c)) {
        json_append(excluded,
                    json_new_str(cluster_text_or_empty(c, "servicePrincipalProfile.spObjectId")));
        return excluded;
    }
    const json *identities =
        json_path(c->doc, PROPERTIES "platformWorkloadIdentityProfile.platformWorkloadIdentities");
    for (struct json_iter it = json_each(identities); json_next(&it);)
        if (json_path_str(it.value, "objectId"))
            json_append(excluded, json_new_str(json_path_str(it.value, "objectId")));
    json_sort_strs(excluded);
    json_append(excluded, json_new_str(b->first_party_principal));
    return excluded;
}

/* ---- the values ---- */

json *template_give_base_values(const struct cluster *c, const struct template_base *b)
{
    json *v = give_common(c);
    bool is_open = rp_env_has(c->cfg->env, FEATURE_DISABLE_STORAGE_FIREWALL);
    bool identities = cluster_has_identities(c);
    const json *zones = json_path(c->doc, PROPERTIES "zones");
    put(v, "imageRegistryAccount", cluster_text_or_empty(c, "imageRegistryStorageAccountName"));
    put(v, "principalId", cluster_text_or_empty(c, "servicePrincipalProfile.spObjectId"));
    put(v, "firstPartyPrincipalId", b->first_party_principal);
    put(v, "storageDefaultAction", is_open ? "Allow" : "Deny");
    put_given(v, "gatewayServiceId", name_give_gateway_id(c));
    json_put(v, "zones", json_len(zones) ? json_give_copy(zones) : NULL);
    json_put(v, "clusterAccountSubnets", give_account_subnets(c, b));
    json_put(v, "registryAccountSubnets", give_account_subnets(c, b));
    json_put(v, "excludedPrincipals", give_excluded(c, b));
    json_put(v, "identityRoles",
             b->identity_roles ? json_give_copy(b->identity_roles) : json_new_array());
    put_flag(v, "allowSharedKeyAccess", !identities);
    put_flag(v, "identities", identities);
    put_flag(v, "servicePrincipal", !identities);
    put_flag(v, "gateway",
             json_path_bool(c->doc, PROPERTIES "featureProfile.gatewayEnabled", false));
    put_flag(v, "denyAssignment", !rp_env_has(c->cfg->env, FEATURE_DISABLE_DENY_ASSIGNMENTS));
    put_outbound(v, c);
    return v;
}

json *template_give_rights_values(const struct cluster *c)
{
    static const struct template_base none = { 0 };
    json *v = json_new_object();
    put(v, "principalId", cluster_text_or_empty(c, "servicePrincipalProfile.spObjectId"));
    json_put(v, "excludedPrincipals", give_excluded(c, &none));
    put_flag(v, "denyAssignment", !rp_env_has(c->cfg->env, FEATURE_DISABLE_DENY_ASSIGNMENTS));
    put_flag(v, "secondLayout", cluster_layout(c) == LAYOUT_V2);
    return v;
}

/* The first layout has numbers for its zones, the second their names. */
static json *give_zones(const struct cluster *c, const struct strv *zones)
{
    if (zones->len == 0)
        return NULL;
    if (cluster_layout(c) == LAYOUT_V1)
        return json_make("['[copyIndex(1)]']");
    cleanup_free char *list = strv_give_joined(zones, ",");
    cleanup_free char *zone = xasprintf("[split('%s', ',')[copyIndex()]]", list);
    return json_make("[%s]", zone);
}

json *template_give_machine_values(const struct cluster *c, const struct template_machines *m)
{
    json *v = give_common(c);
    const char *encryption_set = cluster_text(c, "masterProfile.diskEncryptionSetId");
    put(v, "imagePublisher", m->publisher);
    put(v, "imageOffer", m->offer);
    put(v, "imageSku", m->sku);
    put(v, "imageVersion", m->version);
    put(v, "masterVmSize", cluster_text_or_empty(c, "masterProfile.vmSize"));
    put(v, "diskEncryptionSetId", encryption_set);
    put_given(v, "masterCustomData", base64_give(m->ignition, strlen(m->ignition)));
    json_put(v, "masterDiskSizeGB", json_new_int(m->disk_gb));
    json_put(v, "masterZones", give_zones(c, m->zones));
    put_flag(v, "diskEncryption", encryption_set && *encryption_set);
    put_flag(v, "encryptionAtHost",
             str_eq(cluster_text(c, "masterProfile.encryptionAtHost"), "Enabled"));
    return v;
}
