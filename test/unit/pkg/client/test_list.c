#include "test/unit/pkg/client/client_rig.h"

#define LIST_URL RIG_URL(RIG_GROUP RIG_CLUSTERS, "2025-07-25")
#define NEXT_URL RIG_ENDPOINT "/next"

static const char *give_next(struct client_rig *r, struct aro_openshift_cluster_list *list)
{
    const struct aro_openshift_cluster *item = NULL;
    cleanup_error struct error *err = NULL;
    if (aro_openshift_cluster_list_next(list, &r->azure.ctx, &item, &err) < 0)
        fail_msg("%s", error_text(err));
    return item ? item->name : "end";
}

static void goes_on_through_all_pages(void **state)
{
    (void)state;
    static const struct script_step steps[] = {
        { .request = "GET " LIST_URL "\n" RIG_HEADERS,
          .reply =
              "{\"value\":[{\"name\":\"a\"},{\"name\":\"b\"}],\"nextLink\":\"" NEXT_URL "\"}" },
        { .request = "GET " NEXT_URL "\n" RIG_HEADERS,
          .reply = "{\"value\":[],\"nextLink\":\"" NEXT_URL "2\"}" },
        { .request = "GET " NEXT_URL "2\n" RIG_HEADERS, .reply = "{\"value\":[{\"name\":\"c\"}]}" },
    };
    struct client_rig r;
    client_rig_init(&r, NULL, steps, ARRAY_LEN(steps));
    cleanup_aro_openshift_cluster_list struct aro_openshift_cluster_list *list = NULL;

    assert_int_equal(aro_openshift_clusters_list_by_resource_group(r.client, "group", &list, NULL),
                     0);

    assert_string_equal(give_next(&r, list), "a");
    assert_string_equal(give_next(&r, list), "b");
    assert_string_equal(give_next(&r, list), "c");
    assert_string_equal(give_next(&r, list), "end");
    assert_string_equal(give_next(&r, list), "end");
    client_rig_finish(&r);
}

static void a_call_that_failed_may_be_repeated(void **state)
{
    (void)state;
    static const struct script_step steps[] = {
        { .status = 403, .reply = "{\"error\":{\"code\":\"Forbidden\",\"message\":\"no\"}}" },
        { .reply = "{\"value\":[{\"name\":\"a\"},{\"name\":7}]}" },
    };
    struct client_rig r;
    client_rig_init(&r, NULL, steps, ARRAY_LEN(steps));
    cleanup_aro_openshift_cluster_list struct aro_openshift_cluster_list *list = NULL;
    const struct aro_openshift_cluster *item = NULL;
    cleanup_error struct error *err = NULL;
    assert_int_equal(aro_openshift_clusters_list(r.client, &list, NULL), 0);

    assert_int_equal(aro_openshift_cluster_list_next(list, &r.azure.ctx, &item, &err), -1);
    assert_string_equal(error_get_code(err), "Forbidden");
    assert_string_equal(give_next(&r, list), "a");

    assert_int_equal(aro_openshift_cluster_list_next(list, &r.azure.ctx, &item, &err), -1);
    assert_string_equal(error_text(err), "value[1]: name: is of type integer, not string");
    client_rig_finish(&r);
}

static void the_version_decides_what_can_be_listed(void **state)
{
    (void)state;
    struct client_rig r;
    client_rig_init(&r, "2020-04-30", NULL, 0);
    struct aro_openshift_version_list *list = NULL;
    cleanup_error struct error *err = NULL;

    assert_int_equal(aro_openshift_versions_list(r.client, "eastus", &list, &err), -1);

    assert_true(error_is(err, ERR_UNSUPPORTED));
    client_rig_finish(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("goes on through all pages", goes_on_through_all_pages),
        CASE("a call that failed may be repeated", a_call_that_failed_may_be_repeated),
        CASE("the version decides what can be listed", the_version_decides_what_can_be_listed),
    };
    return RUN_CASES("list", tests);
}
