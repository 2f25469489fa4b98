#include "hack/devcloud/boot/credentials.h"
#include "pkg/base/mem.h"
#include "test/unit/support/hack/devcloud/view_rig.h"

#define NS "openshift-cloud-credential-operator"
#define REQUEST(name, nspace) \
    "{'metadata':{'name':'" name "','namespace':'" NS "'},'spec':{'secretRef':{'name':'minted'," \
    "'namespace':'" nspace "'}}}"

static void open_rig(struct view_rig *r)
{
    view_rig_open(r);
    view_rig_make(r, &GVR_NAMESPACES, "{'metadata':{'name':'" NS "'}}");
    view_rig_make(r, &GVR_SECRETS,
                  "{'metadata':{'name':'azure-credentials','namespace':'kube-system'},'data':{"
                  "'azure_client_secret':'b25l'}}");
}

static void tick(struct view_rig *r)
{
    struct error *err = NULL;
    if (credentials_sync(&r->view, clock_wall_ns(&r->clock.base), &err) < 0)
        fail_msg("%s", error_text(err));
}

static void a_request_gets_its_secret(void **state)
{
    (void)state;
    cleanup_view_rig struct view_rig r;
    open_rig(&r);
    view_rig_make(&r, &GVR_CREDENTIALSREQUESTS, REQUEST("a", "default"));

    tick(&r);

    view_rig_expect(&r, &GVR_SECRETS, "default", "minted",
                    "{'data':{'azure_client_secret':'b25l'}}");
    view_rig_expect(&r, &GVR_CREDENTIALSREQUESTS, NS, "a",
                    "{'status':{'provisioned':true,'lastSyncGeneration':1}}");
}

static void new_credentials_are_passed_on(void **state)
{
    (void)state;
    cleanup_view_rig struct view_rig r;
    open_rig(&r);
    view_rig_make(&r, &GVR_CREDENTIALSREQUESTS, REQUEST("a", "default"));
    tick(&r);
    view_rig_patch(&r, &GVR_SECRETS, "kube-system", "azure-credentials",
                   "{'data':{'azure_client_secret':'dHdv'}}");

    tick(&r);

    view_rig_expect(&r, &GVR_SECRETS, "default", "minted",
                    "{'data':{'azure_client_secret':'dHdv'}}");
}

static void a_namespace_is_waited_for(void **state)
{
    (void)state;
    cleanup_view_rig struct view_rig r;
    open_rig(&r);
    view_rig_make(&r, &GVR_CREDENTIALSREQUESTS, REQUEST("a", "later"));
    view_rig_make(&r, &GVR_CREDENTIALSREQUESTS, REQUEST("b", "default"));

    tick(&r);
    cleanup_json json *waits = view_rig_give(&r, &GVR_CREDENTIALSREQUESTS, NS, "a");
    assert_null(json_path(waits, "status.provisioned"));
    view_rig_expect(&r, &GVR_CREDENTIALSREQUESTS, NS, "b", "{'status':{'provisioned':true}}");
    view_rig_make(&r, &GVR_NAMESPACES, "{'metadata':{'name':'later'}}");
    tick(&r);

    view_rig_expect(&r, &GVR_SECRETS, "later", "minted", "{'kind':'Secret'}");
}

static void requests_are_looked_at_again(void **state)
{
    (void)state;
    cleanup_view_rig struct view_rig r;
    open_rig(&r);
    view_rig_make(&r, &GVR_CREDENTIALSREQUESTS, REQUEST("a", "default"));
    tick(&r);
    cleanup_json json *first = view_rig_give(&r, &GVR_CREDENTIALSREQUESTS, NS, "a");
    fake_clock_advance_ms(&r.clock, 60000);
    tick(&r);
    cleanup_json json *second = view_rig_give(&r, &GVR_CREDENTIALSREQUESTS, NS, "a");
    fake_clock_advance_ms(&r.clock, 60000);
    tick(&r);
    cleanup_json json *third = view_rig_give(&r, &GVR_CREDENTIALSREQUESTS, NS, "a");

    assert_true(json_equal(first, second));
    assert_false(json_equal(second, third));
}

static void without_credentials_nothing_is_minted(void **state)
{
    (void)state;
    cleanup_view_rig struct view_rig r;
    open_rig(&r);
    view_rig_make(&r, &GVR_CREDENTIALSREQUESTS, REQUEST("a", "default"));
    assert_int_equal(
        kube_delete_if_present(r.kube, &r.ctx,
                               KUBE_REF(&GVR_SECRETS, "kube-system", "azure-credentials"), NULL),
        0);

    tick(&r);

    assert_null(view_rig_give(&r, &GVR_SECRETS, "default", "minted"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a request gets its Secret", a_request_gets_its_secret),
        CASE("new credentials are passed on", new_credentials_are_passed_on),
        CASE("a namespace that comes later is waited for", a_namespace_is_waited_for),
        CASE("requests are looked at every two minutes", requests_are_looked_at_again),
        CASE("without credentials nothing is minted", without_credentials_nothing_is_minted),
    };
    return RUN_CASES("credentials", tests);
}
