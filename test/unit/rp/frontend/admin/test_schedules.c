#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/database/maintenanceschedules.h"
#include "test/unit/support/rp/frontend/admin/admin_rig.h"
#include "test/unit/support/test.h"

#define SCHEDULES "/admin/maintenanceschedules"
#define REST \
    "'maintenanceTaskID':'t','schedule':'Mon *-*-* 0:0','scheduleAcross':'1h','selectors':[{" \
    "'key':'subscriptionState','operator':'in','values':['Registered']}]"
#define SCHEDULE(id, state) "{'id':'" id "','state':'" state "'," REST "}"

static void is_added_and_replaced(void **state)
{
    (void)state;
    struct clusters c;
    admin_rig_init(&c);

    cleanup_json json *added = admin_rig_ask(&c, "PUT", SCHEDULES, SCHEDULE("S1", "Enabled"), 201);
    cleanup_json json *replaced = admin_rig_ask(
        &c, "PUT", SCHEDULES, "{'id':'s1','lookForwardCount':2,'state':'Disabled'," REST "}", 200);
    cleanup_json json *got = admin_rig_ask(&c, "GET", SCHEDULES "/S1", NULL, 200);

    admin_rig_is(added, SCHEDULE("s1", "Enabled"));
    admin_rig_is(replaced, "{'id':'s1','lookForwardCount':2,'state':'Disabled'," REST "}");
    assert_true(json_equal(got, replaced));
    clusters_release(&c);
}

static void gets_an_id_of_ours(void **state)
{
    (void)state;
    struct clusters c;
    admin_rig_init(&c);

    cleanup_json json *first =
        admin_rig_ask(&c, "PUT", SCHEDULES, "{'state':'Enabled'," REST "}", 201);
    cleanup_json json *second =
        admin_rig_ask(&c, "PUT", SCHEDULES, "{'id':'','state':'Enabled'," REST "}", 201);

    assert_int_equal(strlen(json_path_str(first, "id")), UUID_LEN);
    assert_string_not_equal(json_path_str(first, "id"), json_path_str(second, "id"));
    clusters_release(&c);
}

/* The scheduler's own members, and those of newer releases. */
static void keeps_what_is_not_the_clients(void **state)
{
    (void)state;
    struct clusters c;
    admin_rig_init(&c);
    json *tree = json_make("{'id':'s1','leaseOwner':'x','maintenanceSchedule':{'state':'Enabled',"
                           "'maintenanceTaskID':'t','lookForwardCount':9,'unknown':1}}");
    assert_int_equal(maintenanceschedules_create(&c.ctx, c.db, tree, NULL, NULL), 0);

    json_free(admin_rig_ask(&c, "PUT", SCHEDULES, SCHEDULE("s1", "Disabled"), 200));

    cleanup_document struct document d = { 0 };
    assert_int_equal(maintenanceschedules_get(&c.ctx, c.db, "s1", &d, NULL), 0);
    assert_string_equal(json_path_str(d.tree, "leaseOwner"), "x");
    assert_int_equal(json_path_int(d.tree, "maintenanceSchedule.unknown", 0), 1);
    assert_false(json_path_has(d.tree, "maintenanceSchedule.lookForwardCount"));
    assert_false(json_path_has(d.tree, "maintenanceSchedule.id"));
    clusters_release(&c);
}

static void all_are_listed(void **state)
{
    (void)state;
    struct clusters c;
    admin_rig_init(&c);
    cleanup_json json *none = admin_rig_ask(&c, "GET", SCHEDULES, NULL, 200);
    json_free(admin_rig_ask(&c, "PUT", SCHEDULES, SCHEDULE("s1", "Enabled"), 201));
    json_free(admin_rig_ask(&c, "PUT", SCHEDULES, SCHEDULE("s2", "Disabled"), 201));

    cleanup_json json *all = admin_rig_ask(&c, "GET", SCHEDULES, NULL, 200);
    cleanup_json json *first = admin_rig_ask(&c, "GET", SCHEDULES "?limit=1", NULL, 200);
    const char *link = json_path_str(first, "nextLink");
    cleanup_json json *second = admin_rig_ask(&c, "GET", strstr(link, "/admin/"), NULL, 200);

    admin_rig_is(none, "{'value':[]}");
    assert_int_equal(json_len(json_get(all, "value")), 2);
    assert_int_equal(json_len(json_get(first, "value")), 1);
    assert_int_equal(json_len(json_get(second, "value")), 1);
    clusters_release(&c);
}

struct refusal {
    const char *name, *method, *target, *body, *want;
};
static struct refusal refusals[] = {
    { "wants a calendar", "PUT", SCHEDULES,
      "{'maintenanceTaskID':'t','scheduleAcross':'1h','state':'Enabled'}",
      "400 InvalidParameter: Must be provided @schedule" },
    { "wants a state", "PUT", SCHEDULES, "{" REST "}",
      "400 InvalidParameter: Must be one of ['Enabled', 'Disabled'] @state" },
    { "wants an id that can be", "PUT", SCHEDULES, SCHEDULE("a/b", "Enabled"),
      "400 InvalidParameter: The provided id 'a/b' is invalid. @id" },
    { "keeps its task", "PUT", SCHEDULES,
      "{'id':'there','state':'Enabled'," REST ",'maintenanceTaskID':'u'}",
      "400 PropertyChangeNotAllowed: Changing property 'maintenanceTaskID' is not allowed. "
      "@maintenanceTaskID" },
    { "wants lists of text", "PUT", SCHEDULES, "{'selectors':[{'values':[1]}]}",
      "400 InvalidRequestContent: The request content was invalid and could not be deserialized: "
      "\"selectors[0].values[0]: expected a string, not such a number\"." },
    { "knows no other", "GET", SCHEDULES "/moon", NULL,
      "404 NotFound: The maintenance schedule 'moon' was not found." },
};

static void check_refusal(void **state)
{
    const struct refusal *r = *state;
    struct clusters c;
    admin_rig_init(&c);
    json_free(admin_rig_ask(&c, "PUT", SCHEDULES, SCHEDULE("there", "Enabled"), 201));
    admin_rig_refused(&c, r->method, r->target, r->body, r->want);
    clusters_release(&c);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(refusals) + 4] = {
        CASE("is added and replaced", is_added_and_replaced),
        CASE("gets an id of ours", gets_an_id_of_ours),
        CASE("keeps what is not the client's", keeps_what_is_not_the_clients),
        CASE("all are listed", all_are_listed),
    };
    for (size_t i = 0; i < ARRAY_LEN(refusals); i++)
        tests[4 + i] = (struct CMUnitTest)CASE_OF(refusals[i].name, check_refusal, &refusals[i]);
    return RUN_CASES("maintenance schedules", tests);
}
