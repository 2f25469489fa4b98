/* The garbage collector among all the others, as it runs. */
#include "hack/devcloud/controllers/controllers.h"
#include "pkg/base/mem.h"
#include "pkg/base/thread.h"
#include "test/unit/support/hack/devcloud/control_rig.h"

#define MAPS "/api/v1/namespaces/default/configmaps"
struct live {
    struct control_rig rig;
    struct controllers_config cfg;
    pthread_t thread;
    int rcode;
    char *uid; /* of the owner */
};

static void run(void *arg)
{
    struct live *l = arg;
    cleanup_error struct error *err = NULL;
    l->rcode = controllers_run(&l->cfg, l->rig.stop, NULL, &err);
}

static void open_live_for(struct live *l, const char *const *garbage)
{
    control_rig_open_live(&l->rig);
    l->cfg = (struct controllers_config){ .kube = &l->rig.config,
                                          .transport = &l->rig.transport,
                                          .garbage = garbage,
                                          .clock = l->rig.control.clock,
                                          .rng = &l->rig.cluster.rng.base,
                                          .env = &l->rig.env.base,
                                          .log = &l->rig.log };
    assert_int_equal(thread_start(&l->thread, "controllers", run, l, NULL), 0);
    control_rig_create(&l->rig, MAPS, "{'metadata':{'name':'owner'}}");
    cleanup_json json *owner = control_rig_give(&l->rig, MAPS "/owner");
    l->uid = xstrdup(json_path_str(owner, "metadata.uid"));
}

static void open_live(struct live *l)
{
    open_live_for(l, NULL);
}

#define REFERENCE \
    "{'apiVersion':'v1','kind':'ConfigMap','name':'owner','uid':'%s','blockOwnerDeletion':%s}"

static void create_dependent(struct live *l, const char *name, const char *blocks)
{
    cleanup_free char *object = xasprintf(
        "{'metadata':{'name':'%s','ownerReferences':[" REFERENCE "]}}", name, l->uid, blocks);
    control_rig_create(&l->rig, MAPS, object);
}

static void close_live(struct live *l)
{
    stop_request(l->rig.stop);
    pthread_join(l->thread, NULL);
    assert_int_equal(l->rcode, 0);
    control_rig_close(&l->rig);
    free(l->uid);
}

static void background(void **state)
{
    (void)state;
    struct live l;
    open_live(&l);
    create_dependent(&l, "a", "false");
    control_rig_create(&l.rig, MAPS, "{'metadata':{'name':'free'}}");

    control_rig_delete(&l.rig, MAPS "/owner?propagationPolicy=Background");

    control_rig_await(&l.rig, MAPS "/a", NULL);
    control_rig_expect(&l.rig, MAPS "/free", "{'kind':'ConfigMap'}");
    close_live(&l);
}

static void late_dependent(void **state)
{
    (void)state;
    struct live l;
    open_live(&l);
    control_rig_delete(&l.rig, MAPS "/owner");

    create_dependent(&l, "a", "false");

    control_rig_await(&l.rig, MAPS "/a", NULL);
    close_live(&l);
}

static void foreground(void **state)
{
    (void)state;
    struct live l;
    open_live(&l);
    create_dependent(&l, "a", "true");
    control_rig_patch(&l.rig, MAPS "/a", "{'metadata':{'finalizers':['example.test/held']}}");

    control_rig_delete(&l.rig, MAPS "/owner?propagationPolicy=Foreground");
    control_rig_await(&l.rig, MAPS "/a", "{'metadata':{'deletionGracePeriodSeconds':0}}");
    control_rig_expect(&l.rig, MAPS "/owner", "{'metadata':{'finalizers':['foregroundDeletion']}}");

    control_rig_patch(&l.rig, MAPS "/a", "{'metadata':{'finalizers':null}}");
    control_rig_await(&l.rig, MAPS "/owner", NULL);
    close_live(&l);
}

static void orphans(void **state)
{
    (void)state;
    struct live l;
    open_live(&l);
    create_dependent(&l, "a", "false");
    create_dependent(&l, "b", "false");

    control_rig_delete(&l.rig, MAPS "/owner?propagationPolicy=Orphan");

    control_rig_await(&l.rig, MAPS "/owner", NULL);
    control_rig_await(&l.rig, MAPS "/a", "{'metadata':{'ownerReferences':null}}");
    control_rig_await(&l.rig, MAPS "/b", "{'metadata':{'ownerReferences':null}}");
    close_live(&l);
}

static void only_some(void **state)
{
    static const char *const garbage[] = { "configmaps", NULL };
    struct live l;
    (void)state;
    open_live_for(&l, garbage);
    cleanup_free char *secret = xasprintf(
        "{'metadata':{'name':'stays','ownerReferences':[" REFERENCE "]}}", l.uid, "false");
    create_dependent(&l, "goes", "false");
    control_rig_create(&l.rig, "/api/v1/namespaces/default/secrets", secret);

    control_rig_delete(&l.rig, MAPS "/owner?propagationPolicy=Background");

    control_rig_await(&l.rig, MAPS "/goes", NULL);
    control_rig_expect(&l.rig, "/api/v1/namespaces/default/secrets/stays", "{'kind':'Secret'}");
    close_live(&l);
}

static void two_owners(void **state)
{
    (void)state;
    struct live l;
    open_live(&l);
    cleanup_free char *object =
        xasprintf("{'metadata':{'name':'a','ownerReferences':[" REFERENCE
                  ",{'apiVersion':'v1','kind':'ConfigMap','name':'never','uid':'u'}]}}",
                  l.uid, "true");
    cleanup_free char *trimmed =
        xasprintf("{'metadata':{'ownerReferences':[" REFERENCE "]}}", l.uid, "true");

    control_rig_create(&l.rig, MAPS, object);

    control_rig_await(&l.rig, MAPS "/a", trimmed);
    close_live(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("what belongs to a deleted object follows it", background),
        CASE("what is made for an owner that is gone goes, too", late_dependent),
        CASE("an owner deleted in the foreground waits", foreground),
        CASE("orphans stay without their reference", orphans),
        CASE("what is told not to be collected stays", only_some),
        CASE("one living owner is enough", two_owners),
    };
    return RUN_CASES("collector", tests);
}
