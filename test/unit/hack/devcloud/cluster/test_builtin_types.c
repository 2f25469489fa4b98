#include <string.h>

#include "hack/devcloud/cluster/builtin.h"
#include "pkg/base/map.h"
#include "pkg/base/strv.h"
#include "test/unit/support/test.h"

static bool is_plain(const char *word)
{
    static const char *const plain[] = { "string", "int",      "number", "bool",  "time",
                                         "bytes",  "quantity", "any",    "empty", "int-or-string" };
    for (size_t i = 0; i < ARRAY_LEN(plain); i++)
        if (str_eq(plain[i], word))
            return true;
    return false;
}

static void every_type_is_there(void **state)
{
    (void)state;
    cleanup_map struct map *types = map_new(NULL);
    static int mark;
    for (size_t i = 0; i < builtin_rows_len; i++)
        if (builtin_rows[i].type)
            map_set(types, builtin_rows[i].type, &mark);

    for (size_t i = 0; i < builtin_rows_len; i++) {
        const char *of = builtin_rows[i].of;
        while (of && (str_starts(of, "[]") || str_starts(of, "{}")))
            of += 2;
        if (of && !is_plain(of) && !map_has(types, of))
            fail_msg("%s: unknown type %s", builtin_rows[i].name, of);
    }
}

static void knows_merge_keys(void **state)
{
    (void)state;
    bool seen = false;
    const char *type = NULL;
    for (size_t i = 0; i < builtin_rows_len; i++) {
        const struct builtin_row *row = &builtin_rows[i];
        type = row->type ? row->type : type;
        if (str_eq(type, "core.v1.PodSpec") && str_eq(row->name, "containers"))
            seen = str_eq(row->of, "[]core.v1.Container") && strstr(row->options, "merge=name");
    }
    assert_true(seen);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("every type that a field names is there", every_type_is_there),
        CASE("the containers of a pod are merged by name", knows_merge_keys),
    };
    return RUN_CASES("builtin_types", tests);
}
