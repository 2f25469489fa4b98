#include "pkg/azure/azure.h"
#include "test/unit/support/pkg/azure/azure_fixture.h"
#include "test/unit/support/test.h"

#define SUBNET \
    "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/n"

static void check_put(void **state)
{
    (void)state;
    static const struct script_step steps[] = {
        TOKEN_STEP,
        { .request = "GET https://management.azure.com" SUBNET
                     "?api-version=2020-08-01\nAuthorization: Bearer t1\n"
                     "Accept: application/json\n@gzip: true\n",
          .reply = "{\"etag\":\"W/\\\"1\\\"\",\"unknown\":1.50,\"properties\":{}}" },
        { .request = "PUT https://management.azure.com" SUBNET
                     "?api-version=2020-08-01\nAuthorization: Bearer t1\n"
                     "Accept: application/json\nContent-Type: application/json\nIf-Match: "
                     "W/\"1\"\n@gzip: true\n\n"
                     "{\"etag\":\"W/\\\"1\\\"\",\"unknown\":1.50,\"properties\":{}}",
          .status = 412,
          .reply = "{\"error\":{\"code\":\"PreconditionFailed\",\"message\":\"etag\"}}" },
    };
    struct azure_fixture f;
    azure_fixture_init(&f, steps, ARRAY_LEN(steps));
    cleanup_json json *subnet = NULL;
    cleanup_error struct error *err = NULL;

    assert_int_equal(arm_subnet_get(f.arm, &f.ctx, SUBNET, &subnet, NULL), 0);
    assert_int_equal(arm_subnet_put(f.arm, &f.ctx, SUBNET, subnet, &err), -1);

    assert_true(error_is(err, ERR_PRECONDITION));
    azure_fixture_finish(&f);
}

static void check_no_object(void **state)
{
    (void)state;
    static const struct script_step steps[] = { TOKEN_STEP, { .reply = "[]" } };
    struct azure_fixture f;
    azure_fixture_init(&f, steps, ARRAY_LEN(steps));
    json *nsg = NULL;

    assert_int_equal(arm_nsg_get(f.arm, &f.ctx, "/subscriptions/s", &nsg, NULL), -1);

    assert_null(nsg);
    azure_fixture_finish(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a subnet is put back with its etag and what we do not know", check_put),
        CASE("an answer that is no object is an error", check_no_object),
    };
    return RUN_CASES("network", tests);
}
