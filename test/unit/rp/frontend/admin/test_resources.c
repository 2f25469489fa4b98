#include <string.h>

#include "test/unit/support/rp/frontend/admin/azure_rig.h"
#include "test/unit/support/test.h"

#define NETWORK \
    "/subscriptions/" FRONT_SUB "/resourceGroups/n/providers/Microsoft.Network/virtualNetworks/" \
    "vnet"
#define OWN(type) "/subscriptions/" FRONT_SUB "/resourcegroups/managed/providers/" type
#define SUBNET(name, more) "{\"id\":\"" NETWORK "/subnets/" name "\",\"properties\":{" more "}}"
#define TABLE(name) "\"routeTable\":{\"id\":\"/t/" name "\"}"
#define LISTED(type, name) \
    "{\"id\":\"" OWN(type) "/" name "\",\"type\":\"" type "\",\"name\":\"" name "\"}"
#define LIST \
    "{\"value\":[" LISTED("Microsoft.Compute/virtualMachines", "vm") "," LISTED( \
        "Microsoft.Moon/craters", "c") "," LISTED("Microsoft.Storage/storageAccounts", "s") "]}"
#define FORBIDDEN \
    .status = 403, .reply = "{\"error\":{\"code\":\"AuthorizationFailed\",\"message\":\"no\"}}"

static int encrypt(json *tree, void *arg, struct error **err)
{
    (void)arg;
    return json_set_str(tree, "openShiftCluster.properties.masterProfile.diskEncryptionSetId",
                        "/des", err);
}

static void are_all_that_it_has_and_uses(void **state)
{
    static const struct script_step steps[] = {
        { .reply = LIST },
        { .reply = "{\"id\":\"vnet\",\"properties\":{\"subnets\":[" SUBNET(
              "master", TABLE("1")) "," SUBNET("WORKER", TABLE("1")) "," SUBNET("other",
                                                                                TABLE("2")) "]}}" },
        { .reply = "{\"id\":\"/t/1\"}" },
        { .reply = "{\"id\":\"/des\"}" },
        { .reply = "{\"id\":\"vm\",\"properties\":{}}" },
        { FORBIDDEN },
    };
    (void)state;
    struct azure_rig r;
    azure_rig_init(&r, steps, ARRAY_LEN(steps));
    clusters_patch(&r.c, encrypt, NULL);

    cleanup_json json *got = admin_rig_ask(&r.c, "GET", ADMIN_CLUSTER "/resources", NULL, 200);

    azure_rig_asked(
        &r,
        "GET /subscriptions/" FRONT_SUB "/resourcegroups/managed/resources?api-version=2021-04-01\n"
        "GET " NETWORK "?api-version=2020-08-01\n"
        "GET /t/1?api-version=2020-08-01\n"
        "GET /des?api-version=2020-06-30\n"
        "GET " OWN(
            "Microsoft.Compute/virtualMachines") "/vm?api-version=2020-06-01&$expand=instanceView\n"
                                                 "GET " OWN("Microsoft.Storage/"
                                                            "storageAccounts") "/s?api-"
                                                                               "version=2019-"
                                                                               "06-01\n");
    assert_int_equal(json_len(got), 5);
    assert_string_equal(json_path_str(json_at(got, 0), "id"), "vnet");
    assert_string_equal(json_path_str(json_at(got, 3), "id"), "vm");
    assert_string_equal(json_path_str(json_at(got, 4), "name"), "s");
    azure_rig_release(&r);
}

static void what_cannot_be_read_does_not_hide_the_rest(void **state)
{
    static const struct script_step steps[] = {
        { .reply = "{\"value\":[]}" },
        { FORBIDDEN },
    };
    (void)state;
    struct azure_rig r;
    azure_rig_init(&r, steps, ARRAY_LEN(steps));

    cleanup_json json *got = admin_rig_ask(&r.c, "GET", ADMIN_CLUSTER "/resources", NULL, 200);

    assert_true(json_is_array(got));
    assert_int_equal(json_len(got), 0);
    assert_true(log_capture_has(&r.c.front.capture, "resources: " NETWORK));
    azure_rig_release(&r);
}

static void a_group_that_cannot_be_listed_is_an_error(void **state)
{
    static const struct script_step steps[] = { { FORBIDDEN } };
    (void)state;
    struct azure_rig r;
    azure_rig_init(&r, steps, ARRAY_LEN(steps));

    cleanup_free char *got = admin_rig_error(&r.c, "GET", ADMIN_CLUSTER "/resources", NULL);

    assert_memory_equal(got, "500 InternalServerError: ", 25);
    azure_rig_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("are all that it has and uses", are_all_that_it_has_and_uses),
        CASE("what cannot be read does not hide the rest",
             what_cannot_be_read_does_not_hide_the_rest),
        CASE("a group that cannot be listed is an error",
             a_group_that_cannot_be_listed_is_an_error),
    };
    return RUN_CASES("resources of a cluster", tests);
}
