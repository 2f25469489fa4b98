#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/hack/devcloud/azure_rig.h"
#include "test/unit/support/test.h"

#define SKUS RIG_SUBSCRIPTION "/providers/Microsoft.Compute/skus" RIG_VERSION
#define USAGES(ns) RIG_SUBSCRIPTION "/providers/" ns "/locations/eastus/usages" RIG_VERSION

/* The entry whose member at path is text; NULL: none. Borrowed. */
static json *find(const struct rig_reply *reply, const char *path, const char *text)
{
    json *list = json_get(reply->body, "value");
    for (size_t i = 0; i < json_len(list); i++)
        if (str_eq(json_path_str(json_at(list, i), path), text))
            return json_at(list, i);
    return NULL;
}

static void check_skus(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_reply struct rig_reply here = { 0 }, elsewhere = { 0 };

    rig_call(&r, "GET", SKUS "&$filter=location+eq+'EastUS'", NULL, &here);
    rig_call(&r, "GET", SKUS "&$filter=location+eq+'westus'", NULL, &elsewhere);

    const json *size = find(&here, "name", "Standard_D8s_v3");
    assert_non_null(size);
    assert_string_equal(json_path_str(size, "capabilities[0].value"), "8");
    assert_string_equal(json_path_str(size, "family"), "standardDSv3Family");
    assert_non_null(find(&here, "name", "Standard_D4s_v3"));
    assert_int_equal(json_len(json_get(elsewhere.body, "value")), 0);
}

static void check_restriction(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_reply struct rig_reply reply = { 0 };
    rig_patch(&r, "{'skus':{'Standard_D8s_v3':{'restrictions':[{'type':'Location'}]}}}");

    rig_call(&r, "GET", SKUS, NULL, &reply);

    const json *size = find(&reply, "name", "Standard_D8s_v3");
    assert_string_equal(json_path_str(size, "restrictions[0].type"), "Location");
}

static void check_usages(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_reply struct rig_reply compute = { 0 }, network = { 0 };
    rig_patch(&r, "{'usages':{'cores':{'currentValue':990}}}");

    rig_call(&r, "GET", USAGES("Microsoft.Compute"), NULL, &compute);
    rig_call(&r, "GET", USAGES("Microsoft.Network"), NULL, &network);

    const json *cores = find(&compute, "name.value", "cores");
    assert_int_equal(json_path_int(cores, "currentValue", 0), 990);
    assert_int_equal(json_path_int(cores, "limit", 0), 1000);
    const json *addresses = find(&network, "name.value", "PublicIPAddresses");
    assert_int_equal(json_kind(json_get(addresses, "limit")), JSON_DECIMAL);
    rig_call(&r, "GET",
             RIG_SUBSCRIPTION "/providers/Microsoft.Network/locations/eastus/usages"
                              "?api-version=2022-01-01",
             NULL, &network);
    addresses = find(&network, "name.value", "PublicIPAddresses");
    assert_int_equal(json_kind(json_get(addresses, "limit")), JSON_INT);
    assert_null(find(&compute, "name.value", "PublicIPAddresses"));
    rig_refused(&r, "PUT", SKUS, "{}", 405, "MethodNotAllowed");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("sizes are listed for the location", check_skus),
        CASE("the state restricts a size", check_restriction),
        CASE("usages are counted, older ones of networks as floats", check_usages),
    };
    return RUN_CASES("quota", tests);
}
