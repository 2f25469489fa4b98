#include <string.h>

#include "pkg/base/mem.h"
#include "test/unit/hack/devcloud/azure/fake_rp.h"
#include "test/unit/support/test.h"

#define CLUSTER RIG_CLUSTERS "/c"
#define BODY "{'id':'" CLUSTER "','name':'c','type':'X','location':'eastus'}"
#define LIST RIG_SUBSCRIPTION "/resourceGroups/net-rg/resources" RIG_VERSION
#define STATUS \
    RIG_SUBSCRIPTION "/providers/Microsoft.RedHatOpenShift/locations/eastus/operationsstatus/7"

static const struct fake_rp_row rows[] = {
    { "PUT", NULL, 201, NULL, BODY },
    { "PATCH", NULL, 200, NULL, BODY },
    { "DELETE", NULL, 202, "Azure-AsyncOperation: $" STATUS "?api-version=1\r\n", NULL },
    { "GET", STATUS, 200, NULL, "{'status':'Succeeded'}" },
};

static size_t count_listed(struct rig *r)
{
    cleanup_reply struct rig_reply reply = { 0 };
    assert_int_equal(rig_call(r, "GET", LIST, NULL, &reply), 200);
    return json_len(json_get(reply.body, "value"));
}

/* The system data that came with the last request, NULL: none. Owned by the caller. */
static json *give_system_data(struct fake_rp *rp)
{
    cleanup_json json *seen = fake_rp_give_last(rp);
    const char *text =
        json_str(json_get(json_get(seen, "headers"), "x-ms-arm-resource-system-data"));
    json *data = NULL;
    assert_int_equal(text ? json_parse(text, strlen(text), &data, NULL) : 0, 0);
    return data;
}

static void check_system_data(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_fake_rp struct fake_rp rp;
    fake_rp_open(&rp, &r);
    fake_rp_script(&rp, rows, ARRAY_LEN(rows));

    rig_call(&r, "PUT", CLUSTER RIG_RP_VERSION, "{}", NULL);
    cleanup_json json *first = give_system_data(&rp);
    rig_call(&r, "PATCH", CLUSTER RIG_RP_VERSION, "{}", NULL);
    cleanup_json json *second = give_system_data(&rp);
    rig_call(&r, "POST", CLUSTER "/listCredentials" RIG_RP_VERSION, "{}", NULL);
    cleanup_json json *third = give_system_data(&rp);

    assert_string_equal(json_path_str(first, "createdBy"), RIG_APPLICATION);
    assert_string_equal(json_path_str(first, "createdByType"), "Application");
    assert_string_equal(json_path_str(first, "createdAt"), json_path_str(first, "lastModifiedAt"));
    assert_null(json_get(second, "createdAt"));
    assert_string_equal(json_path_str(second, "lastModifiedBy"), RIG_APPLICATION);
    assert_null(third);
}

static void check_listed(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_fake_rp struct fake_rp rp;
    fake_rp_open(&rp, &r);
    fake_rp_script(&rp, rows, ARRAY_LEN(rows));
    size_t before = count_listed(&r);

    rig_call(&r, "PUT", CLUSTER RIG_RP_VERSION, "{}", NULL);
    assert_int_equal(count_listed(&r), before + 1);
    rig_call(&r, "DELETE", CLUSTER RIG_RP_VERSION, NULL, NULL);
    assert_int_equal(count_listed(&r), before + 1);
    rig_call(&r, "GET", STATUS RIG_RP_VERSION, NULL, NULL);
    assert_int_equal(count_listed(&r), before);

    rig_call(&r, "PUT", CLUSTER RIG_RP_VERSION, "{}", NULL);
    assert_int_equal(count_listed(&r), before + 1);
    assert_int_equal(rig_call(&r, "GET", CLUSTER RIG_RP_VERSION, NULL, NULL), 404);
    assert_int_equal(count_listed(&r), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("writes say who made the resource, and who changed it", check_system_data),
        CASE("resources are listed until they are gone", check_listed),
    };
    return RUN_CASES("forward_index", tests);
}
