#include "pkg/api/admin/admin.h"
#include "test/unit/pkg/api/api_rig.h"

/* A right schedule, with one member more, which replaces what is there. */
#define WITH(more) \
    "{'state':'Enabled','maintenanceTaskID':'t','schedule':'*-*-* 0:0','scheduleAcross':'1h'," \
    "'selectors':[{'key':'k','operator':'eq','value':'v'}]," more "}"
#define SELECTOR(s) WITH("'selectors':[{'key':'k','operator':'eq','value':'v'},{" s "}]")

struct schedule_case {
    const char *name, *ext, *target, *why; /* target NULL: right */
};
static struct schedule_case cases[] = {
    { "takes a schedule", WITH("'lookForwardCount':3"), NULL, "" },
    { "takes a disabled one", WITH("'state':'Disabled'"), NULL, "" },
    { "takes lists of values", SELECTOR("'key':'k','operator':'notin','values':['a']"), NULL, "" },
    { "needs a task", WITH("'maintenanceTaskID':''"), "maintenanceTaskID", "Must be provided" },
    { "needs a calendar", WITH("'schedule':''"), "schedule", "Must be provided" },
    { "needs a span", WITH("'scheduleAcross':''"), "scheduleAcross", "Must be provided" },
    { "needs selectors", WITH("'selectors':[]"), "selectors", "Must be provided" },
    { "refuses a calendar", WITH("'schedule':'*-*-* 0:1'"), "schedule",
      "the minute '1' is not possible" },
    { "refuses a span", WITH("'scheduleAcross':'1d'"), "scheduleAcross",
      "Must be a duration as '1h30m': '1d'" },
    { "refuses a state", WITH("'state':'Processing'"), "state",
      "Must be one of ['Enabled', 'Disabled']" },
    { "refuses to look back", WITH("'lookForwardCount':-1"), "lookForwardCount",
      "Must be between 0 and 1000" },
    { "refuses a selector of nothing", SELECTOR("'operator':'eq','value':'v'"), "selectors[1].key",
      "Must be provided" },
    { "refuses an operator", SELECTOR("'key':'k','operator':'like'"), "selectors[1].operator",
      "Must be one of ['eq', 'in', 'notin']" },
    { "refuses eq without a value", SELECTOR("'key':'k','operator':'eq'"), "selectors[1].value",
      "Must be provided for operator type 'eq'" },
    { "refuses eq with values", SELECTOR("'key':'k','operator':'eq','value':'v','values':['a']"),
      "selectors[1].values", "Must not be provided for operator type 'eq'" },
    { "refuses in without values", SELECTOR("'key':'k','operator':'in','values':[]"),
      "selectors[1].values", "Must be provided for operator type 'in'" },
    { "refuses notin with a value",
      SELECTOR("'key':'k','operator':'notin','value':'v','values':['a']"), "selectors[1].value",
      "Must not be provided for operator type 'notin'" },
};

static void check(void **state)
{
    const struct schedule_case *c = *state;
    cleanup_json json *ext = rig_give_json(c->ext);
    cleanup_error struct error *err = NULL;

    int result = schedule_validate(ext, NULL, &err);

    assert_int_equal(result, c->target ? -1 : 0);
    assert_string_equal(error_text(err), c->why);
    if (c->target)
        rig_assert_refused(&err, "InvalidParameter", c->target);
}

static void keeps_its_task(void **state)
{
    (void)state;
    cleanup_json json *same = rig_give_json(WITH("'state':'Disabled'"));
    cleanup_json json *other = rig_give_json(WITH("'maintenanceTaskID':'u'"));
    cleanup_error struct error *err = NULL;

    assert_int_equal(schedule_validate(same, same, NULL), 0);
    assert_int_equal(schedule_validate(other, same, &err), -1);

    rig_assert_refused(&err, "PropertyChangeNotAllowed", "maintenanceTaskID");
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 1];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check, &cases[i]);
    tests[ARRAY_LEN(cases)] = (struct CMUnitTest)CASE("keeps its task", keeps_its_task);
    return RUN_CASES("schedule", tests);
}
