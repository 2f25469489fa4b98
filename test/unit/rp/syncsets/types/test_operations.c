#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/types/operations.h"
#include "test/unit/support/test.h"

static void paths_are_those_of_the_server(void **state)
{
    (void)state;
    static const struct {
        const char *verb;
        enum api_type_id type;
        const char *path; /* NULL: the type has no such operation */
        const char *id_verb;
    } cases[] = {
        { "create", TYPE_CLUSTERS, "/v1/clusters", "create" },
        { "createIn", TYPE_CLUSTERS, "/v1/clusters/{namespace}", "createIn" },
        { "createIn", TYPE_SELECTORSYNCSETS, NULL, NULL },
        { "get", TYPE_SELECTORSYNCSETS, "/v1/selectorsyncsets/{name}", "get" },
        { "listAll", TYPE_SYNCSETS, "/v1/syncsets", "listAll" },
        { "listAll", TYPE_NAMESPACES, "/v1/namespaces", "list" },
        { "deleteAll", TYPE_SELECTORSYNCSETS, "/v1/selectorsyncsets", "deleteAll" },
        { "update", TYPE_CLUSTERSYNCS, NULL, NULL },
        { "pause", TYPE_CLUSTERS, "/v1/clusters/{namespace}/{name}:pause", "pause" },
        { "pause", TYPE_SYNCSETS, NULL, NULL },
        { "resume", TYPE_SYNCSETS, "/v1/syncsets/{namespace}/{name}:resume", "resume" },
        { "status", TYPE_SYNCSETS, "/v1/syncsets/{namespace}/{name}:status", "status" },
        { "status", TYPE_SELECTORSYNCSETS, "/v1/selectorsyncsets/{name}:status", "status" },
        { "preview", TYPE_SELECTORSYNCSETS, "/v1/selectorsyncsets/{name}:preview", "preview" },
        { "preview", TYPE_SYNCSETS, NULL, NULL },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct api_type *type = &api_types[cases[i].type];
        const struct api_operation *op = NULL;
        for (size_t k = 0; k < api_operations_len; k++)
            if (str_eq(api_operations[k].verb, cases[i].verb))
                op = &api_operations[k];
        assert_non_null(op);
        cleanup_free char *path = api_operation_give_path(op, type);
        bool applies = api_operation_applies(op, type);
        if (applies != (cases[i].path != NULL) || (applies && !str_eq(path, cases[i].path)))
            fail_msg("%s of %s: %s", cases[i].verb, type->plural, applies ? path : "none");
        if (applies)
            assert_string_equal(api_operation_verb(op, type), cases[i].id_verb);
    }
}

static void actions_are_found_where_they_are(void **state)
{
    (void)state;
    const struct api_operation *preview =
        api_operation_find(&api_types[TYPE_SELECTORSYNCSETS], "preview");
    assert_string_equal(preview->method, "POST");
    assert_false(preview->writes);
    assert_null(api_operation_find(&api_types[TYPE_SYNCSETS], "preview"));
    assert_null(api_operation_find(&api_types[TYPE_CLUSTERSYNCS], "pause"));
    assert_null(api_operation_find(&api_types[TYPE_CLUSTERS], ""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("paths are those of the server", paths_are_those_of_the_server),
        CASE("actions are found where they are", actions_are_found_where_they_are),
    };
    return RUN_CASES("operations", tests);
}
