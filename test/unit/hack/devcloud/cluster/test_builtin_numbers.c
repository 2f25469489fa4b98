#include <string.h>

#include "hack/devcloud/cluster/builtin.h"
#include "test/unit/support/test.h"

static const char *fields_of(const char *type)
{
    for (size_t i = 0; i < builtin_numbers_len; i++)
        if (strcmp(builtin_numbers[i].type, type) == 0)
            return builtin_numbers[i].fields;
    return "";
}

static void is_sorted(void **state)
{
    (void)state;
    for (size_t i = 1; i < builtin_numbers_len; i++)
        if (strcmp(builtin_numbers[i - 1].type, builtin_numbers[i].type) >= 0)
            fail_msg("%s is out of order", builtin_numbers[i].type);
}

static void fields_stand_between_spaces(void **state)
{
    (void)state;
    for (size_t i = 0; i < builtin_numbers_len; i++) {
        const char *fields = builtin_numbers[i].fields;
        if (fields[0] != ' ' || fields[strlen(fields) - 1] != ' ')
            fail_msg("%s: '%s'", builtin_numbers[i].type, fields);
    }
}

static void structures_without_a_name_are_marked(void **state)
{
    (void)state;
    assert_non_null(strstr(fields_of("core.v1.Volume"), " +core.v1.VolumeSource=2 "));
    assert_non_null(strstr(fields_of("core.v1.VolumeSource"), " configMap=19 "));
    for (size_t i = 0; i < builtin_numbers_len; i++) {
        const char *mark = strchr(builtin_numbers[i].fields, '+');
        char type[128] = "";
        if (mark && sscanf(mark, "+%127[^=]", type) == 1 && !*fields_of(type))
            fail_msg("%s: nothing is known of %s", builtin_numbers[i].type, type);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("types are sorted", is_sorted),
        CASE("every field stands between spaces", fields_stand_between_spaces),
        CASE("structures that JSON has no name for are marked",
             structures_without_a_name_are_marked),
    };
    return RUN_CASES("builtin_numbers", tests);
}
