/*
 * cluster_rig.h - an operation on a cluster as its steps see it: the document in a database in memory, under a lease, Azure
 * behind a scripted transport, a clock whose waits jump. All fail the test when they cannot.
 *
 *   cluster_rig_open(&r, "{'infraId':'a-12345', ...}", script, ARRAY_LEN(script));
 *   assert_int_equal(cluster_ensure_x(r.c, &r.db.ctx, NULL), 0);
 *   cluster_rig_close(&r);   checks that the script was used up
 *
 * Tokens are asked for once for each identity and scope: RIG_TOKEN_STEP answers that.
 */
#ifndef TEST_UNIT_SUPPORT_RP_CLUSTER_CLUSTER_RIG_H
#define TEST_UNIT_SUPPORT_RP_CLUSTER_CLUSTER_RIG_H

#include "rp/cluster/cluster.h"
#include "rp/cluster/installer/installer.h"
#include "test/unit/support/fake_env.h"
#include "test/unit/support/log_capture.h"
#include "test/unit/support/pkg/database/database_rig.h"
#include "test/unit/support/pkg/net/scripted_transport.h"

#define RIG_CLUSTER "a"
#define RIG_TENANT "77777777-7777-7777-7777-777777777777"
#define RIG_GROUP RIG_SUBSCRIPTION "/resourcegroups/aro-a"
#define RIG_ZONE "aro.example.com"
#define RIG_SERVICE "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rp"

struct cluster_rig {
    struct database_rig db;
    struct fake_env env;
    struct rp_env *rp_env;
    struct scripted_transport transport;
    struct log_capture capture;
    struct log log;
    struct opctx ctx; /* with the log */
    json *subscription;
    struct installer installer; /* a test that needs one sets its ops */
    struct cluster_config cfg;
    char *lease;
    void *manager; /* what cluster_manager opened */
    struct cluster *c;
};

/*
 * properties: members of `properties` of the cluster, JSON with single quotes for double ones, beside those that every cluster
 * has (state Creating, domain "a", managed resource group RIG_GROUP, service principal "cluster-app" with secret "s&cret",
 * layout V2). env: "NAME=VALUE" lines over those that every test has; NULL: none.
 */
void cluster_rig_open(struct cluster_rig *r, const char *properties,
                      const struct script_step *script, size_t len);
void cluster_rig_open_env(struct cluster_rig *r, const char *properties, const char *const *env,
                          const struct script_step *script, size_t len);
void cluster_rig_close(struct cluster_rig *r);
#define cleanup_cluster_rig CLEANUP_WITH(cluster_rig_close)

/* As another process would begin: the document as it is stored, nothing else. */
void cluster_rig_reopen(struct cluster_rig *r);
/* Text of the stored document at "properties.<path>"; NULL: none. Owned by the caller. */
char *cluster_rig_give_text(struct cluster_rig *r, const char *path);
void cluster_rig_assert(struct cluster_rig *r, const char *path, const char *want);
/* A sealed member, opened. Owned by the caller. */
char *cluster_rig_give_secret(struct cluster_rig *r, const char *path);
/* Somebody else has the cluster from here on. */
void cluster_rig_lose_lease(struct cluster_rig *r);

#define RIG_TOKEN_STEP \
    { \
        .reply = "{\"token_type\":\"Bearer\",\"expires_in\":3599,\"access_token\":\"t1\"}" \
    }
#define RIG_ARM "https://management.azure.com"

#endif
