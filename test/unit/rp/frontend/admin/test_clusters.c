#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/database/openshiftclusters.h"
#include "test/unit/support/rp/frontend/admin/admin_rig.h"
#include "test/unit/support/test.h"

#define OTHER_SUB "00000000-0000-0000-0000-00000000000b"
#define PAGES "/admin/providers/Microsoft.RedHatOpenShift/openShiftClusters"

/* A document as the backend leaves it, with secrets. */
static void add(struct clusters *c, const char *sub, const char *name, const char *state)
{
    cleanup_free char *id =
        xasprintf("/subscriptions/%s/resourceGroups/Group" FRONT_TYPE "/%s", sub, name);
    cleanup_free char *key = str_give_lower(id);
    json *tree = json_make(
        "{'key':%s,'clusterResourceGroupIdKey':%s,'clientIdKey':%s,'openShiftCluster':{"
        "'id':%s,'name':%s,'type':'Microsoft.RedHatOpenShift/openShiftClusters','systemData':{"
        "'lastModifiedAt':'2024-01-02T03:04:05Z'},'properties':{'provisioningState':%s,"
        "'createdAt':'2023-01-02T03:04:05Z','createdBy':'Build1','provisionedBy':'build2',"
        "'clusterProfile':{'version':'4.10.20','pullSecret':'verysecret'},"
        "'servicePrincipalProfile':{'clientId':'c','clientSecret':'verysecret'},"
        "'kubeadminPassword':'verysecret','aroSREKubeconfig':'verysecret'}}}",
        key, key, key, id, name, state);
    assert_int_equal(openshiftclusters_create(&c->ctx, c->db, tree, NULL, NULL), 0);
}

static void begin(struct clusters *c)
{
    admin_rig_init(c);
    add(c, OTHER_SUB, "beta", "Failed");
    add(c, FRONT_SUB, "Gamma", "Succeeded");
    add(c, FRONT_SUB, "alpha", "Succeeded");
}

static void all_come_in_pages_without_secrets(void **state)
{
    (void)state;
    struct clusters c;
    begin(&c);
    for (int i = 0; i < 9; i++) {
        cleanup_free char *name = xasprintf("c%d", i);
        add(&c, OTHER_SUB, name, "Succeeded");
    }
    cleanup_strv struct strv ids = STRV_INIT;
    size_t sizes[2] = { 0 }, n = 0;
    cleanup_free char *target = xstrdup(PAGES "?api-version=moon");

    while (target) {
        cleanup_json json *page = admin_rig_ask(&c, "GET", target, NULL, 200);
        cleanup_free char *text = json_give_text(page);
        assert_null(strstr(text, "verysecret"));
        assert_true(n < ARRAY_LEN(sizes));
        sizes[n++] = json_len(json_get(page, "value"));
        for (size_t i = 0; i < json_len(json_get(page, "value")); i++)
            strv_add_unique(&ids, json_path_str(json_at(json_get(page, "value"), i), "id"));
        const char *next = json_path_str(page, "nextLink");
        free(target);
        target = next ? xstrdup(strstr(next, "/admin/")) : NULL;
    }

    assert_int_equal(sizes[0], 10);
    assert_int_equal(sizes[1], 2);
    assert_int_equal(ids.len, 12);
    clusters_release(&c);
}

static void the_form_is_that_of_administrators(void **state)
{
    (void)state;
    struct clusters c;
    admin_rig_init(&c);
    add(&c, FRONT_SUB, "alpha", "Succeeded");

    cleanup_json json *page = admin_rig_ask(&c, "GET", PAGES, NULL, 200);

    const json *cluster = json_path(page, "value[0].properties");
    assert_string_equal(json_path_str(cluster, "createdBy"), "Build1");
    assert_false(json_path_has(cluster, "clusterProfile.pullSecret"));
    clusters_release(&c);
}

static void arms_tokens_are_no_tokens_here(void **state)
{
    (void)state;
    struct clusters c;
    admin_rig_init(&c);
    for (int i = 0; i < 11; i++) {
        cleanup_free char *name = xasprintf("c%02d", i);
        add(&c, FRONT_SUB, name, "Succeeded");
    }
    cleanup_json json *page =
        admin_rig_ask(&c, "GET", "/subscriptions/" FRONT_SUB FRONT_TYPE V_2020, NULL, 200);
    cleanup_free char *target =
        xasprintf(PAGES "?%s", strstr(json_path_str(page, "nextLink"), "$skipToken="));

    admin_rig_refused(&c, "GET", target, NULL,
                      "400 InvalidParameter: The provided $skipToken is invalid. @$skipToken");
    clusters_release(&c);
}

static void the_flat_list_is_sorted(void **state)
{
    static const char *const want[] = { "alpha", "Gamma", "beta" };
    (void)state;
    struct clusters c;
    begin(&c);

    cleanup_json json *list = admin_rig_ask(&c, "GET", "/admin/clusters", NULL, 200);

    assert_int_equal(json_len(list), ARRAY_LEN(want));
    for (size_t i = 0; i < ARRAY_LEN(want); i++)
        assert_string_equal(json_path_str(json_at(list, i), "name"), want[i]);
    json *first = json_at(list, 0);
    assert_int_equal(strlen(json_path_str(first, "key")), UUID_LEN);
    json_del(first, "key");
    admin_rig_is(first, "{'name':'alpha','subscription':'" FRONT_SUB "','resourceGroup':'Group',"
                        "'resourceId':'" FRONT_GROUP FRONT_TYPE "/alpha',"
                        "'provisioningState':'Succeeded','failedProvisioningState':'',"
                        "'version':'4.10.20','createdAt':'2023-01-02T03:04:05Z',"
                        "'createdBy':'Build1','provisionedBy':'build2',"
                        "'lastModified':'2024-01-02T03:04:05Z'}");
    clusters_release(&c);
}

struct filter_case {
    const char *name, *query;
    size_t want;
};
static struct filter_case filters[] = {
    { "filters by a part of the name", "name=AMM", 1 },
    { "filters by a part of the subscription", "subscription=000A", 2 },
    { "filters by a part of the version", "version=10.2", 3 },
    { "filters by who created it", "created_by=build1", 3 },
    { "filters by who changed it last", "provisioned_by=build1", 0 },
    { "filters by the whole state", "state=succeeded", 2 },
    { "does not filter by a part of the state", "state=succ", 0 },
    { "filters by all that is given", "state=succeeded&name=a&subscription=0b", 0 },
    { "does not filter by nothing", "name=&state=&moon=1", 3 },
};

static void check_filter(void **state)
{
    const struct filter_case *f = *state;
    struct clusters c;
    begin(&c);
    cleanup_free char *target = xasprintf("/admin/clusters?%s", f->query);

    cleanup_json json *list = admin_rig_ask(&c, "GET", target, NULL, 200);

    assert_true(json_is_array(list));
    assert_int_equal(json_len(list), f->want);
    clusters_release(&c);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(filters) + 4] = {
        CASE("all come in pages, without secrets", all_come_in_pages_without_secrets),
        CASE("the form is that of administrators", the_form_is_that_of_administrators),
        CASE("ARM's tokens are no tokens here", arms_tokens_are_no_tokens_here),
        CASE("the flat list is sorted", the_flat_list_is_sorted),
    };
    for (size_t i = 0; i < ARRAY_LEN(filters); i++)
        tests[4 + i] = (struct CMUnitTest)CASE_OF(filters[i].name, check_filter, &filters[i]);
    return RUN_CASES("clusters of administrators", tests);
}
