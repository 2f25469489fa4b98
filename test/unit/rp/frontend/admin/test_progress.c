#include "pkg/database/openshiftclusters.h"
#include "test/unit/support/rp/frontend/admin/admin_rig.h"
#include "test/unit/support/test.h"

#define TARGET ADMIN_CLUSTER "/progress"

static int put_progress(json *tree, void *arg, struct error **err)
{
    (void)arg;
    (void)err;
    json_put(tree, "progress",
             json_make("{'operation':'install','operationId':'x','step':'deployResources',"
                       "'startedAt':'2020-01-01T00:00:00Z','log':[{'step':'ensureInfraID',"
                       "'tookMs':12}]}"));
    return 0;
}

static void shows_the_step_at_work(void **state)
{
    (void)state;
    struct clusters c;
    admin_rig_init(&c);
    clusters_create(&c);
    assert_int_equal(
        openshiftclusters_patch(&c.ctx, c.db, CLUSTER_KEY, put_progress, NULL, NULL, NULL), 0);

    cleanup_json json *got = admin_rig_ask(&c, "GET", TARGET, NULL, 200);

    admin_rig_is(got, "{'operation':'install','step':'deployResources',"
                      "'startedAt':'2020-01-01T00:00:00Z','log':[{'step':'ensureInfraID',"
                      "'tookMs':12}],'provisioningState':'Creating'}");
    clusters_release(&c);
}

static void of_a_cluster_that_waits_is_empty(void **state)
{
    (void)state;
    struct clusters c;
    admin_rig_init(&c);
    clusters_create(&c);

    cleanup_json json *got = admin_rig_ask(&c, "GET", TARGET, NULL, 200);

    admin_rig_is(got, "{'log':[],'provisioningState':'Creating'}");
    clusters_release(&c);
}

static void needs_a_cluster(void **state)
{
    (void)state;
    struct clusters c;
    admin_rig_init(&c);
    admin_rig_refused(&c, "GET", TARGET, NULL,
                      "404 ResourceNotFound: The Resource 'openshiftclusters/cluster1' under "
                      "resource group 'group' was not found.");
    clusters_release(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("shows the step at work and those that ended", shows_the_step_at_work),
        CASE("of a cluster that waits for a backend is empty", of_a_cluster_that_waits_is_empty),
        CASE("needs a cluster", needs_a_cluster),
    };
    return RUN_CASES("progress of a cluster", tests);
}
