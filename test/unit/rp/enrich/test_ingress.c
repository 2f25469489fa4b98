#include "test/unit/support/rp/enrich/enrich_rig.h"
#include "test/unit/support/test.h"

#define CONTROLLER(name, spec) \
    "{'apiVersion':'operator.openshift.io/" \
    "v1','kind':'IngressController','metadata':{'name':'" name \
    "','namespace':'openshift-ingress-operator'},'spec':{" spec "}}"
#define SERVICE(name, app, owner, ip) \
    "{'apiVersion':'v1','kind':'Service','metadata':{'name':'" name \
    "','namespace':'openshift-ingress','labels':{'app':'" app \
    "','ingresscontroller.operator.openshift.io/owning-ingresscontroller':'" owner \
    "'}},'spec':{'type':'LoadBalancer'},'status':{'loadBalancer':{'ingress':[{'ip':'" ip "'}]}}}"

static void is_that_of_all_controllers(void **state)
{
    (void)state;
    cleanup_enrich_rig struct enrich_rig r;
    enrich_rig_open(&r, "{'ingressProfiles':[{'name':'old'}]}");
    fake_cluster_add(&r.inside, CONTROLLER("default", ""));
    fake_cluster_add(&r.inside,
                     CONTROLLER("inner", "'endpointPublishingStrategy':{'loadBalancer':{'scope':"
                                         "'Internal'}}"));
    fake_cluster_add(&r.inside, SERVICE("router-default", "router", "default", "192.0.2.7"));
    fake_cluster_add(&r.inside, SERVICE("something", "other", "inner", "192.0.2.8"));

    assert_int_equal(enrich_rig_run(&r, &enrich_ingress, NULL), 0);

    enrich_rig_is(&r, "ingressProfiles",
                  "[{'name':'default','visibility':'Public','ip':'192.0.2.7'},"
                  "{'name':'inner','visibility':'Private','ip':''}]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("is that of all controllers, with the addresses of their routers",
             is_that_of_all_controllers),
    };
    return RUN_CASES("ingress", tests);
}
