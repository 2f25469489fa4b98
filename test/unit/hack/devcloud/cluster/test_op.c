#include "hack/devcloud/cluster/cluster_impl.h"
#include "test/unit/support/hack/devcloud/cluster_rig.h"

#define MAPS "/api/v1/namespaces/default/configmaps"

struct op_case {
    const char *name, *line, *agent;
    const char *manager, *api_version, *nspace;
    bool dry_run;
};

static struct op_case ops[] = {
    { "the manager is the program of the user agent", "GET " MAPS "/a", "kubectl/v1.20 (linux)",
      "kubectl", "v1", "default", false },
    { "unless it is told", "PUT " MAPS "/a?fieldManager=mine", "kubectl/v1.20", "mine", "v1",
      "default", false },
    { "an empty one is not told", "PUT " MAPS "/a?fieldManager=", "kubectl/v1.20", "kubectl", "v1",
      "default", false },
    { "nobody's agent is unknown", "PUT " MAPS "/a", NULL, "unknown", "v1", "default", false },
    { "a dry run is one when it is whole", "PUT " MAPS "/a?dryRun=All", "x", "x", "v1", "default",
      true },
    { "any other word is none", "PUT " MAPS "/a?dryRun=all", "x", "x", "v1", "default", false },
    { "groups have versions of their own", "GET /apis/apps/v1/namespaces/n/deployments/d", "x", "x",
      "apps/v1", "n", false },
    { "a namespace lies in none", "GET /api/v1/namespaces/n", "x", "x", "v1", "", false },
};

static void check_op(void **state)
{
    const struct op_case *c = *state;
    cleanup_cluster_rig struct cluster_rig rig;
    cluster_rig_open(&rig);
    cleanup_rig_op struct rig_op o;
    rig_op_init(&o, &rig, c->line, NULL);
    o.rq.user_agent = c->agent;
    op_release(&o.op);
    const struct resource *kind = o.op.r;

    op_init(&o.op, rig.c, &o.rq, o.kinds, kind, &o.reply);

    assert_string_equal(o.op.manager, c->manager);
    assert_string_equal(o.op.api_version, c->api_version);
    assert_string_equal(op_nspace(&o.op), c->nspace);
    assert_int_equal(o.op.dry_run, c->dry_run);
}

static void names_objects(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig rig;
    cluster_rig_open(&rig);
    cleanup_rig_op struct rig_op o;
    rig_op_init(&o, &rig, "GET /apis/apps/v1/namespaces/n/deployments/d", NULL);

    struct fail_object own = op_object(&o.op, NULL), other = op_object(&o.op, "e");

    assert_string_equal(own.name, "d");
    assert_string_equal(own.group, "apps");
    assert_string_equal(own.resource, "deployments");
    assert_string_equal(own.kind, "Deployment");
    assert_string_equal(other.name, "e");
}

static void knows_versions_and_time(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig rig;
    cluster_rig_open(&rig);
    char now[TIME_TEXT_MAX];

    cluster_now(rig.c, now);

    assert_string_equal(now, "2024-02-03T04:05:06Z");
    assert_true(cluster_has(rig.c, 20));
    assert_false(cluster_has(rig.c, 21));
}

static void replies_begin_empty(void **state)
{
    (void)state;
    cleanup_api_reply struct api_reply reply;

    api_reply_init(&reply);

    assert_int_equal(reply.status, 200);
    assert_int_equal(reply.body.len, 0);
    assert_null(reply.content_type);
    assert_null(reply.watch);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(ops) + 3] = {
        CASE("refusals name the object of the request or another", names_objects),
        CASE("a cluster knows its version and the time", knows_versions_and_time),
        CASE("a reply begins empty and well", replies_begin_empty),
    };
    for (size_t i = 0; i < ARRAY_LEN(ops); i++)
        tests[i + 3] = (struct CMUnitTest)CASE_OF(ops[i].name, check_op, &ops[i]);
    return RUN_CASES("op", tests);
}
