#include "rp/cluster/installer/inputs.h"

#include <string.h>

#include "pkg/api/cidr.h"
#include "pkg/api/resource_id.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/crypt/rsa_key.h"

#define INFRA_ID_MAX 27
#define DOMAIN_MAX 253

static void problem(struct error **all, const char *what, const char *why)
{
    struct error *one = NULL;
    (void)error_set(&one, ERR_INVALID, "%s: %s", what, why);
    error_join(all, &one);
}

static bool is_name(const char *text, const char *extra)
{
    for (const char *c = text; *c; c++)
        if (!((*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9') || strchr(extra, *c)))
            return false;
    return *text != '\0';
}

static void check_texts(const struct installer_inputs *in, struct error **all)
{
    const struct {
        const char *what, *value;
    } needed[] = {
        { "the release image", in->release_image },
        { "the region", in->region },
        { "the resource group", in->resource_group },
        { "the tenant", in->platform.tenant_id },
        { "the subscription", in->platform.subscription_id },
        { "the client ID", in->platform.client_id },
        { "the publisher of the image", in->image.publisher },
        { "the offer of the image", in->image.offer },
        { "the SKU of the image", in->image.sku },
        { "the version of the image", in->image.version },
    };
    for (size_t i = 0; i < ARRAY_LEN(needed); i++)
        if (!needed[i].value || !*needed[i].value)
            problem(all, needed[i].what, "missing");
    size_t len = 0;
    if (in->platform.client_secret)
        (void)secret_reveal(in->platform.client_secret, &len);
    if (len == 0)
        problem(all, "the client secret", "missing");
}

static void check_names(const struct installer_inputs *in, struct error **all)
{
    if (in->layout != INSTALLER_V1 && in->layout != INSTALLER_V2)
        problem(all, "the layout", "unknown");
    if (!in->document_id || !uuid_is_valid(in->document_id))
        problem(all, "the document's ID", "not a UUID");
    if (!in->infra_id || !is_name(in->infra_id, "-") || strlen(in->infra_id) > INFRA_ID_MAX)
        problem(all, "the infra ID", "not 1 to 27 lower-case letters, digits and hyphens");
    if (!in->domain || !is_name(in->domain, "-.") || strlen(in->domain) > DOMAIN_MAX ||
        strchr(".-", in->domain[0]) || !strchr(in->domain, '.') || str_ends(in->domain, ".") ||
        strstr(in->domain, ".."))
        problem(all, "the domain", "not of the form NAME.BASEDOMAIN");
}

static void check_config(const struct installer_inputs *in, struct error **all)
{
    static const char *const texts[] = {
        "metadata.name",
        "baseDomain",
        "pullSecret",
        "networking.networkType",
        "networking.clusterNetwork[0].cidr",
        "controlPlane.platform.azure.type",
        "compute[0].platform.azure.type",
        "platform.azure.virtualNetwork",
        "platform.azure.networkResourceGroupName",
        "platform.azure.controlPlaneSubnet",
        "platform.azure.computeSubnet",
    };
    char ip[INPUTS_IP_MAX];
    struct error *why = NULL;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        if (!json_path_str(in->install_config, texts[i]))
            problem(all, texts[i], "missing or not a string");
    if (inputs_service_ip(in, ip, &why) < 0)
        error_join(all, &why);
    const char *key = json_path_str(in->install_config, "sshKey");
    if (ssh_public_check(key ? key : "", &why) < 0)
        error_join(all, &why);
}

static void check_manifests(const struct installer_inputs *in, struct error **all)
{
    if (!in->manifests)
        return;
    if (!json_is_object(in->manifests))
        problem(all, "the manifests", "not an object");
    for (struct json_iter it = json_each(in->manifests); json_next(&it);) {
        if (strchr(it.key, '/') || it.key[0] == '.' ||
            !(str_ends(it.key, ".yaml") || str_ends(it.key, ".yml") || str_ends(it.key, ".json")))
            problem(all, it.key, "not the name of a manifest: NAME.yaml, NAME.yml or NAME.json");
        else if (!json_str(it.value))
            problem(all, it.key, "not a string");
    }
}

int inputs_check(const struct installer_inputs *in, struct error **err)
{
    cleanup_error struct error *all = NULL;
    check_texts(in, &all);
    check_names(in, &all);
    check_config(in, &all);
    check_manifests(in, &all);
    if (!all)
        return 0;
    error_move(err, &all);
    return error_wrap(err, "the install inputs");
}

char *inputs_give_public_lb(const struct installer_inputs *in)
{
    return xasprintf("%s%s", in->infra_id, in->layout == INSTALLER_V1 ? "-public-lb" : "");
}

bool inputs_has_public_lb(const struct installer_inputs *in)
{
    return !str_eq(json_path_str(in->install_config, "platform.azure.outboundType"),
                   "UserDefinedRouting");
}

char *inputs_give_internal_lb(const struct installer_inputs *in)
{
    return xasprintf("%s%s", in->infra_id,
                     in->layout == INSTALLER_V1 ? "-internal-lb" : "-internal");
}

char *inputs_give_nsg(const struct installer_inputs *in)
{
    return xasprintf("%s%s", in->infra_id,
                     in->layout == INSTALLER_V1 ? "-controlplane-nsg" : "-nsg");
}

char *inputs_give_route_table(const struct installer_inputs *in)
{
    return xasprintf("%s-node-routetable", in->infra_id);
}

char *inputs_give_internal_url(const struct installer_inputs *in, int port, const char *path)
{
    return xasprintf("https://api-int.%s:%d%s", in->domain, port, path);
}

char *inputs_give_public_url(const struct installer_inputs *in)
{
    return xasprintf("https://api.%s:6443", in->domain);
}

int inputs_service_ip(const struct installer_inputs *in, char out[INPUTS_IP_MAX],
                      struct error **err)
{
    static const char path[] = "networking.serviceNetwork[0]";
    struct cidr range;
    const char *text = json_path_str(in->install_config, path);
    if (cidr_parse(text, &range) != CIDR_IPV4 || range.bits > 30)
        return error_set(err, ERR_INVALID, "%s: '%s' is no range of IPv4 addresses", path,
                         text ? text : "");
    uint32_t first = cidr_network(&range) + 1;
    (void)snprintf(out, INPUTS_IP_MAX, "%u.%u.%u.%u", first >> 24, first >> 16 & 255,
                   first >> 8 & 255, first & 255);
    return 0;
}
