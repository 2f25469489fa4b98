#include "hack/devcloud/controllers/behaviours.h"
#include "test/unit/support/hack/devcloud/control_rig.h"

#define NS "/api/v1/namespaces/n"

static void open_rig(struct control_rig *r)
{
    control_rig_open(r);
    control_rig_create(r, "/api/v1/namespaces", "{'metadata':{'name':'n'}}");
    control_rig_create(r, NS "/configmaps", "{'metadata':{'name':'a'}}");
    control_rig_create(r, "/apis/rbac.authorization.k8s.io/v1/namespaces/n/roles",
                       "{'metadata':{'name':'b'},'rules':[]}");
    control_rig_create(r, NS "/services",
                       "{'metadata':{'name':'c'},'spec':{'ports':[{'port':80}]}}");
}

static void lives(void **state)
{
    (void)state;
    struct control_rig r;
    open_rig(&r);

    (void)control_rig_reconcile(&r, &namespace_behaviour, "n");

    control_rig_expect(&r, NS "/configmaps/a", "{'kind':'ConfigMap'}");
    control_rig_close(&r);
}

static void ends(void **state)
{
    (void)state;
    struct control_rig r;
    open_rig(&r);
    control_rig_delete(&r, NS);
    control_rig_expect(&r, NS, "{'status':{'phase':'Terminating'}}");

    assert_int_equal(control_rig_reconcile(&r, &namespace_behaviour, "n"), 0);

    control_rig_expect_absent(&r, NS);
    control_rig_expect_len(&r, "/api/v1/configmaps", 0);
    control_rig_expect_len(&r, "/apis/rbac.authorization.k8s.io/v1/roles", 0);
    control_rig_expect_len(&r, NS "/services", 0); /* a kind without deletecollection */
    (void)control_rig_reconcile(&r, &namespace_behaviour, "n"); /* gone: nothing to do */
    control_rig_close(&r);
}

static void waits(void **state)
{
    (void)state;
    struct control_rig r;
    open_rig(&r);
    control_rig_patch(&r, NS "/configmaps/a", "{'metadata':{'finalizers':['example.test/held']}}");
    control_rig_delete(&r, NS);

    assert_true(control_rig_reconcile(&r, &namespace_behaviour, "n") > 0);
    control_rig_expect(&r, NS, "{'status':{'phase':'Terminating'}}");
    control_rig_patch(&r, NS "/configmaps/a", "{'metadata':{'finalizers':null}}");
    assert_int_equal(control_rig_reconcile(&r, &namespace_behaviour, "n"), 0);

    control_rig_expect_absent(&r, NS);
    control_rig_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a namespace that nobody deleted is left alone", lives),
        CASE("a deleted namespace takes everything with it", ends),
        CASE("what is held holds the namespace", waits),
    };
    return RUN_CASES("namespace", tests);
}
