#include "hack/devcloud/controllers/behaviours.h"
#include "test/unit/support/hack/devcloud/control_rig.h"

#define NS "/api/v1/namespaces/n"
#define ROOT_CA NS "/configmaps/kube-root-ca.crt"

static void open_rig(struct control_rig *r)
{
    control_rig_open(r);
    control_rig_create(r, "/api/v1/namespaces", "{'metadata':{'name':'n'}}");
}

static void furnished(void **state)
{
    (void)state;
    struct control_rig r;
    open_rig(&r);

    (void)control_rig_reconcile(&r, &accounts_behaviour, "n");
    (void)control_rig_reconcile(&r, &accounts_behaviour, "n");

    control_rig_expect(&r, NS "/serviceaccounts/default", "{'kind':'ServiceAccount'}");
    control_rig_expect(&r, ROOT_CA, "{'data':{'ca.crt':'the root certificate\\n'}}");
    control_rig_close(&r);
}

static void restored(void **state)
{
    (void)state;
    struct control_rig r;
    open_rig(&r);
    (void)control_rig_reconcile(&r, &accounts_behaviour, "n");
    control_rig_delete(&r, NS "/serviceaccounts/default");
    control_rig_patch(&r, ROOT_CA, "{'data':{'ca.crt':'forged','more':'x'}}");

    (void)control_rig_reconcile(&r, &accounts_behaviour, "n");

    control_rig_expect(&r, NS "/serviceaccounts/default", "{'kind':'ServiceAccount'}");
    control_rig_expect(&r, ROOT_CA, "{'data':{'ca.crt':'the root certificate\\n','more':null}}");
    control_rig_close(&r);
}

static void ending(void **state)
{
    (void)state;
    struct control_rig r;
    open_rig(&r);
    control_rig_delete(&r, NS);

    (void)control_rig_reconcile(&r, &accounts_behaviour, "n");
    (void)control_rig_reconcile(&r, &accounts_behaviour, "absent");

    control_rig_expect_absent(&r, NS "/serviceaccounts/default");
    control_rig_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a namespace gets its account and the root certificate", furnished),
        CASE("what was deleted or edited is restored", restored),
        CASE("a namespace that ends gets nothing", ending),
    };
    return RUN_CASES("accounts", tests);
}
