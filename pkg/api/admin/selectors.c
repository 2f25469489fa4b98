#include "pkg/api/admin/selectors.h"

#include <string.h>

#include "pkg/api/resource_id.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define PROPERTIES "openShiftCluster.properties."

static const struct {
    const char *key, *path;
} texts[] = {
    { "provisioningState", PROPERTIES "provisioningState" },
    { "outboundType", PROPERTIES "networkProfile.outboundType" },
    { "APIServerVisibility", PROPERTIES "apiserverProfile.visibility" },
};

/* A domain of one label, or one below the resource provider's. */
static bool is_managed(const char *domain, const char *rp_domain)
{
    if (!domain || !*domain)
        return false;
    if (!strchr(domain, '.'))
        return true;
    cleanup_free char *suffix = xasprintf(".%s", rp_domain ? rp_domain : "");
    return rp_domain && *rp_domain && str_ends_nocase(domain, suffix);
}

static void put(json *out, const char *key, const char *value)
{
    json_put(out, key, json_new_str(value ? value : ""));
}

static void put_int(json *out, const char *key, int64_t value)
{
    cleanup_free char *text = xasprintf("%lld", (long long)value);
    put(out, key, text);
}

json *selectors_give(const json *document, const char *subscription_state, const char *rp_domain)
{
    const char *id = json_path_str(document, "openShiftCluster.id");
    cleanup_free char *lower = str_give_lower(id ? id : "");
    cleanup_resource_id struct resource_id parts = { 0 };
    bool has_identities = json_path(document, PROPERTIES "platformWorkloadIdentityProfile") != NULL;
    bool managed =
        is_managed(json_path_str(document, PROPERTIES "clusterProfile.domain"), rp_domain);
    json *out = json_new_object();

    (void)resource_id_parse(lower, &parts, NULL);
    put(out, "resourceID", lower);
    put_int(out, "bucketID", json_path_int(document, "bucket", 0));
    put(out, "subscriptionID", parts.subscription_id);
    put(out, "subscriptionState", subscription_state);
    put(out, "authenticationType", has_identities ? "WorkloadIdentity" : "ServicePrincipal");
    put_int(out, "architectureVersion",
            json_path_int(document, PROPERTIES "architectureVersion", 0));
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        put(out, texts[i].key, json_path_str(document, texts[i].path));
    put(out, "isManagedDomain", managed ? "true" : "false");
    return out;
}
