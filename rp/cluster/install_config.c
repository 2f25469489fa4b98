#include "rp/cluster/install_config.h"

#include <string.h>

#include "pkg/api/resource_id.h"
#include "pkg/base/mem.h"

#define MASTERS 3
#define MASTER_DISK_GB 1024
#define HOST_PREFIX 23

static bool is_enabled(const json *properties, const char *path)
{
    return str_eq(json_path_str(properties, path), "Enabled");
}

/* The rest of a domain is its base domain. */
static size_t short_name_len(const char *domain)
{
    return strcspn(domain, ".");
}

/* ---- machines ---- */

static int put_encryption(const json *profile, json *azure, struct error **err)
{
    const char *id = json_path_str(profile, "diskEncryptionSetId");
    if (is_enabled(profile, "encryptionAtHost"))
        json_put(azure, "encryptionAtHost", json_new_bool(true));
    if (!id || !*id)
        return 0;
    cleanup_resource_id struct resource_id parsed = { 0 };
    if (resource_id_parse(id, &parsed, err) < 0)
        return error_wrap(err, "diskEncryptionSetId");
    json_put(json_get(azure, "osDisk"), "diskEncryptionSet",
             json_make("{'subscriptionId':%s,'resourceGroup':%s,'name':%s}", parsed.subscription_id,
                       parsed.resource_group, parsed.name));
    return 0;
}

static json *give_strings(const struct strv *texts)
{
    json *list = json_new_array();
    for (size_t i = 0; i < texts->len; i++)
        json_append(list, json_new_str(texts->v[i]));
    return list;
}

static int make_pool(const json *profile, const char *name, int64_t count, int64_t disk_gb,
                     const struct strv *zones, json **ret, struct error **err)
{
    const char *size;
    if (json_need_str(profile, "vmSize", &size, err) < 0)
        return -1;
    cleanup_json json *azure = json_make("{'type':%s,'osDisk':{'diskSizeGB':%ld}}", size, disk_gb);
    if (put_encryption(profile, azure, err) < 0)
        return -1;
    if (zones->len > 0)
        json_put(azure, "zones", give_strings(zones));
    *ret = json_make("{'name':%s,'replicas':%ld,'hyperthreading':'Enabled',"
                     "'architecture':'amd64','platform':{'azure':%j}}",
                     name, count, take(azure));
    return 0;
}

static int put_pools(const struct install_config_inputs *in, const json *properties, json *config,
                     struct error **err)
{
    const json *worker = json_path(properties, "workerProfiles[0]");
    int64_t count, disk_gb;
    json *masters = NULL, *workers = NULL;
    if (json_need_int(worker, "count", &count, err) < 0 ||
        json_need_int(worker, "diskSizeGB", &disk_gb, err) < 0 ||
        make_pool(worker, "worker", count, disk_gb, in->worker_zones, &workers, err) < 0)
        return error_wrap(err, "workerProfiles[0]");
    json_put(config, "compute", json_make("[%j]", workers));
    if (make_pool(json_get(properties, "masterProfile"), "master", MASTERS, MASTER_DISK_GB,
                  in->master_zones, &masters, err) < 0)
        return error_wrap(err, "masterProfile");
    json_put(config, "controlPlane", masters);
    return 0;
}

/* ---- network and platform ---- */

static int put_networking(const struct install_config_inputs *in, const json *properties,
                          json *config, struct error **err)
{
    const char *pods, *services;
    const char *type = json_path_str(properties, "networkProfile.softwareDefinedNetwork");
    if (in->layout == INSTALLER_V1)
        type = "OpenShiftSDN";
    else if (!type || !*type)
        type = "OVNKubernetes";
    if (json_need_str(properties, "networkProfile.podCidr", &pods, err) < 0 ||
        json_need_str(properties, "networkProfile.serviceCidr", &services, err) < 0)
        return -1;
    /* The subnets are there already; the installer wants a range of machines all the same. */
    json_put(config, "networking",
             json_make("{'networkType':%s,'machineNetwork':[{'cidr':'127.0.0.0/8'}],"
                       "'clusterNetwork':[{'cidr':%s,'hostPrefix':%d}],'serviceNetwork':[%s]}",
                       type, pods, HOST_PREFIX, services));
    return 0;
}

static int need_subnet(const json *properties, const char *path, struct resource_id *ret,
                       struct error **err)
{
    const char *id;
    if (json_need_str(properties, path, &id, err) < 0)
        return -1;
    if (resource_id_parse(id, ret, err) < 0)
        return error_wrap(err, "%s", path);
    if (!resource_id_is_type(ret, "Microsoft.Network", "virtualNetworks/subnets"))
        return error_set(err, ERR_INVALID, "%s: '%s' is no subnet", path, id);
    return 0;
}

static json *give_image(const struct installer_image *image)
{
    return json_make("{'publisher':%s,'offer':%s,'sku':%s,'version':%s}", image->publisher,
                     image->offer, image->sku, image->version);
}

static const char *last_name(const char *id)
{
    const char *slash = strrchr(id, '/');
    return slash ? slash + 1 : id;
}

static int put_platform(const struct install_config_inputs *in, const json *properties,
                        json *config, struct error **err)
{
    cleanup_resource_id struct resource_id masters = { 0 }, workers = { 0 };
    const char *location, *group;
    if (json_need_str(in->cluster, "location", &location, err) < 0 ||
        json_need_str(properties, "clusterProfile.resourceGroupId", &group, err) < 0 ||
        need_subnet(properties, "masterProfile.subnetId", &masters, err) < 0 ||
        need_subnet(properties, "workerProfiles[0].subnetId", &workers, err) < 0)
        return -1;
    cleanup_free char *region = str_give_lower(location);
    json *azure = json_make("{'region':%s,'resourceGroupName':%s,'networkResourceGroupName':%s,"
                            "'virtualNetwork':%s,'controlPlaneSubnet':%s,'computeSubnet':%s,"
                            "'image':%j,'aro':true}",
                            region, last_name(group), masters.resource_group, masters.parent_name,
                            masters.name, workers.name, give_image(&in->image));
    if (in->layout == INSTALLER_V2) {
        const char *outbound = json_path_str(properties, "networkProfile.outboundType");
        json_put(azure, "outboundType",
                 json_new_str(outbound && *outbound ? outbound : "Loadbalancer"));
        json_put(azure, "cloudName",
                 json_new_str(in->cloud_name ? in->cloud_name : "AzurePublicCloud"));
    }
    json_put(config, "platform", json_make("{'azure':%j}", azure));
    return 0;
}

/* ---- the rest ---- */

static void put_mirrors(const char *registry, json *config)
{
    static const char *const repositories[] = { "openshift-release-dev/ocp-release",
                                                "openshift-release-dev/ocp-release-nightly",
                                                "openshift-release-dev/ocp-v4.0-art-dev" };
    json *list = json_new_array();
    for (size_t i = 0; i < ARRAY_LEN(repositories); i++) {
        cleanup_free char *source = xasprintf("quay.io/%s", repositories[i]);
        cleanup_free char *mirror = xasprintf("%s/%s", registry, repositories[i]);
        json_append(list, json_make("{'source':%s,'mirrors':[%s]}", source, mirror));
    }
    json_put(config, "imageContentSources", list);
}

static json *give_head(const struct install_config_inputs *in)
{
    size_t len = short_name_len(in->domain);
    cleanup_free char *name = xstrndup(in->domain, len);
    bool is_private =
        str_eq(json_path_str(in->cluster, "properties.ingressProfiles[0].visibility"), "Private");
    return json_make("{'apiVersion':'v1','metadata':{'name':%s},'baseDomain':%s,"
                     "'sshKey':%s,'pullSecret':%s,'publish':%s}",
                     name, in->domain[len] ? in->domain + len + 1 : "", in->ssh_key,
                     secret_reveal(in->pull_secret, NULL), is_private ? "Internal" : "External");
}

int install_config_make(const struct install_config_inputs *in, json **ret, struct error **err)
{
    const json *properties = json_get(in->cluster, "properties");
    cleanup_json_wiped json *config = give_head(in);
    if (put_networking(in, properties, config, err) < 0 ||
        put_pools(in, properties, config, err) < 0 || put_platform(in, properties, config, err) < 0)
        return error_wrap(err, "the install-config");
    if (in->registry)
        put_mirrors(in->registry, config);
    if (in->layout == INSTALLER_V2 && is_enabled(properties, "clusterProfile.fipsValidatedModules"))
        json_put(config, "fips", json_new_bool(true));
    *ret = take(config);
    return 0;
}
