#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/net/http.h"
#include "rp/backend/outcome.h"
#include "test/unit/support/fake_clock.h"
#include "test/unit/support/rp/backend/backend_rig.h"
#include "test/unit/support/test.h"

#define CLUSTER(properties) "{'openShiftCluster':{'properties':{" properties "}}}"
#define END "'endTime':'2024-02-03T04:05:06Z'"
#define INTERNAL "'error':{'code':'InternalServerError','message':'Internal server error.'}"

struct make_case {
    const char *name, *cluster;
    const char *code, *text; /* NULL text: success */
    int status;
    const char *body;
    const char *want;
};
static struct make_case make_cases[] = {
    { "success of an update", CLUSTER("'provisioningState':'Updating'"), NULL, NULL, 0, NULL,
      "{'status':'Succeeded'," END ",'resultType':'Success','provisioningState':'Succeeded'}" },
    { "success of a deletion leaves no state", CLUSTER("'provisioningState':'Deleting'"), NULL,
      NULL, 0, NULL, "{'status':'Succeeded'," END ",'resultType':'Success'}" },
    { "an error without a code is ours", CLUSTER("'provisioningState':'Creating'"), NULL, "odd", 0,
      NULL,
      "{'status':'Failed'," END ",'resultType':'InternalServerError','provisioningState':'Failed',"
      "'failedProvisioningState':'Creating','errorDetails':'odd'," INTERNAL "}" },
    { "a code of our own connections is none for the customer",
      CLUSTER("'provisioningState':'Creating'"), HTTP_ERR_REFUSED, "connecting to 10.0.0.4", 0,
      NULL,
      "{'status':'Failed'," END ",'resultType':'InternalServerError','provisioningState':'Failed',"
      "'failedProvisioningState':'Creating','errorDetails':'connecting to 10.0.0.4'," INTERNAL
      "}" },
    { "a code of our own documents is none for the customer",
      CLUSTER("'provisioningState':'Updating'"), DATABASE_CORRUPT, "document x", 0, NULL,
      "{'status':'Failed'," END ",'resultType':'InternalServerError','provisioningState':'Failed',"
      "'failedProvisioningState':'Updating','errorDetails':'document x'," INTERNAL "}" },
    { "an error with a code is the customer's", CLUSTER("'provisioningState':'Creating'"),
      "QuotaExceeded", "no cores left", 400, NULL,
      "{'status':'Failed'," END ",'resultType':'UserError','provisioningState':'Failed',"
      "'failedProvisioningState':'Creating','errorDetails':'no cores left','error':{"
      "'code':'QuotaExceeded','message':'no cores left'}}" },
    { "with the status of a server it counts as ours, and is told",
      CLUSTER("'provisioningState':'Creating'"), "DeploymentFailed", "late", 500, NULL,
      "{'status':'Failed'," END ",'resultType':'InternalServerError','provisioningState':'Failed',"
      "'failedProvisioningState':'Creating','errorDetails':'late','error':{"
      "'code':'DeploymentFailed','message':'late'}}" },
    { "details of Azure's answer ride along", CLUSTER("'provisioningState':'Creating'"), "C", "m",
      409, "{\"error\":{\"details\":[{\"code\":\"Inner\"}]}}",
      "{'status':'Failed'," END ",'resultType':'UserError','provisioningState':'Failed',"
      "'failedProvisioningState':'Creating','errorDetails':'m','error':{"
      "'code':'C','message':'m','details':[{'code':'Inner'}]}}" },
    { "an identity that Azure does not know yet is no fault of the customer",
      CLUSTER("'provisioningState':'Creating'"), "InvalidTemplate",
      "oh: NullOrInvalidGuidExcludePrincipalId", 400, NULL,
      "{'status':'Failed'," END ",'resultType':'InternalServerError','provisioningState':'Failed',"
      "'failedProvisioningState':'Creating',"
      "'errorDetails':'oh: NullOrInvalidGuidExcludePrincipalId'," INTERNAL "}" },
    { "an admin update whose former state is unknown ends in its own",
      CLUSTER("'provisioningState':'AdminUpdating'"), NULL, NULL, 0, NULL,
      "{'status':'Succeeded'," END ",'resultType':'Success','provisioningState':'Succeeded',"
      "'adminUpdateError':''}" },
};

static void check_make(void **state)
{
    const struct make_case *c = *state;
    cleanup_json json *cluster = backend_rig_tree(c->cluster);
    cleanup_json json *want = backend_rig_tree(c->want);
    cleanup_error struct error *e = NULL;
    if (c->text) {
        (void)error_set(&e, ERR_INTERNAL, "%s", c->text);
        if (c->code)
            error_code(&e, c->code);
        if (c->status)
            error_status(&e, c->status);
        if (c->body)
            error_body(&e, c->body);
    }

    cleanup_json json *outcome = outcome_make(cluster, e, FAKE_WALL_NS);

    cleanup_free char *is_text = json_give_sorted(outcome);
    cleanup_free char *want_text = json_give_sorted(want);
    assert_string_equal(is_text, want_text);
}

static void cuts_long_texts_between_letters(void **state)
{
    (void)state;
    cleanup_json json *cluster = backend_rig_tree(CLUSTER("'provisioningState':'Updating'"));
    char text[9000];
    cleanup_error struct error *e = NULL;
    for (size_t i = 0; i + 2 < sizeof(text); i += 2)
        memcpy(text + i, "\xc3\xa4", 3); /* two bytes a letter */
    memmove(text + 1, text, sizeof(text) - 2);
    text[0] = 'a'; /* so that the limit falls inside one */
    text[sizeof(text) - 2] = '\0';
    (void)error_set(&e, ERR_INTERNAL, "%s", text);

    cleanup_json json *outcome = outcome_make(cluster, e, 0);

    assert_int_equal(strlen(json_path_str(outcome, "errorDetails")), 8191);
}

static void the_first_outcome_stays(void **state)
{
    (void)state;
    cleanup_json json *cluster = backend_rig_tree(CLUSTER("'provisioningState':'Updating'"));
    cleanup_json json *first = backend_rig_tree("{'status':'Failed'}");
    cleanup_json json *second = backend_rig_tree("{'status':'Succeeded'}");
    assert_null(outcome_of(cluster));

    assert_int_equal(outcome_put(cluster, first, NULL), 0);
    assert_int_equal(outcome_put(cluster, second, NULL), 0);

    assert_string_equal(json_path_str(outcome_of(cluster), "status"), "Failed");
}

static void knows_terminal_states(void **state)
{
    (void)state;

    assert_true(state_is_terminal("Succeeded"));
    assert_true(state_is_terminal("Failed"));
    assert_false(state_is_terminal("Deleting"));
    assert_false(state_is_terminal(NULL));
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(make_cases) + 3];
    size_t n = 0;
    for (; n < ARRAY_LEN(make_cases); n++)
        tests[n] = (struct CMUnitTest)CASE_OF(make_cases[n].name, check_make, &make_cases[n]);
    tests[n++] =
        (struct CMUnitTest)CASE("cuts long texts between letters", cuts_long_texts_between_letters);
    tests[n++] = (struct CMUnitTest)CASE("the first outcome stays", the_first_outcome_stays);
    tests[n++] = (struct CMUnitTest)CASE("knows terminal states", knows_terminal_states);
    return _cmocka_run_group_tests("outcome", tests, n, NULL, NULL);
}
