#include <string.h>

#include "pkg/base/strv.h"
#include "rp/cluster/storage_firewall.h"
#include "test/unit/support/rp/cluster/azure_steps.h"
#include "test/unit/support/rp/cluster/fake_arm.h"

#define SUBNETS \
    RIG_SUBSCRIPTION "/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/v/subnets/"
#define ACCOUNT(name) RIG_GROUP "/providers/Microsoft.Storage/storageAccounts/" name
#define CLUSTER \
    "{'infraId':'a-12345','storageSuffix':'abcde','masterProfile':{'subnetId':'" SUBNETS "m'}," \
    "'workerProfiles':[{'subnetId':'" SUBNETS "w'}]}"
#define ENDPOINT \
    "{'properties':{'serviceEndpoints':[{'service':'Microsoft.Storage','locations':['*']}]}}"
#define RULE(id) "{'id':'" id "','action':'Allow','state':'Succeeded'}"
#define THEIRS SUBNETS "later"
static const char *const env[] = { "RP_FEATURES=-DisableStorageFirewall", NULL };

static void open_rig(struct cluster_rig *r, struct fake_arm *a)
{
    cluster_rig_open_env(r, CLUSTER, env, NULL, 0);
    fake_arm_use(a, r);
    fake_arm_add(a, SUBNETS "m", ENDPOINT);
    fake_arm_add(a, SUBNETS "w", ENDPOINT);
}

static bool is_open_to(const json *account, const char *tail)
{
    const json *rules = json_path(account, "properties.networkAcls.virtualNetworkRules");
    for (size_t i = 0; i < json_len(rules); i++)
        if (str_ends_nocase(json_path_str(json_at(rules, i), "id"), tail))
            return true;
    return false;
}

static void assert_closed(const json *account)
{
    static const char *const tails[] = { "/subnets/m", "/subnets/w",
                                         "/rp-pe-vnet-001/subnets/rp-pe-subnet" };
    assert_string_equal(json_path_str(account, "properties.networkAcls.defaultAction"), "Deny");
    assert_string_equal(json_path_str(account, "properties.networkAcls.bypass"), "AzureServices");
    assert_string_equal(json_path_str(account, "properties.minimumTlsVersion"), "TLS1_2");
    for (size_t i = 0; i < ARRAY_LEN(tails); i++)
        assert_true(is_open_to(account, tails[i]));
}

static void both_accounts_are_shut_to_others(void **state)
{
    (void)state;
    struct cluster_rig r;
    cleanup_fake_arm struct fake_arm a;
    open_rig(&r, &a);
    fake_arm_add(&a, ACCOUNT("clusterabcde"), "{'kind':'StorageV2','properties':{}}");
    fake_arm_add(&a, ACCOUNT("imageregistryabcde"),
                 "{'properties':{'networkAcls':{'defaultAction':'Allow','ipRules':[]}}}");
    fake_arm_add(&a, ACCOUNT("somebodyelse"), "{'properties':{}}");

    run_step(&r, cluster_ensure_storage_firewall);

    assert_closed(fake_arm_get(&a, ACCOUNT("clusterabcde")));
    assert_closed(fake_arm_get(&a, ACCOUNT("imageregistryabcde")));
    assert_string_equal(json_path_str(fake_arm_get(&a, ACCOUNT("clusterabcde")), "kind"),
                        "StorageV2");
    assert_null(json_path(fake_arm_get(&a, ACCOUNT("somebodyelse")), "properties.networkAcls"));
    assert_int_equal(a.writes.len, 2);
    run_step(&r, cluster_ensure_storage_firewall);
    assert_int_equal(a.writes.len, 2);
    cluster_rig_close(&r);
}

static void networks_that_were_let_in_stay(void **state)
{
    (void)state;
    struct cluster_rig r;
    cleanup_fake_arm struct fake_arm a;
    open_rig(&r, &a);
    fake_arm_add(&a, ACCOUNT("clusterabcde"),
                 "{'properties':{'networkAcls':{'defaultAction':'Deny','ipRules':[{'value':"
                 "'203.0.113.1'}],'virtualNetworkRules':[" RULE(THEIRS) "]}}}");

    run_step(&r, cluster_ensure_storage_firewall);

    const json *account = fake_arm_get(&a, ACCOUNT("clusterabcde"));
    assert_closed(account);
    assert_true(is_open_to(account, "/subnets/later"));
    assert_string_equal(json_path_str(account, "properties.networkAcls.ipRules[0].value"),
                        "203.0.113.1");
    cluster_rig_close(&r);
}

/* Azure keeps their rules, and refuses writes that contain one. */
static void subnets_that_are_gone_are_no_rule_any_more(void **state)
{
    (void)state;
    struct cluster_rig r;
    cleanup_fake_arm struct fake_arm a;
    open_rig(&r, &a);
    fake_arm_add(&a, ACCOUNT("clusterabcde"), "{'properties':{}}");
    run_step(&r, cluster_ensure_storage_firewall);
    json *rules = json_path(fake_arm_get(&a, ACCOUNT("clusterabcde")),
                            "properties.networkAcls.virtualNetworkRules");
    size_t all = json_len(rules);
    for (size_t i = 0; i < all; i++)
        json_put(json_at(rules, i), "state", json_new_str("Succeeded"));
    run_step(&r, cluster_ensure_storage_firewall);
    assert_int_equal(a.writes.len, 1);

    json_append(rules,
                json_make("{'id':%s,'action':'Allow','state':'NetworkSourceDeleted'}", THEIRS));
    run_step(&r, cluster_ensure_storage_firewall);

    const json *account = fake_arm_get(&a, ACCOUNT("clusterabcde"));
    assert_int_equal(a.writes.len, 2);
    assert_false(is_open_to(account, "/subnets/later"));
    assert_int_equal(json_len(json_path(account, "properties.networkAcls.virtualNetworkRules")),
                     all);
    assert_null(json_path(account, "properties.networkAcls.virtualNetworkRules[0].state"));
    cluster_rig_close(&r);
}

/* A subnet without the endpoint cannot be let in by its name; Azure refuses such a rule. */
static void subnets_without_the_endpoint_are_no_rule(void **state)
{
    (void)state;
    struct cluster_rig r;
    cleanup_fake_arm struct fake_arm a;
    open_rig(&r, &a);
    fake_arm_add(&a, SUBNETS "w", "{'properties':{}}");
    fake_arm_add(&a, ACCOUNT("clusterabcde"), "{'properties':{}}");

    run_step(&r, cluster_ensure_storage_firewall);

    assert_true(is_open_to(fake_arm_get(&a, ACCOUNT("clusterabcde")), "/subnets/m"));
    assert_false(is_open_to(fake_arm_get(&a, ACCOUNT("clusterabcde")), "/subnets/w"));
    cluster_rig_close(&r);
}

static void what_azure_refuses_names_the_account(void **state)
{
    (void)state;
    struct cluster_rig r;
    cleanup_fake_arm struct fake_arm a;
    open_rig(&r, &a);
    fake_arm_add(&a, ACCOUNT("clusterabcde"), "{'properties':{}}");
    fake_arm_add(&a, ACCOUNT("imageregistryabcde"), "{'properties':{}}");
    a.refuse = 1;

    cleanup_error struct error *err = fail_step(&r, cluster_ensure_storage_firewall);

    assert_non_null(strstr(error_text(err), "the firewall of account "));
    cluster_rig_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("both accounts are shut to others", both_accounts_are_shut_to_others),
        CASE("networks that were let in stay", networks_that_were_let_in_stay),
        CASE("subnets that are gone are no rule any more",
             subnets_that_are_gone_are_no_rule_any_more),
        CASE("subnets without the endpoint are no rule", subnets_without_the_endpoint_are_no_rule),
        CASE("what Azure refuses names the account", what_azure_refuses_names_the_account),
    };
    return RUN_CASES("storage_firewall", tests);
}
