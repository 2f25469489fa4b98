#include "test/unit/hack/devcloud/azure/compute_rig.h"

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

static int64_t used(struct rig *r, const char *path, const char *name)
{
    cleanup_reply struct rig_reply reply = { 0 };
    assert_int_equal(rig_call(r, "GET", path, NULL, &reply), 200);
    return json_path_int(find(&reply, "name.value", name), "currentValue", -1);
}

static void check_counting(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    MAKE_MACHINE(&r, "m0"); /* eight cores */
    MAKE_MACHINE(&r, "m1");

    assert_int_equal(used(&r, USAGES("Microsoft.Compute"), "cores"), 16);
    assert_int_equal(used(&r, USAGES("Microsoft.Compute"), "virtualMachines"), 2);
    assert_int_equal(used(&r, USAGES("Microsoft.Compute"), "standardDSv3Family"), 16);
    assert_int_equal(used(&r, USAGES("Microsoft.Compute"), "standardESv3Family"), 0);
    assert_int_equal(used(&r, USAGES("Microsoft.Compute"), "PremiumDiskCount"), 2);
    compute_call(&r, "DELETE", CLUSTER_MACHINES "/m0", NULL, NULL);
    assert_int_equal(used(&r, USAGES("Microsoft.Compute"), "cores"), 8);
    assert_int_equal(used(&r, USAGES("Microsoft.Compute"), "PremiumDiskCount"), 2);
}

static void check_limit(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    MAKE_MACHINE(&r, "m0");
    rig_patch(&r, "{'usages':{'cores':{'limit':16}}}");
    MAKE_MACHINE(&r, "m1"); /* the last that fits */
    compute_call(&r, "PUT", CLUSTER_NICS "/m2", NIC_IN(MASTER_SUBNET, ""), NULL);

    compute_refused(&r, "PUT", CLUSTER_MACHINES "/m2",
                    MACHINE_OF("m2", "Standard_D8s_v3", "aGVsbG8=", ""), 409,
                    "OperationNotAllowed");
    assert_int_equal(compute_call(&r, "PUT", CLUSTER_MACHINES "/m1",
                                  MACHINE_OF("m1", "Standard_D8s_v3", "aGVsbG8=", ""), NULL),
                     200);
    compute_refused(&r, "PUT", CLUSTER_MACHINES "/m1",
                    MACHINE_OF("m1", "Standard_D16s_v3", "aGVsbG8=", ""), 409,
                    "OperationNotAllowed");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("sizes are listed for the location", check_skus),
        CASE("the state restricts a size", check_restriction),
        CASE("usages are counted, older ones of networks as floats", check_usages),
        CASE("machines take cores, and disks outlive them", check_counting),
        CASE("a machine beyond a quota is refused", check_limit),
    };
    return RUN_CASES("quota", tests);
}
