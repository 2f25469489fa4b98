#include "pkg/base/mem.h"
#include "rp/validate/skus.h"
#include "test/unit/support/test.h"

struct sku_case {
    const char *name;
    const char *skus, *master_encrypts, *worker_encrypts;
    const char *want, *want_target; /* NULL: passes */
};
#define VM(name, more) \
    "{'resourceType':'virtualMachines','name':'" name "','restrictions':[" more \
    "],'capabilities':[{'name':'EncryptionAtHostSupported','value':'True'}]}"
#define WEAK(name) "{'resourceType':'virtualMachines','name':'" name "','capabilities':[]}"
static struct sku_case cases[] = {
    { "passes what can be had", "[" VM("M", "") "," VM("W", "") "]", "Disabled", "Disabled", NULL,
      NULL },
    { "misses a size", "[" VM("M", "") "]", "Disabled", "Disabled",
      "The selected SKU 'W' is unavailable in region 'eastus'",
      "properties.workerProfiles[0].VMSize" },
    { "takes no disk for a machine", "[{'resourceType':'disks','name':'M'}]", "Disabled",
      "Disabled", "The selected SKU 'M' is unavailable in region 'eastus'",
      "properties.masterProfile.VMSize" },
    { "sees a restriction", "[" VM("M", "{'type':'Location','values':['EastUS']}") "]", "Disabled",
      "Disabled", "The selected SKU 'M' is restricted in region 'eastus' for selected subscription",
      "properties.masterProfile.VMSize" },
    { "overlooks restrictions of zones and of other regions",
      "[" VM("M", "{'type':'Zone','values':['eastus']},{'type':'Location','values':['moon']"
                  "}") "," VM("W", "") "]",
      "Disabled", "Disabled", NULL, NULL },
    { "needs what encryption needs", "[" VM("M", "") "," WEAK("W") "]", "Enabled", "Enabled",
      "The selected SKU 'W' does not support encryption at host.",
      "properties.workerProfiles[0].encryptionAtHost" },
    { "needs it only for encryption", "[" WEAK("M") "," WEAK("W") "]", "Disabled", "Disabled", NULL,
      NULL },
};

static void check(void **state)
{
    const struct sku_case *c = *state;
    cleanup_json json *skus = json_make(c->skus);
    cleanup_json json *cluster = json_make(
        "{'properties':{'masterProfile':{'vmSize':'M','encryptionAtHost':%s},'workerProfiles':[{"
        "'vmSize':'W','encryptionAtHost':%s}]}}",
        c->master_encrypts, c->worker_encrypts);
    cleanup_error struct error *err = NULL;

    int result = skus_check(skus, cluster, "eastus", &err);

    assert_int_equal(result, c->want ? -1 : 0);
    if (!c->want)
        return;
    assert_string_equal(error_text(err), c->want);
    assert_string_equal(error_get_target(err), c->want_target);
    assert_string_equal(error_get_code(err), "InvalidParameter");
}

static void a_restriction_of_a_zone_is_of_that_zone(void **state)
{
    (void)state;
    cleanup_json json *skus = json_make(
        "[" VM("Big", "{'type':'Zone','values':['eastus'],'restrictionInfo':{'zones':['2']}}") "]");
    const json *sku = skus_find(skus, "big");

    assert_non_null(sku);
    assert_true(skus_is_restricted(sku, "EastUS", "2"));
    assert_false(skus_is_restricted(sku, "EastUS", "1"));
    assert_false(skus_is_restricted(sku, "westus", "2"));
    assert_false(skus_is_restricted(sku, "EastUS", NULL));
}

static void can_be_had_where_nothing_restricts_it(void **state)
{
    (void)state;
    cleanup_json json *skus = json_make("[" VM("B", "") "," VM(
        "C", "{'type':'Location','values':['eastus']}") ",{'resourceType':'disks','name':'D'}]");

    assert_true(skus_is_available(json_at(skus, 0), "eastus"));
    assert_false(skus_is_available(json_at(skus, 1), "eastus"));
    assert_true(skus_is_available(json_at(skus, 1), "westus"));
    assert_false(skus_is_available(json_at(skus, 2), "eastus"));
}

static void machines_are_known_by_name(void **state)
{
    (void)state;
    cleanup_json json *cluster =
        json_make("{'properties':{'masterProfile':{'vmSize':'M'},'workerProfiles':[{'vmSize':'W'},"
                  "{'vmSize':'M'},{}]}}");
    cleanup_json json *skus =
        json_make("[" VM("w", "") "," VM("X", "") ",{'resourceType':'disks','name':'M'}]");
    cleanup_strv struct strv sizes = STRV_INIT;

    skus_list_sizes(cluster, &sizes);

    cleanup_free char *text = strv_give_joined(&sizes, " ");
    assert_string_equal(text, "M W");
    assert_true(skus_is_named(json_at(skus, 0), &sizes));
    assert_false(skus_is_named(json_at(skus, 1), &sizes));
    assert_false(skus_is_named(json_at(skus, 2), &sizes));
}

static void knows_who_encrypts(void **state)
{
    (void)state;
    cleanup_json json *worker = json_make(
        "{'properties':{'masterProfile':{},'workerProfiles':[{'encryptionAtHost':'Enabled'}]}}");
    cleanup_json json *nobody = json_make(
        "{'properties':{'masterProfile':{'encryptionAtHost':'Disabled'},'workerProfiles':[]}}");

    assert_true(skus_need_encryption_at_host(worker));
    assert_false(skus_need_encryption_at_host(nobody));
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 4];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check, &cases[i]);
    tests[ARRAY_LEN(cases)] =
        (struct CMUnitTest)CASE("knows which machines encrypt", knows_who_encrypts);
    tests[ARRAY_LEN(cases) + 1] = (struct CMUnitTest)CASE("can be had where nothing restricts it",
                                                          can_be_had_where_nothing_restricts_it);
    tests[ARRAY_LEN(cases) + 3] =
        (struct CMUnitTest)CASE("machines are known by name", machines_are_known_by_name);
    tests[ARRAY_LEN(cases) + 2] = (struct CMUnitTest)CASE("a restriction of a zone is of that zone",
                                                          a_restriction_of_a_zone_is_of_that_zone);
    return RUN_CASES("machine sizes in a region", tests);
}
