#include "pkg/api/admin/admin.h"
#include "test/unit/pkg/api/api_rig.h"

struct manifest_case {
    const char *name, *ext, *target, *why; /* target NULL: right */
};
static struct manifest_case cases[] = {
    { "takes a manifest", "{'maintenanceTaskID':'t','runAfter':1,'runBefore':2}", NULL, "" },
    { "needs a task", "{'runAfter':1,'runBefore':2}", "maintenanceTaskID", "Must be provided" },
    { "needs a task that says something", "{'maintenanceTaskID':'','runAfter':1,'runBefore':2}",
      "maintenanceTaskID", "Must be provided" },
    { "needs a begin", "{'maintenanceTaskID':'t','runBefore':2}", "runAfter", "Must be provided" },
    { "needs an end", "{'maintenanceTaskID':'t','runAfter':1,'runBefore':-2}", "runBefore",
      "Must be provided" },
    { "needs time between", "{'maintenanceTaskID':'t','runAfter':3,'runBefore':2}", "runBefore",
      "Must not be before runAfter" },
};

static void check(void **state)
{
    const struct manifest_case *c = *state;
    cleanup_json json *ext = rig_give_json(c->ext);
    cleanup_error struct error *err = NULL;

    int result = manifest_validate(ext, &err);

    assert_int_equal(result, c->target ? -1 : 0);
    assert_string_equal(error_text(err), c->why);
    if (c->target)
        rig_assert_refused(&err, "InvalidParameter", c->target);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases)];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check, &cases[i]);
    return RUN_CASES("manifest", tests);
}
