#include "test/unit/support/rp/backend/child_rig.h"

#include <stdlib.h>

#include "pkg/base/mem.h"
#include "pkg/database/openshiftclusters.h"
#include "pkg/database/subscriptions.h"
#include "test/unit/support/pkg/kube/temp_dir.h"
#include "test/unit/support/test.h"

void child_rig_open(struct child_rig *r)
{
    struct store *store = NULL;
    *r = (struct child_rig){ .dir = temp_dir_give() };
    r->ctx = opctx_root(clock_system(), rng_system(), NULL, NULL);
    r->dsn = xasprintf("sqlite:%s/db", r->dir);
    assert_int_equal(store_open_sqlite(&r->ctx, r->dsn, &store, NULL), 0);
    r->db = database_new(store, NULL);
    assert_int_equal(subscriptions_create(&r->ctx, r->db,
                                          backend_rig_tree("{'id':'" RIG_SUBSCRIPTION "'}"), NULL,
                                          NULL),
                     0);
    assert_int_equal(
        openshiftclusters_create(
            &r->ctx, r->db,
            backend_rig_tree("{'key':'" RIG_KEY(
                "a") "','clusterResourceGroupIdKey':'rg','clientIdKey':'c',"
                     "'openShiftCluster':{'properties':{'provisioningState':'Updating'}}}"),
            NULL, NULL),
        0);
    assert_int_equal(openshiftclusters_dequeue(&r->ctx, r->db, &r->token, &r->cluster, NULL), 0);
}

void child_rig_close(struct child_rig *r)
{
    document_release(&r->cluster);
    database_close(r->db);
    temp_dir_free(r->dir);
    free(r->dsn);
    free(r->token);
}
