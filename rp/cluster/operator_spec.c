#include "rp/cluster/operator_spec.h"

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/version.h"
#include "rp/cluster/names.h"

#define REGISTRY_DEFAULT "arosvc.azurecr.io"
#define NSG_MANAGED "aro.azuresubnets.nsg.managed"

static bool is_public_cloud(const struct cluster *c)
{
    return str_eq(c->cfg->cloud->name, "AzurePublicCloud");
}

/* ---- image ---- */

char *operator_spec_give_registry(const struct cluster *c)
{
    char *own = name_give_registry(c);
    return own ? own : xstrdup(REGISTRY_DEFAULT);
}

char *operator_spec_give_image(const struct cluster *c)
{
    const char *pinned = cluster_text_or_empty(c, "operatorVersion");
    const char *given = rp_env_text(c->cfg->env, ENV_OPERATOR_IMAGE);
    if (!*pinned && given)
        return xstrdup(given);
    cleanup_free char *registry = operator_spec_give_registry(c);
    return xasprintf("%s/aro:%s", registry, *pinned ? pinned : version_commit());
}

/* ---- ingress ---- */

/* The address of the profile "default"; of the only one, whatever it is called. */
static int find_ingress_ip(const struct cluster *c, const char **ret, struct error **err)
{
    json *all = json_path(c->doc, PROPERTIES "ingressProfiles");
    const json *found = json_at(all, 0);
    if (!found)
        return error_set(err, ERR_INTERNAL, "no Ingress Profiles found");
    for (size_t i = 0; i < json_len(all) && json_len(all) > 1; i++)
        if (str_eq(json_path_str(json_at(all, i), "name"), "default"))
            found = json_at(all, i);
    *ret = json_path_str(found, "ip");
    return *ret && **ret ? 0 : error_set(err, ERR_INTERNAL, "ingress IP is empty");
}

bool operator_spec_is_known(const struct cluster *c)
{
    const char *ip;
    return find_ingress_ip(c, &ip, NULL) == 0;
}

/* ---- gateway ---- */

static const char *gateway_ip(const struct cluster *c)
{
    return cluster_text_or_empty(c, "networkProfile.gatewayPrivateEndpointIp");
}

static bool has_gateway(const struct cluster *c)
{
    return *gateway_ip(c) &&
           json_path_bool(c->doc, PROPERTIES "featureProfile.gatewayEnabled", false);
}

/* An explicit empty list turns the gateway off in the cluster. */
json *operator_spec_give_gateway_domains(const struct cluster *c)
{
    const char *given = rp_env_text(c->cfg->env, ENV_GATEWAY_DOMAINS);
    json *domains = json_new_array();
    cleanup_strv struct strv names = STRV_INIT;
    if (!has_gateway(c))
        return domains;
    strv_split(&names, given ? given : "", ", ", false);
    for (size_t i = 0; i < names.len; i++)
        json_append(domains, json_new_str(names.v[i]));
    cleanup_free char *images =
        xasprintf("%s.blob.core.%s", cluster_text_or_empty(c, "imageRegistryStorageAccountName"),
                  is_public_cloud(c) ? "windows.net" : "usgovcloudapi.net");
    json_append(domains, json_new_str(images));
    return domains;
}

static char *give_telemetry_domain(const struct cluster *c)
{
    const char *parent = rp_env_text(c->cfg->env, ENV_PARENT_DOMAIN);
    if (!*gateway_ip(c) || !parent)
        return xstrdup("");
    cleanup_free char *domain = xasprintf("telemetry.%s.%s", cluster_location(c), parent);
    return str_give_lower(domain);
}

/* ---- lists ---- */

static json *give_urls(const struct cluster *c)
{
    cleanup_free char *registry = operator_spec_give_registry(c);
    cleanup_free char *url = xasprintf("https://%s/", registry);
    return json_make("[%s,%s,%s,%s]", url, c->cfg->cloud->aad, c->cfg->cloud->arm,
                     is_public_cloud(c) ? "https://gcs.prod.monitoring.core.windows.net/"
                                        : "https://gcs.monitoring.core.usgovcloudapi.net/");
}

/* Where the service comes from when it uses the storage of a cluster. */
static json *give_service_subnets(const struct cluster *c)
{
    json *subnets = json_new_array();
    for (int i = 0; i < SERVICE_SUBNETS; i++) {
        cleanup_free char *id = name_give_service_subnet_id(c, (enum service_subnet)i);
        if (id)
            json_append(subnets, json_new_str(id));
    }
    return subnets;
}

static json *give_flags(const struct cluster *c)
{
    const json *own = json_path(c->doc, PROPERTIES "operatorFlags");
    json *flags = json_is_object(own) ? json_give_copy(own) : json_new_object();
    const char *environment = rp_env_text(c->cfg->env, ENV_ENVIRONMENT);
    if (environment && !json_has(flags, "aro.environment"))
        json_put(flags, "aro.environment", json_new_str(environment));
    if (str_eq(cluster_text(c, "networkProfile.preconfiguredNSG"), "Enabled"))
        json_put(flags, NSG_MANAGED, json_new_str("false"));
    return flags;
}

/* ---- logs ---- */

bool operator_spec_ships_logs(const struct cluster *c)
{
    return rp_env_text(c->cfg->env, ENV_CLUSTER_MDSD_ACCOUNT) &&
           rp_env_text(c->cfg->env, ENV_CLUSTER_MDSD_CONFIG_VERSION);
}

/* The same for all clusters of a region. */
json *operator_spec_give_logging(const struct cluster *c)
{
    static const struct {
        const char *member;
        enum rp_variable variable;
    } rows[] = {
        { "configVersion", ENV_CLUSTER_MDSD_CONFIG_VERSION },
        { "monitoringGCSAccount", ENV_CLUSTER_MDSD_ACCOUNT },
        { "monitoringGCSEnvironment", ENV_MDSD_ENVIRONMENT },
        { "monitoringGCSNamespace", ENV_CLUSTER_MDSD_NAMESPACE },
    };
    json *logging = json_new_object();
    for (size_t i = 0; operator_spec_ships_logs(c) && i < ARRAY_LEN(rows); i++) {
        const char *text = rp_env_text(c->cfg->env, rows[i].variable);
        json_put(logging, rows[i].member, json_new_str(text ? text : ""));
    }
    return logging;
}

/* ---- the spec ---- */

int operator_spec_give(const struct cluster *c, json **ret, struct error **err)
{
    const char *ingress_ip;
    if (find_ingress_ip(c, &ingress_ip, err) < 0)
        return error_wrap(err, "the spec of the Cluster resource");
    cleanup_free char *domain = name_give_domain(c);
    cleanup_free char *registry = operator_spec_give_registry(c);
    cleanup_free char *vnet =
        arm_id_give_parent(cluster_text_or_empty(c, "masterProfile.subnetId"));
    cleanup_free char *telemetry = give_telemetry_domain(c);
    json *spec = json_make(
        "{'resourceId':%s,'clusterResourceGroupId':%s,'domain':%s,'acrDomain':%s,"
        "'azEnvironment':%s,'location':%s,'infraId':%s,'storageSuffix':%s,'architectureVersion':%d,"
        "'genevaLogging':%j,'internetChecker':{'urls':%j},'vnetId':%s}",
        cluster_resource_id(c), name_group_id(c), domain, registry, c->cfg->cloud->name,
        cluster_location(c), name_infra(c), cluster_text_or_empty(c, "storageSuffix"),
        (int)cluster_layout(c), operator_spec_give_logging(c), give_urls(c), vnet);
    json_put(spec, "apiIntIP", json_new_str(cluster_text_or_empty(c, "apiserverProfile.intIp")));
    json_put(spec, "ingressIP", json_new_str(ingress_ip));
    json_put(spec, "gatewayDomains", operator_spec_give_gateway_domains(c));
    json_put(spec, "gatewayTelemetryDomain", json_new_str(telemetry));
    json_put(spec, "gatewayPrivateEndpointIP", json_new_str(gateway_ip(c)));
    json_put(spec, "serviceSubnets", give_service_subnets(c));
    json_put(spec, "operatorflags", give_flags(c));
    *ret = spec;
    return 0;
}
