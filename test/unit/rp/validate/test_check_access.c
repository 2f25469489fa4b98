#include "test/unit/support/rp/validate/validate_rig.h"
#include "test/unit/support/test.h"

#define DECISION_POINT "https://eastus.authorization.azure.net/"
#define READ "Microsoft.Network/virtualNetworks/read"
#define WRITE "Microsoft.Network/virtualNetworks/write"
#define ASKS_ABOUT(attributes) \
    "POST " DECISION_POINT "providers/Microsoft.Authorization/checkAccess" \
    "?api-version=2021-06-01-preview\nAccept: application/json\nUser-Agent: decision\n" \
    "Content-Type: application/json\n@gzip: true\n\n{\"Subject\":{\"Attributes\":{" attributes \
    "}},\"Actions\":[{\"Id\":\"" READ "\"},{\"Id\":\"" WRITE "\"}],\"Resource\":{\"Id\":\"" VNET \
    "\"}}"
#define DECISION(action, word) "{\"actionId\":\"" action "\",\"accessDecision\":\"" word "\"}"
#define DECIDES(decisions) .reply = "{\"value\":[" decisions "],\"nextLink\":\"\"}"
#define BOTH DECIDES(DECISION(READ, "Allowed") "," DECISION(WRITE, "Allowed"))
#define SIGNS_IN(payload) \
    { \
        .reply = "{\"token_type\":\"Bearer\",\"expires_in\":3599,\"access_token\":\"e30." payload \
                 ".c2ln\"}" \
    }
#define OID "eyJvaWQiOiJjIn0" /* {"oid":"c"} */
/* {"oid":"c","groups":["g"],"_claim_names":{"groups":"s"}} */
#define GROUPS "eyJvaWQiOiJjIiwiZ3JvdXBzIjpbImciXSwiX2NsYWltX25hbWVzIjp7Imdyb3VwcyI6InMifX0"

struct decide_case {
    const char *name, *object_id;
    struct script_step script[5];
    size_t len;
    enum access want;
};
static struct decide_case cases[] = {
    { "what is allowed is allowed",
      NULL,
      { SIGNS_IN(OID), { .request = ASKS_ABOUT("\"ObjectId\":\"c\""), BOTH } },
      2,
      ACCESS_ALLOWED },
    { "groups go along as the token has them",
      NULL,
      { SIGNS_IN(GROUPS),
        { .request = ASKS_ABOUT("\"ObjectId\":\"c\",\"Groups\":[\"g\"],\"_claim_names\":"
                                "\"{\\\"groups\\\":\\\"s\\\"}\""),
          BOTH } },
      2,
      ACCESS_ALLOWED },
    { "an object of the directory needs no token",
      "oid",
      { { .request = ASKS_ABOUT("\"ObjectId\":\"oid\""), BOTH } },
      1,
      ACCESS_ALLOWED },
    { "an action that is not decided is not allowed, yet",
      "oid",
      { { DECIDES(DECISION(READ, "Allowed")) }, { DECIDES("") }, { BOTH } },
      3,
      ACCESS_ALLOWED },
    { "one that is denied is waited for, but not for ever",
      "oid",
      { { DECIDES(DECISION(READ, "Allowed") "," DECISION(WRITE, "NotAllowed")) },
        { DECIDES(DECISION(READ, "Denied") "," DECISION(WRITE, "Allowed")) },
        { DECIDES(DECISION(READ, "Denied") "," DECISION(WRITE, "Allowed")) },
        { DECIDES("") } },
      4,
      ACCESS_REFUSED },
};

static struct arm *give_decision_point(struct validate_rig *r)
{
    const struct arm_config cfg = { .transport = &r->transport.base,
                                    .cloud = r->cfg.cloud,
                                    .endpoint = DECISION_POINT,
                                    .user_agent = "decision",
                                    .clock = &r->clock.base,
                                    .rng = &r->rng.base };
    return arm_new(&cfg);
}

static int ask(struct validate_rig *r, const char *object_id, enum access *ret, struct error **err)
{
    cleanup_json json *actions = json_make("['" READ "','" WRITE "']");
    struct access_answer a = { 0 };
    cleanup_arm struct arm *decision_point = give_decision_point(r);
    r->cfg.decision_point = decision_point;
    int rcode = object_id ? access_check_object(&r->v, object_id, VNET, actions, &a, err)
                          : access_check(&r->v, WHO_CLUSTER, VNET, READ " " WRITE, &a, err);
    *ret = a.access;
    access_answer_release(&a);
    return rcode;
}

static void check(void **state)
{
    const struct decide_case *c = *state;
    cleanup_validate_rig struct validate_rig r;
    enum access access;
    validate_rig_open(&r, "{}", c->script, c->len);

    assert_int_equal(ask(&r, c->object_id, &access, NULL), 0);

    assert_int_equal(access, c->want);
}

static void a_failure_is_told(void **state)
{
    (void)state;
    static const struct script_step script[] = {
        { .status = 403, .reply = "{\"statusCode\":403,\"message\":\"no\"}" }
    };
    cleanup_validate_rig struct validate_rig r;
    cleanup_error struct error *err = NULL;
    enum access access;
    validate_rig_open(&r, "{}", script, ARRAY_LEN(script));

    assert_int_equal(ask(&r, "oid", &access, &err), -1);

    assert_true(error_is(err, ERR_FORBIDDEN));
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 1];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check, &cases[i]);
    tests[ARRAY_LEN(cases)] = (struct CMUnitTest)CASE("a failure is told", a_failure_is_told);
    return RUN_CASES("decisions on access", tests);
}
