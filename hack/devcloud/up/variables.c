#include "hack/devcloud/up/variables.h"

#include "hack/devcloud/azure/azure.h"
#include "pkg/base/mem.h"

static const char *const variables[] = {
    "RP_MODE=development",
    "AZURE_TENANT_ID=" AZURE_SIM_TENANT,
    "AZURE_SUBSCRIPTION_ID=" AZURE_SIM_SUBSCRIPTION,
    "AZURE_CLIENT_ID=" AZURE_SIM_APPLICATION,
    "AZURE_FP_CLIENT_ID=" AZURE_SIM_PROVIDER, /* in development its secret is the other's */
    "LOCATION=" VARIABLES_LOCATION,
    "RP_RESOURCEGROUP=" VARIABLES_RP_GROUP,
    "COSMOSDB_ACCOUNT=devcloud-rp",
    "DOMAIN=" VARIABLES_DOMAIN,
    "DOMAIN_RESOURCEGROUP=" VARIABLES_DOMAIN_GROUP,
    "PULL_SECRET=" VARIABLES_PULL_SECRET,
    "CLUSTER=" VARIABLES_CLUSTER,
};

void variables_add(struct strv *env, const char *secret)
{
    for (size_t i = 0; i < ARRAY_LEN(variables); i++)
        strv_add(env, variables[i]);
    strv_addf(env, "AZURE_CLIENT_SECRET=%s", secret);
}

void variables_inherit(struct strv *env, char *const *surroundings)
{
    static const char *const prefixes[] = {
        "PATH=",  "HOME=", "TMPDIR=", "ARO_RP_",      "ARO_LOG_",   "ASAN_",
        "UBSAN_", "TSAN_", "LSAN_",   "RP_FEATURES=", "ARO_IMAGE=",
    };
    for (; *surroundings; surroundings++)
        for (size_t i = 0; i < ARRAY_LEN(prefixes); i++)
            if (str_starts(*surroundings, prefixes[i]))
                strv_add(env, *surroundings);
}
