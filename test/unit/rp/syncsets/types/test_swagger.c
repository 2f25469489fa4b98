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

/* The parameter of that name; NULL: none. */
static const json *find_param(const json *root, const char *operation, const char *name)
{
    cleanup_free char *path = xasprintf("paths%s.parameters", operation);
    const json *list = json_path(root, path);
    for (size_t i = 0; i < json_len(list); i++)
        if (str_eq(json_path_str(json_at(list, i), "name"), name))
            return json_at(list, i);
    return NULL;
}

static const struct param_case {
    const char *operation, *name, *in, *type;
} param_cases[] = {
    { "[\"/v1/clusters\"].get", "watch", "query", "boolean" },
    { "[\"/v1/clusters\"].get", "allowWatchBookmarks", "query", "boolean" },
    { "[\"/v1/clusters/{namespace}\"].get", "timeoutSeconds", "query", "integer" },
    { "[\"/v1/clusters\"].post", "Idempotency-Key", "header", "string" },
    { "[\"/v1/clusters/{namespace}/{name}\"].put", "If-Match", "header", "string" },
    { "[\"/v1/clusters/{namespace}/{name}\"].delete", "orphan", "query", "boolean" },
    { "[\"/v1/selectorsyncsets\"].delete", "labelSelector", "query", "string" },
};

static void parameters_have_their_types(void **state)
{
    (void)state;
    cleanup_json json *v2 = sets_swagger_give_tree(false), *v3 = sets_swagger_give_tree(true);
    for (size_t i = 0; i < ARRAY_LEN(param_cases); i++) {
        const struct param_case *c = &param_cases[i];
        const json *two = find_param(v2, c->operation, c->name),
                   *three = find_param(v3, c->operation, c->name);
        if (!two || !three)
            fail_msg("%s lacks %s", c->operation, c->name);
        assert_string_equal(json_path_str(two, "in"), c->in);
        assert_string_equal(json_path_str(two, "type"), c->type);
        assert_string_equal(json_path_str(three, "schema.type"), c->type);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("both forms are whole", both_forms_are_whole),
        CASE("operation ids are unique", operation_ids_are_unique),
        CASE("parameters have their types", parameters_have_their_types),
    };
    return RUN_CASES("swagger", tests);
}
