#include "pkg/api/model_types.h"
#include "test/unit/pkg/api/api_rig.h"
#include "test/unit/support/test.h"

struct enum_case {
    const char *name;
    const struct api_enum *e;
    const char *value, *rules; /* one letter a version: y or - */
};
static struct enum_case enum_cases[] = {
    { "every version has Succeeded", &enum_provisioning_state, "Succeeded", "yyyyyyyyyyyy" },
    { "every version has AdminUpdating", &enum_provisioning_state, "AdminUpdating",
      "yyyyyyyyyyyy" },
    { "one preview spells Cancelled", &enum_provisioning_state, "Cancelled", "------y-----" },
    { "later versions spell Canceled", &enum_provisioning_state, "Canceled", "--------yyyy" },
    { "letter case matters", &enum_provisioning_state, "succeeded", "------------" },
    { "tasks are for admin", &enum_maintenance_task, "OperatorUpdate", "-----------y" },
    { "Public is a visibility", &enum_visibility, "Public", "yyyyyyyyyyyy" },
    { "empty text is no visibility", &enum_visibility, "", "------------" },
};

static void check_enum(void **state)
{
    const struct enum_case *c = *state;
    for (size_t i = 0; i < RIG_VERSIONS; i++)
        assert_int_equal(api_enum_has(c->e, c->value, 1u << i), c->rules[i] == 'y');
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(enum_cases)];
    for (size_t i = 0; i < ARRAY_LEN(enum_cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(enum_cases[i].name, check_enum, &enum_cases[i]);
    return RUN_CASES("model_enums", tests);
}
