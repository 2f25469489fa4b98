#include "pkg/azure/azure.h"
#include "pkg/base/strv.h"

static const struct azure_cloud clouds[] = {
    { "AzurePublicCloud", "https://login.microsoftonline.com/", "https://management.azure.com/",
      "https://graph.microsoft.com/", "vault.azure.net", "documents.azure.com",
      "core.windows.net" },
    { "AzureUSGovernmentCloud", "https://login.microsoftonline.us/",
      "https://management.usgovcloudapi.net/", "https://graph.microsoft.us/",
      "vault.usgovcloudapi.net", "documents.azure.us", "core.usgovcloudapi.net" },
};

const struct azure_cloud *azure_cloud_find(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(clouds); i++)
        if (str_eq_nocase(clouds[i].name, name))
            return &clouds[i];
    return NULL;
}
