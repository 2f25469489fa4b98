#include "test/unit/pkg/api/api_rig.h"

struct state_case {
    const char *name, *state, *current; /* NULL: none */
    const char *code, *target, *text;   /* code NULL: right */
};
static struct state_case state_cases[] = {
    { "a first registration", "Registered", NULL, NULL, NULL, NULL },
    { "a registration again", "Registered", "Registered", NULL, NULL, NULL },
    { "unregistering", "Unregistered", "Registered", NULL, NULL, NULL },
    { "a warning", "Warned", "Registered", NULL, NULL, NULL },
    { "suspending", "Suspended", "Warned", NULL, NULL, NULL },
    { "deleting", "Deleted", "Suspended", NULL, NULL, NULL },
    { "deleting again", "Deleted", "Deleted", NULL, NULL, NULL },
    { "coming back from deletion", "Registered", "Deleted", "InvalidSubscriptionState", NULL,
      "Request is not allowed in subscription in state 'Deleted'." },
    { "an unknown state", "Resting", NULL, "InvalidParameter", "state",
      "The provided state 'Resting' is invalid." },
    { "a state in other letters", "registered", NULL, "InvalidParameter", "state",
      "The provided state 'registered' is invalid." },
    { "no state", NULL, NULL, "InvalidParameter", "state", "The provided state '' is invalid." },
};

static void check_state(void **state)
{
    const struct state_case *c = *state;
    cleanup_json json *subscription = json_make("{'state':%s}", c->state);
    cleanup_json json *current = c->current ? json_make("{'state':%s}", c->current) : NULL;
    cleanup_error struct error *err = NULL;

    int rc = api_subscription_validate(subscription, current, &err);

    assert_int_equal(rc, c->code ? -1 : 0);
    if (!c->code)
        return;
    assert_string_equal(error_text(err), c->text);
    rig_assert_refused(&err, c->code, c->target);
}

static void the_owner_is_not_stored(void **state)
{
    (void)state;
    cleanup_json json *with = rig_give_json(
        "{'state':'s','properties':{'tenantId':'t','accountOwner':{'email':'a@b','x':1}}}");
    cleanup_json json *without = rig_give_json("{'state':'s','properties':{'x':[1]}}");

    api_subscription_blank_owner(with);
    api_subscription_blank_owner(without);

    rig_assert_json(
        with, "{'state':'s','properties':{'tenantId':'t','accountOwner':{'email':'','x':1}}}");
    rig_assert_json(without, "{'state':'s','properties':{'x':[1]}}");
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(state_cases) + 1] = {
        CASE("the owner's address is not stored", the_owner_is_not_stored),
    };
    for (size_t i = 0; i < ARRAY_LEN(state_cases); i++)
        tests[1 + i] =
            (struct CMUnitTest)CASE_OF(state_cases[i].name, check_state, &state_cases[i]);
    return RUN_CASES("subscription", tests);
}
