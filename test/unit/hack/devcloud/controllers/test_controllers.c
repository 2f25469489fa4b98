/* All behaviours together, against a virtual cluster. */
#include "hack/devcloud/controllers/controllers.h"
#include "pkg/base/mem.h"
#include "pkg/base/thread.h"
#include "test/unit/support/hack/devcloud/control_rig.h"

#define NS "/api/v1/namespaces/n"
#define DEPLOYMENTS "/apis/apps/v1/namespaces/n/deployments"

struct live {
    struct control_rig rig;
    struct controllers_config cfg;
    pthread_t thread;
    int rcode;
    struct error *err;
};

static void run(void *arg)
{
    struct live *l = arg;
    l->rcode = controllers_run(&l->cfg, l->rig.stop, NULL, &l->err);
}

static void open_live(struct live *l)
{
    control_rig_open_live(&l->rig);
    l->err = NULL;
    l->cfg = (struct controllers_config){ .kube = &l->rig.config,
                                          .transport = &l->rig.transport,
                                          .clock = l->rig.control.clock,
                                          .rng = &l->rig.cluster.rng.base,
                                          .env = &l->rig.env.base,
                                          .log = &l->rig.log };
    assert_int_equal(thread_start(&l->thread, "controllers", run, l, NULL), 0);
}

static void close_live(struct live *l)
{
    stop_request(l->rig.stop);
    pthread_join(l->thread, NULL);
    assert_int_equal(l->rcode, 0);
    control_rig_close(&l->rig);
}

static void life_of_a_namespace(void **state)
{
    (void)state;
    struct live l;
    open_live(&l);
    control_rig_create(&l.rig, "/api/v1/namespaces", "{'metadata':{'name':'n'}}");
    control_rig_await(&l.rig, NS "/serviceaccounts/default", "{'kind':'ServiceAccount'}");
    control_rig_create(
        &l.rig, DEPLOYMENTS,
        "{'metadata':{'name':'a'},'spec':{'replicas':2,'selector':{'matchLabels':"
        "{'x':'y'}},'template':{'metadata':{'labels':{'x':'y'}},'spec':{'containers':"
        "[{'name':'c','image':'i'}]}}}}");
    control_rig_await(&l.rig, DEPLOYMENTS "/a", "{'status':{'replicas':2,'updatedReplicas':2}}");

    control_rig_delete(&l.rig, NS);

    control_rig_await(&l.rig, NS, NULL);
    control_rig_expect_len(&l.rig, "/apis/apps/v1/replicasets", 0);
    control_rig_expect_len(&l.rig, "/api/v1/pods", 0);
    close_live(&l);
}

static void new_kind(void **state)
{
    (void)state;
    struct live l;
    open_live(&l);
    control_rig_create(
        &l.rig, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
        "{'metadata':{'name':'things.example.test'},'spec':{'group':'example.test','scope':"
        "'Cluster','names':{'plural':'things','singular':'thing','kind':'Thing','listKind':"
        "'ThingList'},'versions':[{'name':'v1','served':true,'storage':true,'schema':"
        "{'openAPIV3Schema':{'type':'object'}}}]}}");
    control_rig_create(&l.rig, "/apis/example.test/v1/things",
                       "{'apiVersion':'example.test/v1','kind':'Thing','metadata':{'name':'a',"
                       "'ownerReferences':[{'apiVersion':'v1','kind':'Node','name':'gone','uid':"
                       "'u'}]}}");

    control_rig_await(&l.rig, "/apis/example.test/v1/things/a", NULL);
    close_live(&l);
}

static void no_server(void **state)
{
    (void)state;
    struct live l;
    control_rig_open_live(&l.rig);
    l.cfg = (struct controllers_config){ .kube = &l.rig.config,
                                         .transport = &l.rig.transport,
                                         .clock = l.rig.control.clock,
                                         .rng = &l.rig.cluster.rng.base,
                                         .env = &l.rig.env.base,
                                         .log = &l.rig.log };
    stop_request(l.rig.stop);
    cleanup_error struct error *err = NULL;

    assert_int_equal(controllers_run(&l.cfg, l.rig.stop, NULL, &err), -1);

    assert_true(error_is(err, ERR_CANCELLED));
    control_rig_close(&l.rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a namespace lives and ends with all that is in it", life_of_a_namespace),
        CASE("objects of a kind that is defined later are collected, too", new_kind),
        CASE("a server that does not answer is an error", no_server),
    };
    return RUN_CASES("controllers", tests);
}
