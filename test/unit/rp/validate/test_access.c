#include <string.h>

#include "test/unit/support/rp/validate/validate_rig.h"
#include "test/unit/support/test.h"

#define READ "Microsoft.Network/virtualNetworks/read"
#define WRITE "Microsoft.Network/virtualNetworks/write"
#define Q(text) "\"" text "\""
#define ASKS_SERVICE PERMISSIONS("cluster", VNET)

struct access_case {
    const char *name;
    enum who who;
    struct script_step script[4];
    size_t len;
    enum access want;
};
static struct access_case cases[] = {
    { "who may all is allowed",
      WHO_CLUSTER,
      { { .request = ASKS_SERVICE, .reply = ALLOWS(ALL) } },
      1,
      ACCESS_ALLOWED },
    { "the provider asks for itself",
      WHO_PROVIDER,
      { { .request = PERMISSIONS("provider", VNET), .reply = ALLOWS(ALL) } },
      1,
      ACCESS_ALLOWED },
    { "one action is not both",
      WHO_CLUSTER,
      { { .reply = ALLOWS(Q(READ)) },
        { .reply = ALLOWS(Q(READ)) },
        { .reply = ALLOWS(Q(READ)) },
        { .reply = ALLOWS(Q(WRITE)) } },
      4,
      ACCESS_REFUSED },
    { "what spreads slowly is waited for",
      WHO_CLUSTER,
      { { .reply = ALLOWS(Q(READ)) },
        { .request = ASKS_SERVICE, .reply = ALLOWS(Q(READ) "," Q(WRITE)) } },
      2,
      ACCESS_ALLOWED },
    { "who may not even ask is asked about again",
      WHO_CLUSTER,
      { { REFUSES(403, "AuthorizationFailed") }, { .reply = ALLOWS(ALL) } },
      2,
      ACCESS_ALLOWED },
    { "and then has no permission",
      WHO_CLUSTER,
      { { REFUSES(403, "AuthorizationFailed") },
        { REFUSES(403, "AuthorizationFailed") },
        { REFUSES(403, "AuthorizationFailed") },
        { REFUSES(403, "AuthorizationFailed") } },
      4,
      ACCESS_REFUSED },
    { "what is not there is not waited for",
      WHO_CLUSTER,
      { { REFUSES(404, "ResourceNotFound") } },
      1,
      ACCESS_NO_RESOURCE },
};

static void check(void **state)
{
    const struct access_case *c = *state;
    cleanup_validate_rig struct validate_rig r;
    struct access_answer a = { 0 };
    validate_rig_open(&r, "{}", c->script, c->len);

    assert_int_equal(access_check(&r.v, c->who, VNET, READ " " WRITE, &a, NULL), 0);

    assert_int_equal(a.access, c->want);
    bool asked_in_vain = c->script[c->len - 1].status == 403;
    assert_int_equal(a.refusal != NULL, asked_in_vain);
    access_answer_release(&a);
}

static void another_failure_is_told(void **state)
{
    (void)state;
    static const struct script_step script[] = { { REFUSES(400, "BadRequest") } };
    cleanup_validate_rig struct validate_rig r;
    cleanup_error struct error *err = NULL;
    struct access_answer a = { 0 };
    validate_rig_open(&r, "{}", script, ARRAY_LEN(script));

    assert_int_equal(access_check(&r.v, WHO_CLUSTER, VNET, READ, &a, &err), -1);

    assert_string_equal(error_get_code(err), "BadRequest");
    access_answer_release(&a);
}

/* ---- an object of the directory ---- */

#define DEFINITION(name) "/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/" name
#define LISTS_ASSIGNMENTS \
    ASKS("provider", VNET "/providers/Microsoft.Authorization/roleAssignments" \
                          "?$filter=assignedTo%28%27oid%27%29&api-version=2018-09-01-preview")
#define ASSIGNMENT(scope, role) \
    "{\"properties\":{\"scope\":\"" scope \
    "\",\"principalId\":\"oid\",\"roleDefinitionId\":\"" DEFINITION(role) "\"}}"
#define READS_ROLE(role) ASKS("provider", DEFINITION(role) "?api-version=2018-01-01-preview")
#define ROLE(actions) "{\"properties\":{\"permissions\":[{\"actions\":[" actions "]}]}}"

struct object_case {
    const char *name;
    struct script_step script[5];
    size_t len;
    enum access want;
};
static struct object_case object_cases[] = {
    { "a role on the resource counts",
      { { .request = LISTS_ASSIGNMENTS, .reply = "{\"value\":[" ASSIGNMENT(VNET, "a") "]}" },
        { .request = READS_ROLE("a"), .reply = ROLE(Q(READ)) } },
      2,
      ACCESS_ALLOWED },
    { "one on what it is in counts, in any letter case",
      { { .reply = "{\"value\":[" ASSIGNMENT("/SUBSCRIPTIONS/s/resourcegroups/NET", "a") "]}" },
        { .reply = ROLE(Q(READ)) } },
      2,
      ACCESS_ALLOWED },
    { "one on the root counts",
      { { .reply = "{\"value\":[" ASSIGNMENT("/", "a") "]}" }, { .reply = ROLE(Q(READ)) } },
      2,
      ACCESS_ALLOWED },
    { "one on what is in it or beside it does not",
      { { .reply = "{\"value\":[" ASSIGNMENT(MASTERS, "a") "," ASSIGNMENT(
              "/subscriptions/s/resourceGroups/ne",
              "a") "," ASSIGNMENT("/subscriptions/s/resourceGroups/ten", "a") "]}" },
        { .reply = "{\"value\":[]}" },
        { .reply = "{\"value\":[]}" },
        { .reply = "{\"value\":[]}" } },
      4,
      ACCESS_REFUSED },
    { "roles add up, and each is read once",
      { { .reply = "{\"value\":[" ASSIGNMENT(VNET, "a") "," ASSIGNMENT(VNET, "b") "]}" },
        { .request = READS_ROLE("a"), .reply = ROLE(Q("x/read")) },
        { .request = READS_ROLE("b"), .reply = ROLE(Q("y/read")) },
        { .reply = "{\"value\":[" ASSIGNMENT(VNET, "A") "," ASSIGNMENT(VNET, "c") "]}" },
        { .request = READS_ROLE("c"), .reply = ROLE(Q(READ)) } },
      5,
      ACCESS_ALLOWED },
};

static void check_object(void **state)
{
    const struct object_case *c = *state;
    cleanup_validate_rig struct validate_rig r;
    cleanup_json json *actions = json_make("[%s]", READ);
    struct access_answer a = { 0 };
    validate_rig_open(&r, "{}", c->script, c->len);

    assert_int_equal(access_check_object(&r.v, "oid", VNET, actions, &a, NULL), 0);

    assert_int_equal(a.access, c->want);
    assert_null(a.identity);
    access_answer_release(&a);
}

static void an_empty_role_is_a_defect(void **state)
{
    (void)state;
    static const struct script_step script[] = { { .reply = "{\"properties\":{}}" } };
    cleanup_validate_rig struct validate_rig r;
    cleanup_error struct error *err = NULL;
    const json *permissions = NULL;
    validate_rig_open(&r, "{}", script, ARRAY_LEN(script));

    assert_int_equal(access_role(&r.v, DEFINITION("a"), &permissions, &err), -1);

    assert_true(error_is(err, ERR_INTERNAL));
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + ARRAY_LEN(object_cases) + 2];
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(cases[i].name, check, &cases[i]);
    for (size_t i = 0; i < ARRAY_LEN(object_cases); i++)
        tests[n++] =
            (struct CMUnitTest)CASE_OF(object_cases[i].name, check_object, &object_cases[i]);
    tests[n++] = (struct CMUnitTest)CASE("another failure is told", another_failure_is_told);
    tests[n++] =
        (struct CMUnitTest)CASE("a role without permissions is told", an_empty_role_is_a_defect);
    return RUN_CASES("permissions on resources", tests);
}
