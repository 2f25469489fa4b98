#include "hack/devcloud/controllers/behaviours.h"
#include "test/unit/support/hack/devcloud/control_rig.h"

#define SERVICES "/api/v1/namespaces/default/services"
#define ENDPOINTS "/api/v1/namespaces/default/endpoints"
#define PODS "/api/v1/namespaces/default/pods"
#define SERVICE \
    "{'metadata':{'name':'s','labels':{'l':'1'}},'spec':{'selector':{'x':'y'},'ports':[{'name':" \
    "'web','port':80,'targetPort':'http'}]}}"
#define POD(name, label) \
    "{'metadata':{'name':'" name "','labels':{'x':'" label \
    "'}},'spec':{'nodeName':'n','containers':" \
    "[{'name':'c','image':'i','ports':[{'name':'http','containerPort':8080}]}]}}"
#define STATUS(ip, ready) \
    "{'status':{'podIP':'" ip "','conditions':[{'type':'Ready','status':'" ready "'}]}}"

static void open_rig(struct control_rig *r)
{
    control_rig_open(r);
    control_rig_create(r, SERVICES, SERVICE);
    control_rig_create(r, PODS, POD("a", "y"));
    control_rig_create(r, PODS, POD("b", "y"));
    control_rig_create(r, PODS, POD("other", "z"));
    control_rig_patch(r, PODS "/a/status", STATUS("10.0.0.1", "True"));
    control_rig_patch(r, PODS "/b/status", STATUS("10.0.0.2", "False"));
    control_rig_patch(r, PODS "/other/status", STATUS("10.0.0.3", "True"));
    (void)control_rig_reconcile(r, &endpoints_behaviour, "default");
}

static void addresses(void **state)
{
    (void)state;
    struct control_rig r;
    open_rig(&r);

    control_rig_expect(&r, ENDPOINTS "/s",
                       "{'metadata':{'labels':{'l':'1'}},'subsets':[{'addresses':[{'ip':'10.0.0.1',"
                       "'nodeName':'n','targetRef':{'kind':'Pod','name':'a'}}],"
                       "'notReadyAddresses':[{'ip':'10.0.0.2'}],'ports':[{'name':'web','port':8080,"
                       "'protocol':'TCP'}]}]}");
    control_rig_close(&r);
}

static void follows(void **state)
{
    (void)state;
    struct control_rig r;
    open_rig(&r);
    control_rig_patch(&r, PODS "/b/status", STATUS("10.0.0.2", "True"));
    control_rig_delete(&r, PODS "/a?gracePeriodSeconds=0");

    (void)control_rig_reconcile(&r, &endpoints_behaviour, "default");

    control_rig_expect(&r, ENDPOINTS "/s",
                       "{'subsets':[{'addresses':[{'ip':'10.0.0.2'}],'notReadyAddresses':null}]}");
    control_rig_close(&r);
}

static void unchanged(void **state)
{
    (void)state;
    struct control_rig r;
    open_rig(&r);
    cleanup_json json *before = control_rig_give(&r, ENDPOINTS "/s");

    (void)control_rig_reconcile(&r, &endpoints_behaviour, "default");

    cleanup_json json *after = control_rig_give(&r, ENDPOINTS "/s");
    assert_string_equal(json_path_str(before, "metadata.resourceVersion"),
                        json_path_str(after, "metadata.resourceVersion"));
    control_rig_close(&r);
}

static void without_service(void **state)
{
    (void)state;
    struct control_rig r;
    open_rig(&r);
    control_rig_create(&r, SERVICES,
                       "{'metadata':{'name':'byhand'},'spec':{'ports':[{'port':1}]}}");
    control_rig_create(&r, ENDPOINTS, "{'metadata':{'name':'byhand'}}");
    control_rig_delete(&r, SERVICES "/s");

    (void)control_rig_reconcile(&r, &endpoints_behaviour, "default");

    control_rig_expect_absent(&r, ENDPOINTS "/s");
    control_rig_expect(&r, ENDPOINTS "/byhand", "{'kind':'Endpoints'}"); /* somebody's own */
    control_rig_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("ready pods and others are listed with their ports", addresses),
        CASE("addresses follow the pods", follows),
        CASE("what does not differ is not written", unchanged),
        CASE("endpoints go with their service", without_service),
    };
    return RUN_CASES("endpoints", tests);
}
