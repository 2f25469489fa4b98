#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/joint/syncsets/apply_rig.h"

#define MAPS "/api/v1/namespaces/NS/configmaps"
#define FIXED "/api/v1/namespaces/NS/configmaps/a"
#define ONE(meta, data) \
    "{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'a','namespace':'NS'" meta \
    "},'immutable':true,'data':{'k':'" data "'}}"
#define MAP(meta, data) "'resources':[" ONE(meta, data) "]"

/* The uid of what was made with the first value. */
static json *make_immutable(struct apply_rig *r, const char *spec)
{
    rig_must_apply(r, spec);
    return rig_get(r, FIXED);
}

static void what_cannot_change_is_made_anew(void **state)
{
    struct apply_rig *r = *state;
    cleanup_json json *before = make_immutable(r, MAP("", "1"));

    rig_must_apply(r, MAP("", "2"));

    cleanup_json json *after = rig_get(r, FIXED);
    assert_string_equal(json_path_str(after, "data.k"), "2");
    assert_string_not_equal(json_path_str(after, "metadata.uid"),
                            json_path_str(before, "metadata.uid"));
}

static void what_is_marked_is_not(void **state)
{
    struct apply_rig *r = *state;
#define MARKED ",'annotations':{'syncsets.aro.openshift.io/never-replace':'true'}"
    cleanup_json json *before = make_immutable(r, MAP(MARKED, "1"));

    rig_must_fail(r, MAP(MARKED, "2"), "it is never deleted to be created anew: ");

    rig_check(r, FIXED, "metadata.uid", json_path_str(before, "metadata.uid"));
}

static void create_or_update_does_not_replace(void **state)
{
    struct apply_rig *r = *state;
    cleanup_json json *before = make_immutable(r, MAP("", "1"));

    assert_false(rig_apply(r, "'applyBehavior':'CreateOrUpdate'," MAP("", "2")));

    rig_check(r, FIXED, "metadata.uid", json_path_str(before, "metadata.uid"));
}

static void lasting_conflicts_replace(void **state)
{
    struct apply_rig *r = *state;
#define PLAIN(data) \
    "'resources':[{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'a','namespace':'NS'}," \
    "'data':{'k':'" data "'}}]"
    rig_must_apply(r, PLAIN("1"));
    rig_fail_requests(r, "PATCH", "/configmaps/a", 409, 6);

    rig_must_apply(r, PLAIN("2"));

    rig_check(r, FIXED, "data.k", "2");
    assert_int_equal(rig_count(r).patches, 6);
    assert_int_equal(rig_count(r).deletes, 1);
}

static void a_namespace_is_never_replaced(void **state)
{
    struct apply_rig *r = *state;
#define SPACE(value) \
    "'resources':[{'apiVersion':'v1','kind':'Namespace','metadata':{'name':'NS-kept','labels':{'" \
    "l':'" value "'}}}]"
    rig_must_apply(r, SPACE("1"));
    rig_fail_requests(r, "PATCH", "-kept", 422, 1);

    rig_must_fail(r, SPACE("2"), "never deleted");

    assert_int_equal(rig_count(r).deletes, 0);
}

/* The stop comes while the first is gone, and is heeded before the second. */
static void a_stop_leaves_nothing_half_replaced(void **state)
{
#define SECOND ",{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'b','namespace':'NS'}}]"
    struct apply_rig *r = *state;
    cleanup_json json *before = make_immutable(r, MAP("", "1"));
    r->begins_left = 1;

    assert_false(rig_apply(r, "'resources':[" ONE("", "2") SECOND));

    assert_true(error_is(r->ended, ERR_CANCELLED));
    cleanup_json json *after = rig_get(r, FIXED);
    assert_string_equal(json_path_str(after, "data.k"), "2");
    assert_string_not_equal(json_path_str(after, "metadata.uid"),
                            json_path_str(before, "metadata.uid"));
    assert_null(rig_get(r, MAPS "/b"));
}

/* Runs with the system's, but that pauses end at once, their time having passed. Longer waits are for replies, and real. */
#define PAUSE_MAX_NS (10 * NS_PER_S)
struct leaping_clock {
    struct clock base;
    _Atomic int64_t leapt_ns;
};

static int64_t leaping_mono(const struct clock *c)
{
    return clock_mono_ns(clock_system()) +
           ((const struct leaping_clock *)(const void *)c)->leapt_ns;
}

static int64_t leaping_wall(const struct clock *c)
{
    (void)c;
    return clock_wall_ns(clock_system());
}

static bool leaping_wait(const struct clock *c, pthread_cond_t *cv, pthread_mutex_t *mu,
                         int64_t deadline_ns)
{
    struct leaping_clock *l = (struct leaping_clock *)(uintptr_t)c;
    if (deadline_ns == CLOCK_NEVER)
        return clock_wait(clock_system(), cv, mu, CLOCK_NEVER);
    int64_t left_ns = deadline_ns - leaping_mono(c);
    if (left_ns > PAUSE_MAX_NS)
        return clock_wait(clock_system(), cv, mu, deadline_ns - l->leapt_ns);
    if (left_ns > 0)
        l->leapt_ns += left_ns;
    return false;
}

static void one_that_does_not_go_is_no_cluster_that_does_not_answer(void **state)
{
    struct apply_rig *r = *state;
    struct leaping_clock clock = { .base = { leaping_mono, leaping_wall, leaping_wait } };
    const struct clock *const real = r->ctx.clock;
    rig_must_apply(r, MAP(",'finalizers':['test/holds']", "1"));

    r->ctx.clock = &clock.base;
    bool fine = rig_apply(r, MAP("", "2"));
    r->ctx.clock = real;

    assert_false(fine);
    assert_null(r->ended);
    if (!strstr(r->last.message, "(finalizers: test/holds)"))
        fail_msg("%s", r->last.message);
    assert_false(r->last.unreachable);
    rig_merge(r, FIXED, "{'metadata':{'finalizers':null}}");
    assert_null(rig_get(r, FIXED));
}

#define OBJECT(version, kind, name, rest) \
    "{'apiVersion':'" version "','kind':'" kind "','metadata':{'name':'" name "'" rest "}"
#define IN_NS(version, kind, rest) OBJECT(version, kind, "o", ",'namespace':'NS'}," rest)
#define GLOBAL(version, kind, rest) OBJECT(version, kind, "NS-o", "}," rest)
#define LABELLED(value) \
    "'selector':{'matchLabels':{'a':'" value "'}},'template':{'metadata':{'labels':{'a':'" value \
    "'}},'spec':{'containers':[{'name':'c','image':'i:1'}]}}"
#define JOB(image) \
    "'spec':{'template':{'spec':{'restartPolicy':'Never','containers':[{'name':'c','image':" \
    "'" image "'}]}}}"
#define BINDING(role) \
    "'roleRef':{'apiGroup':'rbac.authorization.k8s.io','kind':'Role','name':'" role \
    "'},'subjects':[{'kind':'User','name':'u','apiGroup':'rbac.authorization.k8s.io'}]"

static void what_may_not_change_is_made_anew(void **state)
{
    static const struct {
        const char *before, *after, *path, *at, *want;
    } fixed[] = {
        { IN_NS("v1", "Service", "'spec':{'ports':[{'port':80}]}"),
          IN_NS("v1", "Service", "'spec':{'clusterIP':'None','ports':[{'port':80}]}"),
          "/api/v1/namespaces/NS/services/o", "spec.clusterIP", "None" },
        { IN_NS("v1", "Secret", "'type':'example.com/a','data':{'k':'eA=='}"),
          IN_NS("v1", "Secret", "'type':'example.com/b','data':{'k':'eA=='}"),
          "/api/v1/namespaces/NS/secrets/o", "type", "example.com/b" },
        { IN_NS("apps/v1", "Deployment", "'spec':{" LABELLED("x") "}"),
          IN_NS("apps/v1", "Deployment", "'spec':{" LABELLED("y") "}"),
          "/apis/apps/v1/namespaces/NS/deployments/o", "spec.selector.matchLabels.a", "y" },
        { IN_NS("apps/v1", "StatefulSet", "'spec':{'serviceName':'a'," LABELLED("x") "}"),
          IN_NS("apps/v1", "StatefulSet", "'spec':{'serviceName':'b'," LABELLED("x") "}"),
          "/apis/apps/v1/namespaces/NS/statefulsets/o", "spec.serviceName", "b" },
        { IN_NS("batch/v1", "Job", JOB("i:1")), IN_NS("batch/v1", "Job", JOB("i:2")),
          "/apis/batch/v1/namespaces/NS/jobs/o", "spec.template.spec.containers[0].image", "i:2" },
        { IN_NS("rbac.authorization.k8s.io/v1", "RoleBinding", BINDING("a")),
          IN_NS("rbac.authorization.k8s.io/v1", "RoleBinding", BINDING("b")),
          "/apis/rbac.authorization.k8s.io/v1/namespaces/NS/rolebindings/o", "roleRef.name", "b" },
        { GLOBAL("storage.k8s.io/v1", "StorageClass", "'provisioner':'a.test'"),
          GLOBAL("storage.k8s.io/v1", "StorageClass", "'provisioner':'b.test'"),
          "/apis/storage.k8s.io/v1/storageclasses/NS-o", "provisioner", "b.test" },
        { GLOBAL("scheduling.k8s.io/v1", "PriorityClass", "'value':1"),
          GLOBAL("scheduling.k8s.io/v1", "PriorityClass", "'value':2"),
          "/apis/scheduling.k8s.io/v1/priorityclasses/NS-o", "value", "2" },
    };
    struct apply_rig *r = *state;
    for (size_t i = 0; i < ARRAY_LEN(fixed); i++) {
        cleanup_free char *before = xasprintf("'resources':[%s]", fixed[i].before),
                          *after = xasprintf("'resources':[%s]", fixed[i].after);
        rig_must_apply(r, before);
        rig_must_apply(r, after);
        rig_check(r, fixed[i].path, fixed[i].at, fixed[i].want);
    }
}

static void what_cannot_be_created_stays(void **state)
{
    struct apply_rig *r = *state;
    cleanup_json json *before = make_immutable(r, MAP("", "1"));

    /* Bad keys are refused on creation, too. */
    rig_must_fail(r,
                  "'resources':[{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'a',"
                  "'namespace':'NS'},'immutable':true,'data':{'not a key':'2'}}]",
                  "and stays: it would not be created anew");

    rig_check(r, FIXED, "metadata.uid", json_path_str(before, "metadata.uid"));
    assert_int_equal(rig_count(r).deletes, 0);
}

/* A plain mistake is no change that needs a new object, however often it is tried. */
static void a_mistake_deletes_nothing(void **state)
{
#define SIZED(replicas) \
    "'resources':[" IN_NS("apps/v1", "Deployment", \
                          "'spec':{'replicas':" replicas "," LABELLED("x") "}") "]"
    struct apply_rig *r = *state;
    rig_must_apply(r, SIZED("1"));
    cleanup_json json *before = rig_get(r, "/apis/apps/v1/namespaces/NS/deployments/o");

    for (int i = 0; i < 3; i++)
        rig_must_fail(r, SIZED("-1"), "spec.replicas");

    rig_check(r, "/apis/apps/v1/namespaces/NS/deployments/o", "metadata.uid",
              json_path_str(before, "metadata.uid"));
}

/* What holds the port is the very one that is to go. */
static void its_own_port_is_in_nobody_s_way(void **state)
{
#define AT_PORT(rest) \
    "'resources':[" IN_NS("v1", "Service", \
                          "'spec':{'type':'NodePort','ports':[{'port':80,'nodePort':31234}]" rest \
                          "}") "]"
    struct apply_rig *r = *state;
    rig_must_apply(r, AT_PORT(""));
    cleanup_json json *before = rig_get(r, "/api/v1/namespaces/NS/services/o");
    rig_fail_requests(r, "PATCH", "/services/o", 422, 1);

    rig_must_apply(r, AT_PORT(",'sessionAffinity':'ClientIP'"));

    cleanup_json json *after = rig_get(r, "/api/v1/namespaces/NS/services/o");
    assert_string_equal(json_path_str(after, "spec.sessionAffinity"), "ClientIP");
    assert_string_not_equal(json_path_str(after, "metadata.uid"),
                            json_path_str(before, "metadata.uid"));
}

static void what_is_refused_after_all_is_put_back(void **state)
{
    struct apply_rig *r = *state;
    cleanup_json json *before = make_immutable(r, MAP("", "1"));
    rig_fail_requests(r, "POST", "/configmaps", 409, 2); /* the question, and the creation */

    rig_must_fail(r, MAP("", "2"), "it was put back as it was");

    cleanup_json json *after = rig_get(r, FIXED);
    assert_true(json_equal(json_get(after, "data"), json_get(before, "data")));
    assert_true(
        json_equal(json_path(after, "metadata.labels"), json_path(before, "metadata.labels")));
}

int main(void)
{
#define FRESH(sentence, fn) \
    { \
        .name = (sentence), .test_func = (fn), .setup_func = apply_rig_fresh \
    }
    const struct CMUnitTest tests[] = {
        FRESH("what cannot change is made anew", what_cannot_change_is_made_anew),
        FRESH("what is marked is not", what_is_marked_is_not),
        FRESH("CreateOrUpdate does not replace", create_or_update_does_not_replace),
        FRESH("lasting conflicts replace", lasting_conflicts_replace),
        FRESH("a namespace is never replaced", a_namespace_is_never_replaced),
        FRESH("a stop leaves nothing half replaced", a_stop_leaves_nothing_half_replaced),
        FRESH("one that does not go is no cluster that does not answer",
              one_that_does_not_go_is_no_cluster_that_does_not_answer),
        FRESH("what may not change is made anew", what_may_not_change_is_made_anew),
        FRESH("what cannot be created stays", what_cannot_be_created_stays),
        FRESH("a mistake deletes nothing", a_mistake_deletes_nothing),
        FRESH("its own port is in nobody's way", its_own_port_is_in_nobody_s_way),
        FRESH("what is refused after all is put back", what_is_refused_after_all_is_put_back),
    };
    return cmocka_run_group_tests(tests, apply_rig_setup, apply_rig_teardown);
}
