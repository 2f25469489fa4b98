#include "rp/validate/quota.h"
#include "test/unit/support/test.h"

static json *give_cluster(void)
{
    return json_make("{'properties':{'masterProfile':{'vmSize':'Standard_D8s_v3'},'workerProfiles':"
                     "[{'vmSize':'Standard_D4s_v3','count':3},{'vmSize':'Standard_E4s_v3','count':"
                     "2}]}}");
}

static void counts_machines_disks_and_cores(void **state)
{
    (void)state;
    cleanup_json json *cluster = give_cluster();

    cleanup_json json *need = quota_give_compute_need(cluster);
    cleanup_json json *network = quota_give_network_need();

    cleanup_free char *text = json_give_sorted(need);
    assert_string_equal(text, "{\"PremiumDiskCount\":9,\"cores\":52,\"standardDSv3Family\":44,"
                              "\"standardESv3Family\":8,\"virtualMachines\":9}");
    cleanup_free char *network_text = json_give_text(network);
    assert_string_equal(network_text, "{\"PublicIPAddresses\":3}");
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
    cleanup_json json *cluster = give_cluster();
    cleanup_json json *need = quota_give_compute_need(cluster);
    cleanup_json json *usages = json_make(c->usages);
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
    struct CMUnitTest tests[ARRAY_LEN(cases) + 1];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check, &cases[i]);
    tests[ARRAY_LEN(cases)] = (struct CMUnitTest)CASE("counts machines, disks and cores",
                                                      counts_machines_disks_and_cores);
    return RUN_CASES("quota", tests);
}
