#include <string.h>

#include "rp/cluster/failure_log.h"
#include "test/unit/support/rp/cluster/inside_rig.h"
#include "test/unit/support/test.h"

#define OPERATOR(name, conditions) \
    "{'apiVersion':'config.openshift.io/v1','kind':'ClusterOperator','metadata':{'name':'" name \
    "'},'status':{'conditions':[" conditions "]}}"

static bool logged(struct inside_rig *r, const char *text)
{
    return log_capture_has(&r->outer.capture, text);
}

static void what_is_wrong_with_the_cluster_is_logged(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    inside_rig_open(&r, "{}");
    fake_cluster_add(&r.inside,
                     OPERATOR("console", "{'type':'Available','status':'False','reason':'NoPods',"
                                         "'message':'no pod is there'},"
                                         "{'type':'Degraded','status':'False'}"));
    fake_cluster_add(&r.inside, OPERATOR("dns", "{'type':'Available','status':'True'}"));
    fake_cluster_add(&r.inside,
                     "{'apiVersion':'config.openshift.io/v1','kind':'ClusterVersion',"
                     "'metadata':{'name':'version'},'status':{'desired':{'version':'4.14.16'}}}");

    failure_log_write(r.c, r.ctx);

    assert_true(logged(&r, "ClusterOperator console; Available=False NoPods: no pod is there"));
    assert_true(logged(&r, "ClusterOperator dns: as it should be"));
    assert_true(logged(&r, "ClusterVersion version; status.desired.version=4.14.16"));
    assert_false(logged(&r, "Degraded"));
}

static void what_cannot_be_read_is_passed_over(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    inside_rig_open(&r, "{}");
    fake_cluster_fail(&r.inside, "clusteroperators", 403, "Forbidden", 1000);
    fake_cluster_add(&r.inside,
                     "{'apiVersion':'v1','kind':'Node','metadata':{'name':'w1'},'status':"
                     "{'conditions':[{'type':'Ready','status':'Unknown'}]}}");

    failure_log_write(r.c, r.ctx);

    assert_true(logged(&r, "no clusteroperators"));
    assert_true(logged(&r, "Node w1; Ready=Unknown"));
}

static void without_a_client_there_is_nothing_to_tell(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    inside_rig_open(&r, "{}");
    r.c->kube = NULL;

    failure_log_write(r.c, r.ctx);

    assert_false(logged(&r, "after the failure"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("what is wrong with the cluster is logged", what_is_wrong_with_the_cluster_is_logged),
        CASE("what cannot be read is passed over", what_cannot_be_read_is_passed_over),
        CASE("without a client there is nothing to tell",
             without_a_client_there_is_nothing_to_tell),
    };
    return RUN_CASES("failure_log", tests);
}
