#include "hack/devcloud/controllers/behaviours.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/hack/devcloud/control_rig.h"

#define DEPLOYMENTS "/apis/apps/v1/namespaces/default/deployments"
#define SETS "/apis/apps/v1/namespaces/default/replicasets"
#define PODS "/api/v1/namespaces/default/pods"
#define DEPLOYMENT \
    "{'metadata':{'name':'a','annotations':{'note':'n'}},'spec':{'replicas':2,'selector':" \
    "{'matchLabels':{'x':'y'}},'strategy':{'rollingUpdate':{'maxSurge':1,'maxUnavailable':0}}," \
    "'template':{'metadata':{'labels':{'x':'y'}},'spec':{'containers':[{'name':'c','image':" \
    "'i:1'}]}}}}"
#define IMAGE(tag) \
    "{'spec':{'template':{'spec':{'containers':[{'name':'c','image':'i:" tag "'}]}}}}"

static void open_rig(struct control_rig *r)
{
    control_rig_open(r);
    control_rig_add_nodes(r, 2);
    control_rig_create(r, DEPLOYMENTS, DEPLOYMENT);
}

/* Everybody has a turn. */
static void turn(struct control_rig *r)
{
    (void)control_rig_reconcile(r, &deployment_behaviour, "default/a");
    cleanup_json json *sets = control_rig_give(r, SETS);
    for (size_t i = 0; i < json_len(json_get(sets, "items")); i++) {
        cleanup_free char *key = xasprintf(
            "default/%s", json_path_str(json_at(json_get(sets, "items"), i), "metadata.name"));
        (void)control_rig_reconcile(r, &replicaset_behaviour, key);
    }
    (void)control_rig_reconcile(r, &scheduler_behaviour, "all");
    control_rig_run_pods(r);
}

static bool is_rolled_out(struct control_rig *r, const char *image)
{
    cleanup_json json *pods = control_rig_give(r, PODS), *d = control_rig_give(r, DEPLOYMENTS "/a");
    const json *items = json_get(pods, "items");
    for (size_t i = 0; i < json_len(items); i++)
        if (!str_eq(json_path_str(json_at(items, i), "spec.containers[0].image"), image))
            return false;
    return json_path_int(d, "status.updatedReplicas", 0) == 2 &&
           json_path_int(d, "status.availableReplicas", 0) == 2 &&
           json_path_int(d, "status.replicas", 0) == 2;
}

/* As many turns as it takes; a roll out that never ends fails. */
static void roll_out(struct control_rig *r, const char *image)
{
    for (int i = 0; i < 30; i++) {
        turn(r);
        if (is_rolled_out(r, image))
            return;
    }
    fail_msg("%s is not rolled out", image);
}

static void first_roll_out(void **state)
{
    (void)state;
    struct control_rig r;
    open_rig(&r);

    roll_out(&r, "i:1");
    turn(&r);

    control_rig_expect_len(&r, SETS, 1);
    control_rig_expect_len(&r, PODS, 2);
    control_rig_expect(&r, SETS,
                       "{'items':[{'metadata':{'annotations':{'note':'n',"
                       "'deployment.kubernetes.io/revision':'1'},'ownerReferences':[{'kind':"
                       "'Deployment','name':'a'}]},'spec':{'replicas':2}}]}");
    control_rig_expect(&r, DEPLOYMENTS "/a",
                       "{'metadata':{'annotations':{'deployment.kubernetes.io/revision':'1'}},"
                       "'status':{'replicas':2,'readyReplicas':2,'unavailableReplicas':null,"
                       "'conditions':[{'type':'Available','status':'True'},{'type':'Progressing',"
                       "'status':'True','reason':'NewReplicaSetAvailable'}]}}");
    control_rig_close(&r);
}

static void new_image(void **state)
{
    (void)state;
    struct control_rig r;
    open_rig(&r);
    roll_out(&r, "i:1");

    control_rig_patch(&r, DEPLOYMENTS "/a", IMAGE("2"));
    for (int i = 0; i < 30 && !is_rolled_out(&r, "i:2"); i++) {
        turn(&r);
        cleanup_json json *d = control_rig_give(&r, DEPLOYMENTS "/a");
        assert_true(json_path_int(d, "status.availableReplicas", 0) >= 2); /* maxUnavailable */
    }

    assert_true(is_rolled_out(&r, "i:2"));
    control_rig_expect_len(&r, SETS, 2);
    control_rig_close(&r);
}

static void roll_back(void **state)
{
    (void)state;
    struct control_rig r;
    open_rig(&r);
    roll_out(&r, "i:1");
    control_rig_patch(&r, DEPLOYMENTS "/a", IMAGE("2"));
    roll_out(&r, "i:2");

    control_rig_patch(&r, DEPLOYMENTS "/a", IMAGE("1"));
    roll_out(&r, "i:1");

    control_rig_expect_len(&r, SETS, 2);
    control_rig_expect(&r, DEPLOYMENTS "/a",
                       "{'metadata':{'annotations':{'deployment.kubernetes.io/revision':'3'}}}");
    control_rig_close(&r);
}

static void forgets_old_sets(void **state)
{
    (void)state;
    struct control_rig r;
    open_rig(&r);
    control_rig_patch(&r, DEPLOYMENTS "/a", "{'spec':{'revisionHistoryLimit':0}}");
    roll_out(&r, "i:1");
    control_rig_patch(&r, DEPLOYMENTS "/a", IMAGE("2"));
    roll_out(&r, "i:2");

    turn(&r);

    control_rig_expect_len(&r, SETS, 1);
    control_rig_close(&r);
}

static void paused(void **state)
{
    (void)state;
    struct control_rig r;
    open_rig(&r);
    roll_out(&r, "i:1");
    control_rig_patch(&r, DEPLOYMENTS "/a", "{'spec':{'paused':true}}");

    control_rig_patch(&r, DEPLOYMENTS "/a", IMAGE("2"));
    turn(&r);

    control_rig_expect_len(&r, SETS, 1);
    control_rig_patch(&r, DEPLOYMENTS "/a", "{'spec':{'paused':false}}");
    roll_out(&r, "i:2");
    control_rig_close(&r);
}

static void deleted(void **state)
{
    (void)state;
    struct control_rig r;
    open_rig(&r);
    control_rig_delete(&r, DEPLOYMENTS "/a?propagationPolicy=Foreground");

    (void)control_rig_reconcile(&r, &deployment_behaviour, "default/a");
    (void)control_rig_reconcile(&r, &deployment_behaviour, "default/absent");

    control_rig_expect_len(&r, SETS, 0);
    control_rig_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a Deployment gets one ReplicaSet and its pods", first_roll_out),
        CASE("a new image replaces the pods without a gap", new_image),
        CASE("an old template that is wanted again brings its set back", roll_back),
        CASE("sets beyond the history limit are deleted", forgets_old_sets),
        CASE("nothing rolls while it is paused", paused),
        CASE("a Deployment that is being deleted makes nothing", deleted),
    };
    return RUN_CASES("deployment", tests);
}
