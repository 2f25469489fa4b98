#include "pkg/base/mem.h"
#include "rp/validate/quota.h"
#include "test/unit/support/test.h"

static json *give_cluster(int layout)
{
    return json_make("{'properties':{'architectureVersion':%d,'masterProfile':{'vmSize':"
                     "'Standard_D8s_v3'},'workerProfiles':[{'vmSize':'Standard_D4s_v3','count':3},"
                     "{'vmSize':'Standard_E4s_v3','count':2}]}}",
                     layout);
}

static void check_need(const json *cluster, const char *want)
{
    cleanup_json json *need = NULL;

    assert_int_equal(quota_compute_need(cluster, &need, NULL), 0);

    cleanup_free char *text = json_give_sorted(need);
    assert_string_equal(text, want);
}

static void counts_machines_disks_and_cores(void **state)
{
    (void)state;
    cleanup_json json *cluster = give_cluster(1);
    cleanup_json json *network = quota_give_network_need();

    check_need(cluster, "{\"PremiumDiskCount\":9,\"cores\":52,\"standardDSv3Family\":44,"
                        "\"standardESv3Family\":8,\"virtualMachines\":9}");

    cleanup_free char *network_text = json_give_text(network);
    assert_string_equal(network_text, "{\"PublicIPAddresses\":3}");
}

static void counts_the_small_bootstrap(void **state)
{
    (void)state;
    cleanup_json json *cluster = give_cluster(0);

    check_need(cluster, "{\"PremiumDiskCount\":9,\"cores\":48,\"standardDSv3Family\":40,"
                        "\"standardESv3Family\":8,\"virtualMachines\":9}");
}

static void refuses_an_unknown_size(void **state)
{
    (void)state;
    cleanup_json json *cluster = give_cluster(0);
    cleanup_json json *need = NULL;
    cleanup_error struct error *err = NULL;
    assert_int_equal(
        json_set_str(cluster, "properties.workerProfiles[1].vmSize", "Standard_Moon", NULL), 0);

    assert_int_equal(quota_compute_need(cluster, &need, &err), -1);

    assert_string_equal(error_text(err), "The selected SKU 'Standard_Moon' is unknown.");
    assert_string_equal(error_get_code(err), "InvalidParameter");
    assert_string_equal(error_get_target(err), "properties.workerProfiles[1].VMSize");
    assert_null(need);
}

struct quota_case {
    const char *name, *usages, *want; /* NULL: passes */
};
static struct quota_case cases[] = {
    { "passes what just fits", "[{'name':{'value':'cores'},'limit':100,'currentValue':48}]", NULL },
    { "refuses one too many", "[{'name':{'value':'cores'},'limit':100,'currentValue':49}]",
      "Resource quota of cores exceeded. Maximum allowed: 100, Current in use: 49, Additional "
      "requested: 52." },
    { "reads decimals", "[{'name':{'value':'virtualMachines'},'limit':10.0,'currentValue':8.0}]",
      "Resource quota of virtualMachines exceeded. Maximum allowed: 10, Current in use: 8, "
      "Additional requested: 9." },
    { "knows no limit of what is not listed", "[{'name':{'value':'moons'},'limit':0}]", NULL },
    { "overlooks what has no name", "[{'limit':0},7]", NULL },
};

static void check(void **state)
{
    const struct quota_case *c = *state;
    cleanup_json json *cluster = give_cluster(1);
    cleanup_json json *need = NULL;
    cleanup_json json *usages = json_make(c->usages);
    assert_int_equal(quota_compute_need(cluster, &need, NULL), 0);
    cleanup_error struct error *err = NULL;

    int result = quota_check(usages, need, &err);

    assert_int_equal(result, c->want ? -1 : 0);
    if (!c->want)
        return;
    assert_string_equal(error_text(err), c->want);
    assert_string_equal(error_get_code(err), "ResourceQuotaExceeded");
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 3];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check, &cases[i]);
    tests[ARRAY_LEN(cases)] = (struct CMUnitTest)CASE("counts machines, disks and cores",
                                                      counts_machines_disks_and_cores);
    tests[ARRAY_LEN(cases) + 1] = (struct CMUnitTest)CASE(
        "counts the small machine that boots the first layout", counts_the_small_bootstrap);
    tests[ARRAY_LEN(cases) + 2] =
        (struct CMUnitTest)CASE("refuses a size that nobody knows", refuses_an_unknown_size);
    return RUN_CASES("quota", tests);
}
