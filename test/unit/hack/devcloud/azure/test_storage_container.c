#include "test/unit/hack/devcloud/azure/blob_rig.h"

#define CONTAINERS ACCOUNT_ID "/blobServices/default/containers"

static void check_names(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        bool good;
    } rows[] = {
        { "aro", true },   { "ignition-2", true }, { "$web", true },  { "ab", false },
        { "-abc", false }, { "abc-", false },      { "a--b", false }, { "Aro", false },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_int_equal(storage_container_name_is_good(rows[i].name), rows[i].good);
}

static void check_life(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    blob_rig_open(&r);
    cleanup_reply struct rig_reply reply = { 0 };

    assert_int_equal(rig_call(&r, "PUT", CONTAINERS "/aro" STORAGE_VERSION, "{}", &reply), 201);
    assert_string_equal(json_path_str(reply.body, "properties.publicAccess"), "None");
    assert_int_equal(rig_call(&r, "PUT", CONTAINERS "/aro" STORAGE_VERSION,
                              "{'properties':{'metadata':{'a':'b'}}}", &reply),
                     200);
    assert_int_equal(rig_call(&r, "GET", CONTAINERS "/aro" STORAGE_VERSION, NULL, &reply), 200);
    assert_string_equal(json_path_str(reply.body, "properties.metadata.a"), "b");
    rig_call(&r, "GET", CONTAINERS STORAGE_VERSION, NULL, &reply);
    assert_int_equal(json_len(json_get(reply.body, "value")), 1);

    assert_int_equal(rig_call(&r, "DELETE", CONTAINERS "/aro" STORAGE_VERSION, NULL, NULL), 200);

    assert_int_equal(rig_call(&r, "DELETE", CONTAINERS "/aro" STORAGE_VERSION, NULL, NULL), 204);
    rig_refused(&r, "GET", CONTAINERS "/aro" STORAGE_VERSION, NULL, 404, "ContainerNotFound");
    rig_refused(&r, "PUT", CONTAINERS "/aro" STORAGE_VERSION, "{}", 409, "ContainerBeingDeleted");
    rig_advance_s(&r, 31);
    assert_int_equal(rig_call(&r, "PUT", CONTAINERS "/aro" STORAGE_VERSION, "{}", NULL), 201);
}

static void check_refusals(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    rig_refused(&r, "PUT", CONTAINERS "/aro" STORAGE_VERSION, "{}", 404, "ParentResourceNotFound");
    rig_call(&r, "PUT", ACCOUNT_ID STORAGE_VERSION, ACCOUNT_BODY, NULL);

    rig_refused(&r, "PUT", CONTAINERS "/A" STORAGE_VERSION, "{}", 400, "InvalidResourceName");
    rig_refused(&r, "PUT", ACCOUNT_ID "/blobServices/other/containers/aro" STORAGE_VERSION, "{}",
                400, "InvalidValuesForRequestParameters");
    rig_refused(&r, "POST", CONTAINERS STORAGE_VERSION, "{}", 405, "MethodNotAllowed");
    rig_call(&r, "PATCH", ACCOUNT_ID STORAGE_VERSION,
             "{'properties':{'allowBlobPublicAccess':false}}", NULL);
    rig_refused(&r, "PUT", CONTAINERS "/aro" STORAGE_VERSION,
                "{'properties':{'publicAccess':'Blob'}}", 409, "PublicAccessNotPermitted");
}

static void check_both_planes(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    blob_rig_open(&r);
    rig_call(&r, "PUT", CONTAINERS "/aro" STORAGE_VERSION, "{}", NULL);

    blob_rig_put(&r, "/aro/graph", "text");
    blob_rig_container(&r, "/made");

    assert_int_equal(rig_call(&r, "GET", CONTAINERS "/made" STORAGE_VERSION, NULL, NULL), 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("names are judged as the service judges them", check_names),
        CASE("a container is made, read and deleted, and its name rests", check_life),
        CASE("bad containers are refused", check_refusals),
        CASE("management and data see the same containers", check_both_planes),
    };
    return RUN_CASES("storage_container", tests);
}
