#include "test/unit/hack/devcloud/azure/blob_rig.h"

static void check_names(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        bool good;
    } rows[] = {
        { "abc", true },  { "a0b1c2d3e4f5g6h7i8j9k0l1", true },
        { "ab", false },  { "a0b1c2d3e4f5g6h7i8j9k0l12", false },
        { "Abc", false }, { "a-b", false },
        { "", false },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_int_equal(storage_name_is_good(rows[i].name), rows[i].good);
}

static void check_availability(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    blob_rig_open(&r);
    static const char path[] =
        RIG_SUBSCRIPTION "/providers/Microsoft.Storage/checkNameAvailability" STORAGE_VERSION;
    static const struct {
        const char *name, *reason; /* NULL: available */
    } rows[] = {
        { "clusterabc13", NULL },
        { "clusterabc12", "AlreadyExists" },
        { "Cluster", "AccountNameInvalid" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        cleanup_reply struct rig_reply reply = { 0 };
        cleanup_free char *body =
            xasprintf("{'name':'%s','type':'Microsoft.Storage/storageAccounts'}", rows[i].name);
        assert_int_equal(rig_call(&r, "POST", path, body, &reply), 200);
        assert_int_equal(json_path_bool(reply.body, "nameAvailable", false), !rows[i].reason);
        assert_true(str_eq(json_path_str(reply.body, "reason"), rows[i].reason));
    }
    rig_refused(&r, "POST", path, "{'name':'abc'}", 400, "InvalidValuesForRequestParameters");
}

static void check_bodies(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    rig_refused(&r, "PUT", STORAGE_ACCOUNTS "/Bad" STORAGE_VERSION, ACCOUNT_BODY, 400,
                "AccountNameInvalid");
    rig_refused(&r, "PUT", ACCOUNT_ID STORAGE_VERSION, "{'location':'eastus'}", 400,
                "InvalidValuesForRequestParameters");
    rig_patch(&r, "{'registrations':{'microsoft.storage':'NotRegistered'}}");
    rig_refused(&r, "PUT", ACCOUNT_ID STORAGE_VERSION, ACCOUNT_BODY, 409,
                "MissingSubscriptionRegistration");
}

static void check_rules(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    blob_rig_open(&r);
    static const char form[] =
        "{'properties':{'networkAcls':{'defaultAction':'Deny','virtualNetworkRules':[{'id':'%s'}]}}"
        "}";
    static const char *const bad[] = { RIG_VNET, RIG_VNET "/subnets/absent" };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        cleanup_free char *body = xasprintf(form, bad[i]);
        rig_refused(&r, "PATCH", ACCOUNT_ID STORAGE_VERSION, body, 400,
                    "NetworkAclsValidationFailure");
    }
    cleanup_free char *body = xasprintf(form, RIG_VNET "/subnets/master");
    cleanup_reply struct rig_reply reply = { 0 };

    assert_int_equal(rig_call(&r, "PATCH", ACCOUNT_ID STORAGE_VERSION, body, &reply), 200);

    assert_string_equal(
        json_path_str(reply.body, "properties.networkAcls.virtualNetworkRules[0].state"),
        "Succeeded");
    rig_patch(&r, "{'resources':{'/subscriptions/00000000-0000-0000-0000-000000000000/"
                  "resourcegroups/net-rg/providers/microsoft.network/virtualnetworks/dev-vnet/"
                  "subnets/master':{'properties':{'serviceEndpoints':[]}}}}");
    rig_refused(&r, "PATCH", ACCOUNT_ID STORAGE_VERSION, body, 400, "NetworkAclsValidationFailure");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("names have 3 to 24 small letters and digits", check_names),
        CASE("a name is asked for before it is taken", check_availability),
        CASE("bad accounts are refused", check_bodies),
        CASE("a rule needs a subnet with the service's endpoint", check_rules),
    };
    return RUN_CASES("storage_check", tests);
}
