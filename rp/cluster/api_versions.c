#include "rp/cluster/api_versions.h"

#include <string.h>

#include "pkg/base/cleanup.h"
#include "pkg/base/strv.h"

static const struct {
    const char *type, *version;
} versions[] = {
    { "microsoft.authorization", "2018-09-01-preview" },
    { "microsoft.authorization/denyassignments", "2018-07-01-preview" },
    { "microsoft.authorization/roledefinitions", "2018-01-01-preview" },
    { "microsoft.compute", "2024-03-01" },
    { "microsoft.compute/diskencryptionsets", "2021-04-01" },
    { "microsoft.compute/disks", "2019-03-01" },
    { "microsoft.compute/galleries", "2022-03-03" },
    { "microsoft.compute/snapshots", "2020-05-01" },
    { "microsoft.containerregistry", "2020-11-01-preview" },
    { "microsoft.keyvault", "2019-09-01" },
    { "microsoft.managedidentity", "2018-11-30" },
    { "microsoft.network", "2020-08-01" },
    { "microsoft.network/dnszones", "2018-05-01" },
    { "microsoft.network/privatednszones", "2018-09-01" },
    { "microsoft.storage", "2021-09-01" },
};

const char *api_version_of(const char *type)
{
    cleanup_free char *at = str_give_lower(type);
    while (*at) {
        for (size_t i = 0; i < ARRAY_LEN(versions); i++)
            if (strcmp(versions[i].type, at) == 0)
                return versions[i].version;
        char *slash = strrchr(at, '/');
        *(slash ? slash : at) = '\0';
    }
    return NULL;
}
