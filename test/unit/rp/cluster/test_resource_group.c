#include <string.h>

#include "rp/cluster/resource_group.h"
#include "test/unit/support/rp/cluster/azure_steps.h"

#define URL RIG_ARM RIG_SUBSCRIPTION "/resourcegroups/aro-a?api-version=2019-07-01"
#define GROUP(location, owner, more) \
    "{\"location\":\"" location "\",\"managedBy\":\"" owner "\"" more "}"
#define PUT_REQUEST(tags) \
    REQUEST_BODY("PUT", URL, "", \
                 "{\"location\":\"eastus\",\"managedBy\":\"" RIG_KEY("A") "\"," tags "}")
#define PURGE "\"tags\":{\"purge\":\"true\"}"

static void check_new(void **state)
{
    (void)state;
    static const struct script_step script[] = {
        RIG_TOKEN_STEP,
        ARM_ERROR(404, "ResourceGroupNotFound", "gone"),
        { .request = PUT_REQUEST(PURGE), .status = 201, .reply = "{}" },
        /* again: what customers tagged stays */
        { .request = REQUEST("GET", URL),
          .reply = GROUP("EastUS", RIG_KEY("a"), ",\"tags\":{\"team\":\"x\"}") },
        { .request = PUT_REQUEST("\"tags\":{\"team\":\"x\",\"purge\":\"true\"}"), .reply = "{}" },
    };
    struct cluster_rig r;
    cluster_rig_open(&r, "{}", script, ARRAY_LEN(script));

    run_step(&r, cluster_ensure_resource_group);
    run_step(&r, cluster_ensure_resource_group);

    cluster_rig_close(&r);
}

struct refusal {
    const char *name, *group, *code;
    struct script_step put; /* used when the group does not decide */
};
static struct refusal refusals[] = {
    { "a group of somebody else's is refused",
      GROUP("eastus", "/subscriptions/other", ""),
      "ClusterResourceGroupAlreadyExists",
      { 0 } },
    { "a group of nobody's is refused",
      "{\"location\":\"eastus\"}",
      "ClusterResourceGroupAlreadyExists",
      { 0 } },
    { "a group elsewhere is refused",
      GROUP("westus", RIG_KEY("a"), ""),
      "ClusterResourceGroupAlreadyExists",
      { 0 } },
    { "a policy that forbids it is told", GROUP("eastus", RIG_KEY("a"), ""), "DeploymentFailed",
      ARM_ERROR(403, "RequestDisallowedByPolicy", "tag it") },
    { "anything else comes as it is", GROUP("eastus", RIG_KEY("a"), ""), "AuthorizationFailed",
      ARM_ERROR(403, "AuthorizationFailed", "no") },
};

static void check_refused(void **state)
{
    const struct refusal *c = *state;
    const struct script_step script[] = { RIG_TOKEN_STEP, { .reply = c->group }, c->put };
    struct cluster_rig r;
    cluster_rig_open(&r, "{}", script, ARRAY_LEN(script) - (c->put.status ? 0 : 1));

    cleanup_error struct error *err = fail_step(&r, cluster_ensure_resource_group);

    assert_string_equal(error_get_code(err), c->code);
    if (strcmp(c->code, "DeploymentFailed") == 0) {
        assert_int_equal(error_get_status(err), 400);
        assert_non_null(strstr(error_get_body(err), "RequestDisallowedByPolicy"));
    }
    cluster_rig_close(&r);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(refusals) + 1];
    tests[0] = (struct CMUnitTest)CASE("a group is made, and written again", check_new);
    for (size_t i = 0; i < ARRAY_LEN(refusals); i++)
        tests[i + 1] = (struct CMUnitTest)CASE_OF(refusals[i].name, check_refused, &refusals[i]);
    return RUN_CASES("resource_group", tests);
}
