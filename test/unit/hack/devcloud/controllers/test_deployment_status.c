#include <string.h>

#include "hack/devcloud/controllers/deployment_status.h"
#include "hack/devcloud/controllers/owned.h"
#include "test/unit/support/hack/devcloud/trees.h"
#include "test/unit/support/test.h"

#define NOW_NS (INT64_C(1000) * NS_PER_S)
#define SETS(exist, available) \
    "[{'metadata':{'name':'a-1','uid':'u'},'spec':{'replicas':2},'status':{'replicas':" exist \
    ",'readyReplicas':" available ",'availableReplicas':" available "}}]"

static json *give(const char *deployment, const char *sets, struct result *result)
{
    cleanup_json json *d = loose_tree(deployment), *list = loose_tree(sets);
    return deployment_give_status(d, list, "u", NOW_NS, result);
}

static const char *reason(const json *status, const char *type)
{
    cleanup_json json *object = json_make("{'status':%j}", json_give_copy(status));
    const char *text = json_path_str(owned_condition(object, type), "reason");
    for (size_t i = 0; i < json_len(json_path(status, "conditions")); i++) {
        const json *c = json_at(json_path(status, "conditions"), i);
        if (text && json_path_str(c, "type") && !strcmp(json_path_str(c, "type"), type))
            return json_path_str(c, "reason");
    }
    return NULL;
}

static void complete(void **state)
{
    (void)state;
    struct result result = { 0 };
    cleanup_json json *s =
        give("{'metadata':{'generation':3},'spec':{'replicas':2}}", SETS("2", "2"), &result);

    assert_int_equal(json_path_int(s, "observedGeneration", 0), 3);
    assert_int_equal(json_path_int(s, "updatedReplicas", 0), 2);
    assert_int_equal(json_path_int(s, "unavailableReplicas", -1), 0);
    assert_string_equal(reason(s, "Available"), "MinimumReplicasAvailable");
    assert_string_equal(reason(s, "Progressing"), "NewReplicaSetAvailable");
    assert_int_equal(result.requeue_after_ms, 0);
}

static void unavailable(void **state)
{
    (void)state;
    struct result result = { 0 };
    cleanup_json json *s = give("{'spec':{'replicas':2}}", SETS("2", "0"), &result);

    assert_int_equal(json_path_int(s, "unavailableReplicas", 0), 2);
    assert_string_equal(reason(s, "Available"), "MinimumReplicasUnavailable");
    assert_string_equal(reason(s, "Progressing"), "ReplicaSetUpdated");
}

#define STUCK(updated) \
    "{'metadata':{'generation':1},'spec':{'replicas':2,'progressDeadlineSeconds':60},'status':" \
    "{'observedGeneration':1,'replicas':2,'updatedReplicas':2,'conditions':[{'type':'Progressing'" \
    "," \
    "'status':'True','reason':'ReplicaSetUpdated','lastUpdateTime':'" updated "'}]}}"

static void before_the_deadline(void **state)
{
    (void)state;
    struct result result = { 0 };
    cleanup_json json *s = give(STUCK("1970-01-01T00:16:10Z"), SETS("2", "0"), &result);

    assert_string_equal(reason(s, "Progressing"), "ReplicaSetUpdated");
    assert_int_equal(result.requeue_after_ms, 30001); /* begun at 970, 60 s long, now 1000 */
}

static void after_the_deadline(void **state)
{
    (void)state;
    struct result result = { 0 };
    cleanup_json json *s = give(STUCK("1970-01-01T00:15:00Z"), SETS("2", "0"), &result);

    assert_string_equal(reason(s, "Progressing"), "ProgressDeadlineExceeded");
    assert_int_equal(result.requeue_after_ms, 0);
}

static void nothing_new(void **state)
{
    (void)state;
    struct result result = { 0 };
    cleanup_json json *d = loose_tree("{'spec':{'replicas':2}}"),
                      *sets = loose_tree(SETS("2", "2"));
    cleanup_json json *first = deployment_give_status(d, sets, "u", NOW_NS, &result);
    json_put(d, "status", json_give_copy(first));

    cleanup_json json *second =
        deployment_give_status(d, sets, "u", NOW_NS + 5 * NS_PER_S, &result);

    assert_true(json_equal(first, second));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a Deployment whose pods all serve is complete", complete),
        CASE("pods that do not serve are told of", unavailable),
        CASE("the progress deadline is looked at when it comes", before_the_deadline),
        CASE("a Deployment that does not move is told of", after_the_deadline),
        CASE("time alone changes nothing", nothing_new),
    };
    return RUN_CASES("deployment_status", tests);
}
