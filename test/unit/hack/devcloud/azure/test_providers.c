#include <string.h>

#include "pkg/base/mem.h"
#include "test/unit/hack/devcloud/azure/fake_rp.h"
#include "test/unit/support/test.h"

#define PROVIDERS RIG_SUBSCRIPTION "/providers"
#define RP PROVIDERS "/Microsoft.RedHatOpenShift"
#define FEATURE PROVIDERS "/Microsoft.Features/providers/Microsoft.RedHatOpenShift/features/MTU3900"

static void assert_text(struct rig *r, const char *method, const char *path, const char *at,
                        const char *want)
{
    cleanup_reply struct rig_reply reply = { 0 };
    assert_int_equal(rig_call(r, method, path, NULL, &reply), 200);
    assert_string_equal(json_path_str(reply.body, at), want);
}

static void check_reads(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_reply struct rig_reply reply = { 0 };

    assert_text(&r, "GET", PROVIDERS "/microsoft.network" RIG_VERSION, "registrationState",
                "Registered");
    assert_text(&r, "GET", RP RIG_VERSION, "registrationState", "NotRegistered");
    assert_text(&r, "GET", RP RIG_VERSION, "resourceTypes[0].resourceType", "OpenShiftClusters");
    rig_call(&r, "GET", PROVIDERS RIG_VERSION, NULL, &reply);
    assert_true(json_len(json_get(reply.body, "value")) >= 8);
    rig_refused(&r, "GET", PROVIDERS "/Microsoft.None" RIG_VERSION, NULL, 404,
                "InvalidResourceNamespace");
    rig_refused(&r, "PUT", RP RIG_VERSION, "{}", 405, "MethodNotAllowed");
}

static void check_plain(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);

    assert_text(&r, "POST", PROVIDERS "/Microsoft.Storage/unregister" RIG_VERSION,
                "registrationState", "Unregistered");
    assert_text(&r, "POST", PROVIDERS "/Microsoft.Storage/register" RIG_VERSION,
                "registrationState", "Registered");
}

/* Registering the provider's namespace makes the subscription known to it. */
static void check_telling(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_fake_rp struct fake_rp rp;
    fake_rp_open(&rp, &r);
    static const struct fake_rp_row refuses[] = { { NULL, NULL, 500, NULL, NULL } };
    static const struct fake_rp_row takes[] = { { NULL, NULL, 201, NULL, "{}" } };
    rig_patch(&r, "{'registrations':{'microsoft.redhatopenshift':null}}");
    rig_refused(&r, "PUT", RIG_CLUSTERS "/c" RIG_RP_VERSION, "{}", 409,
                "MissingSubscriptionRegistration");
    assert_int_equal(fake_rp_count(&rp), 0);

    fake_rp_script(&rp, refuses, 1);
    assert_text(&r, "POST", RP "/register" RIG_VERSION, "registrationState", "Registering");
    assert_text(&r, "GET", RP RIG_VERSION, "registrationState", "Registering");
    fake_rp_script(&rp, takes, 1);
    assert_text(&r, "GET", RP RIG_VERSION, "registrationState", "Registering");
    assert_text(&r, "GET", RP RIG_VERSION, "registrationState", "Registered");

    assert_int_equal(fake_rp_count(&rp), 3);
    cleanup_json json *told = fake_rp_give_last(&rp);
    assert_string_equal(json_path_str(told, "method"), "PUT");
    assert_string_equal(json_path_str(told, "target"), RIG_SUBSCRIPTION "?api-version=2.0");
    const char *text = json_path_str(told, "body");
    cleanup_json json *body = NULL;
    assert_int_equal(json_parse(text, strlen(text), &body, NULL), 0);
    assert_string_equal(json_path_str(body, "state"), "Registered");
    assert_string_equal(json_path_str(body, "properties.tenantId"), RIG_TENANT);
}

/* Another state than that of a provider that was never registered: clients wait for it. */
static void check_leaving(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_fake_rp struct fake_rp rp;
    fake_rp_open(&rp, &r);
    static const struct fake_rp_row takes[] = { { NULL, NULL, 200, NULL, "{}" } };
    fake_rp_script(&rp, takes, 1);
    rig_patch(&r, "{'registrations':{'microsoft.redhatopenshift':'Registered'}}");

    assert_text(&r, "POST", RP "/unregister" RIG_VERSION, "registrationState", "Unregistering");

    assert_text(&r, "GET", RP RIG_VERSION, "registrationState", "Unregistered");
    assert_text(&r, "POST", RP "/unregister" RIG_VERSION, "registrationState", "Unregistered");
    cleanup_json json *told = fake_rp_give_last(&rp);
    assert_non_null(strstr(json_path_str(told, "body"), "\"Unregistered\""));
    assert_int_equal(fake_rp_count(&rp), 1);
}

static void check_features(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_fake_rp struct fake_rp rp;
    fake_rp_open(&rp, &r);
    static const struct fake_rp_row takes[] = { { NULL, NULL, 200, NULL, "{}" } };
    fake_rp_script(&rp, takes, 1);
    assert_text(&r, "GET", FEATURE RIG_VERSION, "properties.state", "NotRegistered");

    assert_text(&r, "POST", FEATURE "/register" RIG_VERSION, "properties.state", "Registered");

    assert_text(&r, "GET", FEATURE RIG_VERSION, "name", "Microsoft.RedHatOpenShift/MTU3900");
    cleanup_json json *told = fake_rp_give_last(&rp);
    assert_non_null(strstr(json_path_str(told, "body"),
                           "{\"name\":\"Microsoft.RedHatOpenShift/MTU3900\",\"state\":"
                           "\"Registered\"}"));
    assert_text(&r, "POST", FEATURE "/unregister" RIG_VERSION, "properties.state", "NotRegistered");
    rig_refused(&r, "PUT", FEATURE RIG_VERSION, "{}", 405, "MethodNotAllowed");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("providers tell whether they are registered", check_reads),
        CASE("ordinary providers are registered at once", check_plain),
        CASE("the resource provider hears of the subscription first", check_telling),
        CASE("a provider that was left says so", check_leaving),
        CASE("features are registered and told", check_features),
    };
    return RUN_CASES("providers", tests);
}
