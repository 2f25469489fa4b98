#include "rp/cluster/installer/machines.h"
#include "test/unit/support/rp/cluster/install_inputs.h"
#include "test/unit/support/test.h"

static struct install_inputs s;

static int set_up(void **state)
{
    (void)state;
    install_inputs_init(&s, INSTALLER_V2);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    install_inputs_release(&s);
    return 0;
}

#define SPEC "spec.providerSpec.value."
#define SET_SPEC "spec.template.spec.providerSpec.value."

static void makes_masters(void **state)
{
    (void)state;
    cleanup_json json *list = machines_give_masters(&s.in);

    assert_int_equal(json_len(list), 3);
    const json *last = json_at(list, 2);
    assert_string_equal(json_path_str(last, "metadata.name"), SAMPLE_INFRA_ID "-master-2");
    assert_string_equal(json_path_str(last, SPEC "zone"), "3");
    assert_string_equal(json_path_str(last, SPEC "subnet"), "masters");
    assert_string_equal(json_path_str(last, SPEC "vmSize"), "Standard_D8s_v3");
    assert_string_equal(json_path_str(last, SPEC "userDataSecret.name"), "master-user-data");
    assert_int_equal(json_path_int(last, SPEC "osDisk.diskSizeGB", 0), 1024);
    assert_string_equal(json_path_str(last, SPEC "publicLoadBalancer"), SAMPLE_INFRA_ID);
    assert_string_equal(json_path_str(last, SPEC "internalLoadBalancer"),
                        SAMPLE_INFRA_ID "-internal");
    assert_string_equal(json_path_str(last, SPEC "networkResourceGroup"), "customer-net");
    assert_string_equal(json_path_str(last, SPEC "resourceGroup"), "aro-short");
}

struct split_case {
    const char *name;
    int replicas;
    size_t zones;
    int64_t want[3];
    const char *first;
};
static struct split_case splits[] = {
    { "as many in each zone", 6, 3, { 2, 2, 2 }, SAMPLE_INFRA_ID "-worker-eastus1" },
    { "the rest goes to the first zones", 5, 3, { 2, 2, 1 }, SAMPLE_INFRA_ID "-worker-eastus1" },
    { "fewer than zones leave one empty", 2, 3, { 1, 1, 0 }, SAMPLE_INFRA_ID "-worker-eastus1" },
    { "without zones there is one set, without a zone in its name",
      4,
      0,
      { 4 },
      SAMPLE_INFRA_ID "-worker" },
};

static void splits_workers(void **state)
{
    const struct split_case *c = *state;
    assert_int_equal(
        json_path_put(s.config, "compute[0].replicas", json_new_int(c->replicas), NULL), 0);
    if (c->zones == 0)
        json_path_del(s.config, "compute[0].platform.azure.zones");

    cleanup_json json *list = machines_give_worker_sets(&s.in);

    size_t sets = c->zones ? c->zones : 1;
    assert_int_equal(json_len(list), sets);
    for (size_t i = 0; i < sets; i++)
        assert_int_equal(json_path_int(json_at(list, i), "spec.replicas", -1), c->want[i]);
    const json *first = json_at(list, 0);
    assert_string_equal(json_path_str(first, "metadata.name"), c->first);
    assert_int_equal(json_path_has(first, SET_SPEC "zone"), c->zones > 0);
}

static void sets_find_their_machines(void **state)
{
    (void)state;
    cleanup_json json *list = machines_give_worker_sets(&s.in);
    const json *set = json_at(list, 1);
    const json *wanted = json_path(set, "spec.selector.matchLabels");
    const json *labels = json_path(set, "spec.template.metadata.labels");

    assert_true(json_len(wanted) > 0);
    for (struct json_iter it = json_each(wanted); json_next(&it);)
        assert_true(json_equal(it.value, json_get(labels, it.key)));
    assert_string_equal(json_path_str(set, SET_SPEC "publicLoadBalancer"), SAMPLE_INFRA_ID);
    assert_string_equal(json_path_str(set, SET_SPEC "managedIdentity"), "");
    assert_string_equal(json_path_str(set, SET_SPEC "image.offer"), "aro4");
    assert_false(json_path_has(set, SET_SPEC "internalLoadBalancer"));
}

static void encrypts(void **state)
{
    (void)state;
    assert_int_equal(json_path_put(s.config, "compute[0].platform.azure.encryptionAtHost",
                                   json_new_bool(true), NULL),
                     0);
    assert_int_equal(
        json_path_put(s.config, "compute[0].platform.azure.osDisk",
                      json_make("{'diskSizeGB':256,'diskEncryptionSet':{'subscriptionId':'s',"
                                "'resourceGroup':'g','name':'des'}}"),
                      NULL),
        0);

    cleanup_json json *list = machines_give_worker_sets(&s.in);
    cleanup_json json *masters = machines_give_masters(&s.in);

    const json *set = json_at(list, 0);
    assert_true(json_path_bool(set, SET_SPEC "securityProfile.encryptionAtHost", false));
    assert_int_equal(json_path_int(set, SET_SPEC "osDisk.diskSizeGB", 0), 256);
    assert_string_equal(json_path_str(set, SET_SPEC "osDisk.managedDisk.diskEncryptionSet.id"),
                        "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/"
                        "diskEncryptionSets/des");
    assert_false(json_path_has(json_at(masters, 0), SPEC "securityProfile"));
}

/* There is none where the customer's routes lead traffic out: a machine that wants it could not be made. */
static void routes_of_customers_have_no_public_balancer(void **state)
{
    (void)state;
    assert_int_equal(json_path_put(s.config, "platform.azure.outboundType",
                                   json_new_str("UserDefinedRouting"), NULL),
                     0);

    cleanup_json json *list = machines_give_worker_sets(&s.in);
    cleanup_json json *masters = machines_give_masters(&s.in);

    assert_false(json_path_has(json_at(list, 0), SET_SPEC "publicLoadBalancer"));
    assert_false(json_path_has(json_at(masters, 0), SPEC "publicLoadBalancer"));
    assert_string_equal(json_path_str(json_at(masters, 0), SPEC "internalLoadBalancer"),
                        SAMPLE_INFRA_ID "-internal");
}

int main(void)
{
    struct CMUnitTest tests[4 + ARRAY_LEN(splits)] = {
        CASE("masters are one in each zone", makes_masters),
        CASE("sets select what they make", sets_find_their_machines),
        CASE("disks and hosts are encrypted as asked", encrypts),
        CASE("routes of customers have no public balancer",
             routes_of_customers_have_no_public_balancer),
    };
    for (size_t i = 0; i < ARRAY_LEN(splits); i++)
        tests[4 + i] = (struct CMUnitTest)CASE_OF(splits[i].name, splits_workers, &splits[i]);
    for (size_t i = 0; i < ARRAY_LEN(tests); i++) {
        tests[i].setup_func = set_up;
        tests[i].teardown_func = tear_down;
    }
    return RUN_CASES("machines", tests);
}
