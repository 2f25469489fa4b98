/* client_rig.h - a client without tokens over a scripted transport. */
#ifndef TEST_UNIT_PKG_CLIENT_CLIENT_RIG_H
#define TEST_UNIT_PKG_CLIENT_CLIENT_RIG_H

#include <string.h>

#include "pkg/client/client_impl.h"
#include "test/unit/support/pkg/azure/azure_fixture.h"
#include "test/unit/support/test.h"

#define RIG_ENDPOINT "http://127.0.0.1:8080"
#define RIG_HEADERS "Accept: application/json\n@gzip: true\n"
#define RIG_CLUSTERS "/providers/Microsoft.RedHatOpenShift/openShiftClusters"
#define RIG_GROUP "/subscriptions/sub/resourceGroups/group"
#define RIG_URL(path, version) RIG_ENDPOINT path "?api-version=" version

struct client_rig {
    struct azure_fixture azure;
    struct arm *arm;
    struct aro_client *client;
};

static inline void client_rig_init(struct client_rig *r, const char *version,
                                   const struct script_step *steps, size_t len)
{
    static const struct azure_cloud local = { .arm = RIG_ENDPOINT "/" };
    azure_fixture_init(&r->azure, steps, len);
    const struct arm_config cfg = { .transport = &r->azure.transport.base,
                                    .cloud = &local,
                                    .user_agent = "test",
                                    .clock = &r->azure.clock.base,
                                    .rng = &r->azure.rng.base };
    r->arm = arm_new(&cfg);
    const struct aro_client_config client = { r->arm, "sub", version };
    assert_int_equal(aro_client_new(&client, &r->client, NULL), 0);
}

static inline void client_rig_finish(struct client_rig *r)
{
    aro_client_free(r->client);
    arm_free(r->arm);
    azure_fixture_finish(&r->azure);
}

#endif
