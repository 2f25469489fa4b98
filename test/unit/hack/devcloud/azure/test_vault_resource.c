#include "test/unit/hack/devcloud/azure/vault_rig.h"

#define VAULTS RIG_SUBSCRIPTION "/resourceGroups/net-rg/providers/Microsoft.KeyVault/vaults"
#define NAMES RIG_SUBSCRIPTION "/providers/Microsoft.KeyVault/checkNameAvailability"
#define VERSION "?api-version=2019-09-01"
#define BODY \
    "{'location':'eastus','properties':{'tenantId':'" RIG_TENANT \
    "','sku':{'family':'A','name':'standard'}}}"

static void check_life(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_reply struct rig_reply reply = { 0 };

    assert_int_equal(rig_call(&r, "PUT", VAULTS "/Aro-svc" VERSION, BODY, &reply), 201);

    assert_string_equal(json_path_str(reply.body, "properties.vaultUri"),
                        "https://aro-svc.vault.azure.net/");
    assert_true(json_path_bool(reply.body, "properties.enableSoftDelete", false));
    rig_patch(&r, "{'vaults':{'aro-svc':{'secrets':{'a':[]}},'other':{}}}");
    rig_refused(&r, "PUT",
                RIG_SUBSCRIPTION "/resourceGroups/aro-cluster/providers/Microsoft.KeyVault/vaults/"
                                 "aro-svc" VERSION,
                BODY, 409, "VaultAlreadyExists");
    assert_int_equal(rig_call(&r, "DELETE", VAULTS "/aro-svc" VERSION, NULL, NULL), 200);
    rig_call(&r, "GET", "/_devcloud/state", NULL, &reply);
    assert_null(json_path(reply.body, "vaults[\"aro-svc\"]"));
    assert_non_null(json_path(reply.body, "vaults.other"));
}

static void check_names(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    rig_call(&r, "PUT", VAULTS "/aro-svc" VERSION, BODY, NULL);
    static const struct {
        const char *name, *reason; /* NULL: available */
    } rows[] = {
        { "aro-other", NULL },           { "ARO-svc", "AlreadyExists" },
        { "ab", "AccountNameInvalid" },  { "a--b", "AccountNameInvalid" },
        { "1ab", "AccountNameInvalid" }, { "abc-", "AccountNameInvalid" },
        { "a_b", "AccountNameInvalid" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        cleanup_reply struct rig_reply reply = { 0 };
        cleanup_free char *body = xasprintf("{'name':'%s'}", rows[i].name);
        assert_int_equal(rig_call(&r, "POST", NAMES VERSION, body, &reply), 200);
        assert_int_equal(json_path_bool(reply.body, "nameAvailable", false), !rows[i].reason);
        assert_true(str_eq(json_path_str(reply.body, "reason"), rows[i].reason));
    }
    rig_refused(&r, "POST", NAMES VERSION, "{}", 400, "BadRequest");
}

static void check_refusals(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);

    rig_refused(&r, "PUT", VAULTS "/a--b" VERSION, BODY, 400, "VaultNameNotValid");
    rig_refused(&r, "PUT", VAULTS "/abc" VERSION, "{'location':'eastus','properties':{}}", 400,
                "BadRequest");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a vault is made, and what it holds goes with it", check_life),
        CASE("names are asked for before they are taken", check_names),
        CASE("bad vaults are refused", check_refusals),
    };
    return RUN_CASES("vault_resource", tests);
}
