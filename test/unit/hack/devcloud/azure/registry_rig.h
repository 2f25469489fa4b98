/* registry_rig.h - the rig with a container registry. */
#ifndef TEST_UNIT_HACK_DEVCLOUD_AZURE_REGISTRY_RIG_H
#define TEST_UNIT_HACK_DEVCLOUD_AZURE_REGISTRY_RIG_H

#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/hack/devcloud/azure_rig.h"
#include "test/unit/support/test.h"

#define REGISTRIES \
    RIG_SUBSCRIPTION "/resourceGroups/net-rg/providers/Microsoft.ContainerRegistry/registries"
#define REGISTRY REGISTRIES "/arosvc"
#define REGISTRY_VERSION "?api-version=2020-11-01-preview"
#define REGISTRY_BODY "{'location':'eastus','sku':{'name':'Premium'}}"
#define TOKEN_BODY \
    "{'properties':{'scopeMapId':'" REGISTRY "/scopeMaps/_repositories_pull','status':'enabled'}}"

static inline void registry_rig_open(struct rig *r)
{
    rig_open(r);
    assert_int_equal(rig_call(r, "PUT", REGISTRY REGISTRY_VERSION, REGISTRY_BODY, NULL), 201);
}

#endif
