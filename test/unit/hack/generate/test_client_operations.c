#include "test/unit/hack/generate/client_lines.h"

#define DECLARES client_add_operation_declarations
#define DEFINES client_add_operations

static struct line_case cases[] = {
    { "one that gets", DECLARES,
      "int aro_openshift_clusters_get(const struct aro_client *client, const struct opctx *ctx,\n"
      "    const char *resource_group_name,\n    const char *resource_name,\n"
      "    struct aro_openshift_cluster **ret, struct error **err);\n",
      NULL },
    { "one that lists waits for nothing", DECLARES,
      "int aro_openshift_clusters_list(const struct aro_client *client,\n"
      "    struct aro_openshift_cluster_list **ret, struct error **err);\n",
      NULL },
    { "one that begins", DECLARES, "    struct aro_poller **ret, struct error **err);\n", NULL },
    { "a body", DECLARES, "    const struct aro_openshift_cluster *body,\n", NULL },
    { "a list of its own type", DECLARES,
      "int aro_openshift_version_list_next(struct aro_openshift_version_list *list,", NULL },
    { "the versions of an operation", DECLARES,
      "in the specified location. (since 2022-09-04) */\n", NULL },
    { "a row", DEFINES,
      "    { \"OpenShiftClusters_Update\", \"PATCH\",\n      \"/subscriptions/{subscriptionId}/"
      "resourceGroups/{resourceGroupName}/providers/Microsoft.RedHatOpenShift/openShiftClusters/"
      "{resourceName}\",\n      V_PUBLIC, &openshift_cluster_type, &openshift_cluster_type },\n",
      NULL },
    { "a row without bodies", DEFINES, "{resourceName}\",\n      V_PUBLIC, NULL, NULL },\n", NULL },
    { "arguments in the path's order", DEFINES,
      "    const char *const args[] = { resource_group_name, resource_name, NULL };\n", NULL },
    { "the client's own argument is none", DECLARES, NULL, "subscription_id" },
};

/* Two operations give the same list. */
static void lists_are_declared_once(void **state)
{
    (void)state;
    cleanup_buf struct buf out = BUF_INIT(BUF_UNBOUNDED);
    DECLARES(&out);
    const char *first = strstr(buf_str(&out), "struct aro_openshift_cluster_list;");
    assert_non_null(first);
    assert_null(strstr(first + 1, "struct aro_openshift_cluster_list;"));
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 1] = {
        CASE("lists are declared once", lists_are_declared_once),
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i + 1] = (struct CMUnitTest)CASE_OF(cases[i].name, check_lines, &cases[i]);
    return RUN_CASES("client_operations", tests);
}
