#include <stdlib.h>

#include "hack/devcloud/azure/arm_id.h"
#include "test/unit/support/test.h"

#define GROUP "/subscriptions/S/resourceGroups/G"

static void check_paths(void **state)
{
    (void)state;
    static const struct {
        const char *path, *subscription, *group, *scope, *type, *name;
        bool is_list;
    } rows[] = {
        { "/subscriptions", NULL, NULL, "/subscriptions", NULL, NULL, false },
        { GROUP, "S", "G", GROUP, NULL, NULL, false },
        { GROUP "/providers/A.B/c/N", "S", "G", GROUP, "A.B/c", "N", false },
        { GROUP "/providers/A.B/c", "S", "G", GROUP, "A.B/c", NULL, true },
        { GROUP "/providers/A.B/c/N/d/M", "S", "G", GROUP, "A.B/c/d", "M", false },
        { GROUP "/providers/A.B/c/N/listKeys", "S", "G", GROUP, "A.B/c/listKeys", NULL, true },
        { GROUP "/PROVIDERS/A.B/c/N/providers/X/y/Z", "S", "G", GROUP "/PROVIDERS/A.B/c/N", "X/y",
          "Z", false },
        { "/subscriptions/S/providers/X/y/Z", "S", NULL, "/subscriptions/S", "X/y", "Z", false },
        { "/providers/A.B/operations", NULL, NULL, "", "A.B/operations", NULL, true },
        { "/subscriptions/S/providers/A.B", "S", NULL, "/subscriptions/S", "A.B", NULL, false },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        cleanup_arm_id struct arm_id id = { 0 };
        assert_true(arm_id_init(rows[i].path, &id));
        assert_true(str_eq(id.subscription, rows[i].subscription));
        assert_true(str_eq(id.group, rows[i].group));
        assert_string_equal(id.scope, rows[i].scope);
        assert_true(str_eq(id.type, rows[i].type));
        assert_true(str_eq(arm_id_name(&id), rows[i].name));
        assert_int_equal(id.is_list, rows[i].is_list);
    }
}

static void check_others(void **state)
{
    (void)state;
    static const char *const paths[] = { "", "/", "/v1.0/applications",
                                         "/metadata/authentication" };
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        struct arm_id id;
        assert_false(arm_id_init(paths[i], &id));
        assert_null(id.key);
    }
}

static void check_parents(void **state)
{
    (void)state;
    static const struct {
        const char *path, *parent;
    } rows[] = {
        { GROUP "/providers/A/b/N", NULL },
        { GROUP "/providers/A/b", NULL },
        { GROUP, NULL },
        { GROUP "/providers/A/b/N/c/M", GROUP "/providers/A/b/N" },
        { GROUP "/providers/A/b/N/c", GROUP "/providers/A/b/N" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        cleanup_free char *parent = arm_id_give_parent(rows[i].path);
        assert_true(str_eq(parent, rows[i].parent));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("paths are taken apart at the last provider", check_paths),
        CASE("other paths are none of ARM's", check_others),
        CASE("a child knows its parent", check_parents),
    };
    return RUN_CASES("arm_id", tests);
}
