/*
 * The form of November 2019: a body with `properties.pullSecret`, in base64, and little else. It becomes an
 * ordinary request; what it leaves out comes from the cluster that there is, or from defaults.
 */
#include <string.h>

#include "pkg/api/api.h"
#include "pkg/api/names.h"
#include "pkg/api/refuse.h"
#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define VNET "dev-vnet"
#define PULL_SECRET "properties.clusterProfile.pullSecret"

static int decode_pull_secret(const char *text, json *ext, struct error **err)
{
    cleanup_free char *plain = NULL;
    size_t len = 0;
    if (base64_parse(text, strlen(text), &plain, &len, NULL) < 0 || strlen(plain) != len)
        return api_refuse_value(err, "properties.pullSecret",
                                "The provided pull secret is invalid.");
    cleanup_free char *trimmed = str_give_trimmed(plain);
    int rc = json_path_put(ext, PULL_SECRET, json_new_str(trimmed), err);
    secret_wipe(plain, len);
    secret_wipe(trimmed, strlen(trimmed));
    return rc;
}

/* The cluster's name as a domain, or something like it. */
static char *give_domain(const char *name)
{
    cleanup_free char *lower = str_give_lower(name);
    cleanup_buf struct buf kept = BUF_INIT(48);
    if (domain_is_valid(lower, true) && !strchr(lower, '.') && strlen(lower) < 48)
        return xstrdup(lower);
    for (const char *c = lower; *c && kept.len < 40; c++)
        if (strchr("abcdefghijklmnopqrstuvwxyz0123456789", *c))
            buf_addc(&kept, *c);
    return xasprintf("aro-%s", kept.len ? buf_str(&kept) : "cluster");
}

static json *give_defaults(const struct api_flat *flat, const struct resource_id *id)
{
    cleanup_free char *domain = give_domain(id->name);
    cleanup_free char *group =
        xasprintf("/subscriptions/%s/resourceGroups/aro-%s", id->subscription_id, domain);
    cleanup_free char *subnets = xasprintf(
        "/subscriptions/%s/resourceGroups/%s/providers/Microsoft.Network/virtualNetworks/" VNET
        "/subnets/%s-",
        id->subscription_id, id->resource_group, id->name);
    cleanup_free char *master = xasprintf("%smaster", subnets);
    cleanup_free char *worker = xasprintf("%sworker", subnets);
    size_t len = 0;
    const char *secret = flat->client_secret ? secret_reveal(flat->client_secret, &len) : "";
    return json_make(
        "{'properties':{'clusterProfile':{'domain':%s,'resourceGroupId':%s},"
        "'servicePrincipalProfile':{'clientId':%s,'clientSecret':%s},"
        "'networkProfile':{'podCidr':'10.128.0.0/14','serviceCidr':'172.30.0.0/16'},"
        "'masterProfile':{'vmSize':'Standard_D8s_v3','subnetId':%s},"
        "'workerProfiles':[{'name':'worker','vmSize':'Standard_D2s_v3','diskSizeGB':128,"
        "'subnetId':%s,'count':3}],'apiserverProfile':{'visibility':'Public'},"
        "'ingressProfiles':[{'name':'default','visibility':'Public'}]}}",
        domain, group, flat->client_id ? flat->client_id : "", secret, master, worker);
}

/* What ext leaves out, or leaves empty. */
static void fill(json *ext, const json *from)
{
    for (struct json_iter it = json_each(from); json_next(&it);) {
        json *value = json_get(ext, it.key);
        if (!value || (json_kind(value) == JSON_STR && !json_str_len(value)))
            json_put(ext, it.key, json_give_copy(it.value));
        else if (json_is_object(value) && json_is_object(it.value) && !str_eq(it.key, "tags"))
            fill(value, it.value);
    }
}

static int fill_from_defaults(const struct api_flat *flat, json *ext, struct error **err)
{
    cleanup_resource_id struct resource_id id = { 0 };
    if (resource_id_parse(flat->resource_id, &id, err) < 0)
        return -1;
    if (!id.name)
        return error_set(err, ERR_INTERNAL, "the URL names a resource group only");
    cleanup_json_wiped json *defaults = give_defaults(flat, &id);
    fill(ext, defaults);
    return 0;
}

int api_cluster_expand_flat(const struct api_flat *flat, const char *body, size_t len,
                            const json *base, json *ext, struct error **err)
{
    cleanup_json_wiped json *tree = NULL;
    if (json_parse(body, len, &tree, err) < 0)
        return -1;
    const char *pull_secret = json_path_str(tree, "properties.pullSecret");
    if (!pull_secret)
        return 0;
    if (decode_pull_secret(pull_secret, ext, err) < 0)
        return -1;
    if (!base)
        return fill_from_defaults(flat, ext, err);
    fill(ext, base);
    return 0;
}
