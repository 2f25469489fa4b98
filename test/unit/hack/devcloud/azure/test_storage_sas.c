#include "test/unit/hack/devcloud/azure/blob_rig.h"

/* Made by other implementations of the documented text. */
static void check_vectors(void **state)
{
    (void)state;
    static const struct {
        const char *version, *signature;
    } rows[] = {
        { "2015-04-05", "lKTBvZjoNC/R9GbPcu63YGiMwDQ9yna868WqyeCmCgE=" },
        { "2021-06-08", "1jl4jraB4GuMBdI+YGWQJhR8uTIF2uIJ/qKWN/zUEXM=" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        cleanup_free char *query =
            xasprintf("sv=%s&ss=b&srt=o&sp=rl&st=2020-06-01T00%%3A00%%3A00Z&se=2020-06-02T00:00:00Z"
                      "&spr=https",
                      rows[i].version);
        cleanup_sas struct storage_sas s;
        storage_sas_init(query, &s);
        cleanup_free char *found = storage_sas_give_signature(&s, ACCOUNT_NAME, ACCOUNT_KEY);
        assert_string_equal(found, rows[i].signature);
    }
}

static void check_call(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    blob_rig_open(&r);
    cleanup_reply struct rig_reply reply = { 0 };

    assert_int_equal(rig_call(&r, "POST", ACCOUNT_ID "/ListAccountSas" STORAGE_VERSION,
                              "{'signedServices':'b','signedResourceTypes':'s','signedPermission':"
                              "'r','signedProtocol':'https,http','signedStart':'2020-06-01T00:00:00"
                              ".123Z','signedExpiry':'2020-06-02T00:00:00Z','signedIp':'10.0.0.1',"
                              "'keyToSign':'key2'}",
                              &reply),
                     200);

    assert_true(str_starts(json_path_str(reply.body, "accountSasToken"),
                           "sv=2015-04-05&ss=b&srt=s&sp=r&st=2020-06-01T00%3A00%3A00Z&se=2020-06-"
                           "02T00%3A00%3A00Z&sip=10.0.0.1&spr=https,http&sig="));
}

static void check_bad_parameters(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    blob_rig_open(&r);
    static const char *const bodies[] = {
        "{}",
        "{'signedServices':'b','signedResourceTypes':'o','signedPermission':'r'}",
        "{'signedServices':'x','signedResourceTypes':'o','signedPermission':'r','signedExpiry':"
        "'2020-06-02T00:00:00Z'}",
        "{'signedServices':'b','signedResourceTypes':'o','signedPermission':'r','signedExpiry':"
        "'tomorrow'}",
        "{'signedServices':'b','signedResourceTypes':'o','signedPermission':'r','signedExpiry':"
        "'2020-06-02T00:00:00Z','signedProtocol':'ftp'}",
        "{'signedServices':'b','signedResourceTypes':'o','signedPermission':'r','signedExpiry':"
        "'2020-06-02T00:00:00Z','keyToSign':'key3'}",
    };
    for (size_t i = 0; i < ARRAY_LEN(bodies); i++)
        rig_refused(&r, "POST", ACCOUNT_ID "/ListAccountSas" STORAGE_VERSION, bodies[i], 400,
                    "InvalidValuesForRequestParameters");
    rig_refused(&r, "POST", ACCOUNT_ID "x/ListAccountSas" STORAGE_VERSION, "{}", 404,
                "ResourceNotFound");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("signatures are those that others compute", check_vectors),
        CASE("a signature says what was asked for, in whole seconds", check_call),
        CASE("signatures for nothing known are refused", check_bad_parameters),
    };
    return RUN_CASES("storage_sas", tests);
}
