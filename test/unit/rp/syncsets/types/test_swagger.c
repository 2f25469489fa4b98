#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/types/swagger.h"
#include "test/unit/support/test.h"

/* Every reference of j leads somewhere. */
static void check_refs(const json *root, const json *j)
{
    const char *ref = json_str(json_get(j, "$ref"));
    if (ref) {
        cleanup_free char *path = xstrdup(ref + 2);
        for (char *p = path; *p; p++)
            if (*p == '/')
                *p = '.';
        if (!json_path(root, path))
            fail_msg("%s leads nowhere", ref);
    }
    for (struct json_iter it = json_each(j); json_next(&it);)
        check_refs(root, it.value);
    for (size_t i = 0; json_is_array(j) && i < json_len(j); i++)
        check_refs(root, json_at(j, i));
}

static void both_forms_are_whole(void **state)
{
    (void)state;
    for (int v3 = 0; v3 < 2; v3++) {
        cleanup_json json *j = sets_swagger_give_tree(v3);
        check_refs(j, j);
        assert_string_equal(json_path_str(j, "paths[\"/v1/clusters\"].post.operationId"),
                            "createCluster");
        assert_string_equal(
            json_path_str(j, "paths[\"/v1/selectorsyncsets/{name}\"].get.operationId"),
            "getSelectorSyncSet");
        assert_null(json_path(j, "paths[\"/v1/clustersyncs\"].post"));
    }
}

static void operation_ids_are_unique(void **state)
{
    (void)state;
    cleanup_strv struct strv ids = STRV_INIT;
    cleanup_json json *j = sets_swagger_give_tree(false);
    for (struct json_iter p = json_each(json_get(j, "paths")); json_next(&p);)
        for (struct json_iter m = json_each(p.value); json_next(&m);) {
            const char *id = json_path_str(m.value, "operationId");
            if (strv_has(&ids, id))
                fail_msg("%s is there twice", id);
            strv_add(&ids, id);
        }
    assert_true(ids.len > 40);
}

static void it_is_the_same_each_time(void **state)
{
    (void)state;
    cleanup_free char *a = sets_swagger_give(SWAGGER_2_JSON),
                      *b = sets_swagger_give(SWAGGER_2_JSON);
    cleanup_free char *yaml = sets_swagger_give(SWAGGER_2_YAML);
    assert_string_equal(a, b);
    assert_non_null(strstr(yaml, "swagger: \"2.0\""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("both forms are whole", both_forms_are_whole),
        CASE("operation ids are unique", operation_ids_are_unique),
        CASE("it is the same each time", it_is_the_same_each_time),
    };
    return RUN_CASES("swagger", tests);
}
