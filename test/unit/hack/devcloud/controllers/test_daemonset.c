#include "hack/devcloud/controllers/behaviours.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/hack/devcloud/control_rig.h"

#define SETS "/apis/apps/v1/namespaces/default/daemonsets"
#define PODS "/api/v1/namespaces/default/pods"
#define SET(more) \
    "{'metadata':{'name':'a'},'spec':{'selector':{'matchLabels':{'x':'y'}},'template':{'metadata'" \
    ":" \
    "{'labels':{'x':'y'}},'spec':{'containers':[{'name':'c','image':'i:1'}]" more "}}}}"
#define IMAGE(tag) \
    "{'spec':{'template':{'spec':{'containers':[{'name':'c','image':'i:" tag "'}]}}}}"

static void turn(struct control_rig *r, const char *key)
{
    (void)control_rig_reconcile(r, &daemonset_behaviour, key);
    (void)control_rig_reconcile(r, &scheduler_behaviour, "all");
    control_rig_run_pods(r);
}

static void open_rig(struct control_rig *r, const char *set)
{
    control_rig_open(r);
    control_rig_add_nodes(r, 4);
    control_rig_create(r, SETS, set);
    turn(r, "default/a");
    turn(r, "default/a");
}

static void one_a_node(void **state)
{
    (void)state;
    struct control_rig r;
    open_rig(&r, SET(""));

    control_rig_expect_len(&r, PODS, 4);
    for (size_t i = 0; i < 4; i++) {
        cleanup_free char *path =
            xasprintf("/api/v1/pods?fieldSelector=spec.nodeName%%3Dnode-%zu", i);
        control_rig_expect_len(&r, path, 1);
    }
    control_rig_expect(&r, SETS "/a",
                       "{'status':{'desiredNumberScheduled':4,'currentNumberScheduled':4,"
                       "'numberReady':4,'numberAvailable':4,'updatedNumberScheduled':4,"
                       "'numberMisscheduled':0,'observedGeneration':1}}");
    control_rig_close(&r);
}

static void node_selector(void **state)
{
    (void)state;
    struct control_rig r;
    open_rig(&r, SET(",'nodeSelector':{'role':'odd'}"));
    control_rig_expect_len(&r, PODS, 2);

    control_rig_patch(&r, "/api/v1/nodes/node-1", "{'metadata':{'labels':{'role':'even'}}}");
    control_rig_patch(&r, "/api/v1/nodes/node-2", "{'metadata':{'labels':{'role':'odd'}}}");
    turn(&r, "all");
    turn(&r, "all");

    control_rig_expect_len(&r, "/api/v1/pods?fieldSelector=spec.nodeName%3Dnode-1", 0);
    control_rig_expect_len(&r, "/api/v1/pods?fieldSelector=spec.nodeName%3Dnode-2", 1);
    control_rig_close(&r);
}

static void node_goes(void **state)
{
    (void)state;
    struct control_rig r;
    open_rig(&r, SET(""));

    control_rig_delete(&r, "/api/v1/nodes/node-3");
    turn(&r, "all");

    control_rig_expect_len(&r, PODS, 3);
    control_rig_close(&r);
}

static void deleted_pod(void **state)
{
    (void)state;
    struct control_rig r;
    open_rig(&r, SET(""));
    cleanup_json json *pods = control_rig_give(&r, PODS);
    cleanup_free char *path =
        xasprintf(PODS "/%s?gracePeriodSeconds=0", json_path_str(pods, "items[0].metadata.name"));
    control_rig_delete(&r, path);

    turn(&r, "default/a");

    control_rig_expect_len(&r, PODS, 4);
    control_rig_close(&r);
}

static size_t count_image(struct control_rig *r, const char *image)
{
    cleanup_json json *pods = control_rig_give(r, PODS);
    size_t n = 0;
    for (size_t i = 0; i < json_len(json_get(pods, "items")); i++)
        n += str_eq(json_path_str(json_at(json_get(pods, "items"), i), "spec.containers[0].image"),
                    image);
    return n;
}

static void new_image(void **state)
{
    (void)state;
    struct control_rig r;
    open_rig(&r, SET(""));
    control_rig_patch(&r, SETS "/a", IMAGE("2"));

    for (int i = 0; i < 30 && count_image(&r, "i:2") < 4; i++) {
        (void)control_rig_reconcile(&r, &daemonset_behaviour, "default/a");
        cleanup_json json *set = control_rig_give(&r, SETS "/a");
        assert_true(json_path_int(set, "status.numberAvailable", 0) >= 3); /* maxUnavailable 1 */
        turn(&r, "default/a");
    }

    assert_int_equal(count_image(&r, "i:2"), 4);
    control_rig_close(&r);
}

static void on_delete(void **state)
{
    (void)state;
    struct control_rig r;
    open_rig(&r, SET(""));
    control_rig_patch(&r, SETS "/a",
                      "{'spec':{'updateStrategy':{'type':'OnDelete','rollingUpdate':null}}}");
    control_rig_patch(&r, SETS "/a", IMAGE("2"));

    turn(&r, "default/a");
    turn(&r, "default/a");

    assert_int_equal(count_image(&r, "i:1"), 4);
    control_rig_expect(&r, SETS "/a", "{'status':{'updatedNumberScheduled':null}}");
    control_rig_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("every node gets one pod", one_a_node),
        CASE("pods follow the labels of nodes", node_selector),
        CASE("the pod of a node that is no more goes", node_goes),
        CASE("a deleted pod is replaced", deleted_pod),
        CASE("a new image replaces one pod after the other", new_image),
        CASE("with OnDelete nothing is replaced", on_delete),
    };
    return RUN_CASES("daemonset", tests);
}
