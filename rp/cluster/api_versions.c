#include "rp/cluster/api_versions.h"

#include <string.h>

#include "pkg/azure/api_versions.h"
#include "pkg/base/cleanup.h"
#include "pkg/base/strv.h"

static const struct {
    const char *type, *version;
} versions[] = {
    { "microsoft.authorization", API_VERSION_ASSIGNMENTS },
    { "microsoft.authorization/denyassignments", API_VERSION_DENY_ASSIGNMENTS },
    { "microsoft.authorization/roledefinitions", API_VERSION_DEFINITIONS },
    { "microsoft.compute", API_VERSION_COMPUTE },
    { "microsoft.compute/diskencryptionsets", API_VERSION_ENCRYPTION_SETS },
    { "microsoft.compute/disks", API_VERSION_DISKS },
    { "microsoft.compute/galleries", API_VERSION_GALLERIES },
    { "microsoft.compute/snapshots", API_VERSION_SNAPSHOTS },
    { "microsoft.containerregistry", API_VERSION_REGISTRY },
    { "microsoft.keyvault", API_VERSION_KEY_VAULT },
    { "microsoft.managedidentity", API_VERSION_IDENTITIES },
    { "microsoft.network", API_VERSION_NETWORK },
    { "microsoft.network/dnszones", API_VERSION_DNS },
    { "microsoft.network/privatednszones", API_VERSION_PRIVATE_DNS },
    { "microsoft.storage", API_VERSION_STORAGE },
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
