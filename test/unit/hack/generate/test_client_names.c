#include "hack/generate/client.h"
#include "pkg/base/mem.h"
#include "test/unit/support/test.h"

struct name_case {
    const char *name, *want, *want_upper;
};
static struct name_case names[] = {
    { "name", "name", "NAME" },
    { "diskSizeGB", "disk_size_gb", "DISK_SIZE_GB" },
    { "preconfiguredNSG", "preconfigured_nsg", "PRECONFIGURED_NSG" },
    { "APIServerProfile", "api_server_profile", "API_SERVER_PROFILE" },
    { "ManagedOutboundIPs", "managed_outbound_ips", "MANAGED_OUTBOUND_IPS" },
    { "OutboundIPPrefix", "outbound_ip_prefix", "OUTBOUND_IP_PREFIX" },
    { "OpenShiftCluster", "openshift_cluster", "OPENSHIFT_CLUSTER" },
    { "openShiftVersion", "openshift_version", "OPENSHIFT_VERSION" },
    { "OpenShiftClusters_ListByResourceGroup", "openshift_clusters_list_by_resource_group",
      "OPENSHIFT_CLUSTERS_LIST_BY_RESOURCE_GROUP" },
    { "SystemAssigned,UserAssigned", "system_assigned_user_assigned",
      "SYSTEM_ASSIGNED_USER_ASSIGNED" },
    { "OVNKubernetes", "ovn_kubernetes", "OVN_KUBERNETES" },
    { "OpenShiftSDN", "openshift_sdn", "OPENSHIFT_SDN" },
};

static void check_name(void **state)
{
    const struct name_case *c = *state;
    cleanup_free char *snake = client_give_snake(c->name), *upper = client_give_upper(c->name);
    assert_string_equal(snake, c->want);
    assert_string_equal(upper, c->want_upper);
}

struct set_case {
    const char *name;
    uint32_t versions;
    const char *set, *text;
};
static struct set_case sets[] = {
    { "all", V_ALL, "V_PUBLIC", "" },
    { "from one on", V_FROM(V_F) | V_ADMIN, "V_FROM(V_F)", "since 2023-04-01" },
    { "one alone", V_C, "V_C", "2021-09-01-preview" },
    { "one, and from another on", V_G | V_FROM(V_I), "V_G | V_FROM(V_I)",
      "2023-07-01-preview, since 2023-11-22" },
    { "the first ones", V_UPTO(V_B), "V_A | V_B", "2019-12-31-preview, 2020-04-30" },
    { "the newest", V_K, "V_K", "2025-07-25" },
    { "none that is public", V_ADMIN, "", "" },
};

static void check_set(void **state)
{
    const struct set_case *c = *state;
    cleanup_free char *set = client_give_version_set(c->versions);
    cleanup_free char *text = client_give_version_text(c->versions);
    assert_string_equal(set, c->set);
    assert_string_equal(text, c->text);
}

static void texts_are_filled(void **state)
{
    (void)state;
    cleanup_buf struct buf out = BUF_INIT(BUF_UNBOUNDED);
    client_fill(&out, "aro_@($, @);", "x", "y%s");
    assert_string_equal(buf_str(&out), "aro_x(y%s, x);");
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(names) + ARRAY_LEN(sets) + 1] = {
        CASE("texts are filled", texts_are_filled),
    };
    size_t n = 1;
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(names[i].name, check_name, &names[i]);
    for (size_t i = 0; i < ARRAY_LEN(sets); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(sets[i].name, check_set, &sets[i]);
    return RUN_CASES("client_names", tests);
}
