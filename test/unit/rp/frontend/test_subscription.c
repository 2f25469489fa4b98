#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/database/subscriptions.h"
#include "test/unit/support/rp/frontend/cluster_rig.h"
#include "test/unit/support/test.h"

#define NEW_SUB "00000000-0000-0000-0000-0000000000FF"
#define TARGET "/subscriptions/" NEW_SUB "?api-version=2.0"
#define BODY \
    "{\"state\":\"%s\",\"properties\":{\"tenantId\":\"t\",\"accountOwner\":{\"email\":" \
    "\"me@example\"},\"registeredFeatures\":[{\"name\":\"Microsoft.RedHatOpenShift/MTU3900\"," \
    "\"state\":\"Registered\"}],\"unknown\":{\"a\":[1.50]}}}"

static char *put_state(struct clusters *c, const char *name)
{
    cleanup_free char *body = xasprintf(BODY, name);
    return front_give_answer(&c->front, "PUT", TARGET, body);
}

static json *give_document(struct clusters *c)
{
    cleanup_document struct document d = { 0 };
    assert_int_equal(
        subscriptions_get(&c->ctx, c->db, "00000000-0000-0000-0000-0000000000ff", &d, NULL), 0);
    return take(d.tree);
}

static void is_stored_whole(void **state)
{
    (void)state;
    struct clusters c;
    clusters_init(&c);

    cleanup_free char *first = put_state(&c, "Registered");
    cleanup_free char *second = put_state(&c, "Warned");

    assert_memory_equal(first, "201", 3);
    assert_memory_equal(second, "200", 3);
    assert_non_null(strstr(second, "\"state\": \"Warned\""));
    assert_non_null(strstr(second, "1.50"));
    assert_null(strstr(second, "me@example"));
    cleanup_json json *document = give_document(&c);
    assert_string_equal(json_path_str(document, "subscription.state"), "Warned");
    assert_string_equal(json_path_str(document, "subscription.properties.tenantId"), "t");
    assert_false(json_path_bool(document, "deleting", false));
    clusters_release(&c);
}

static void stays_deleted(void **state)
{
    (void)state;
    struct clusters c;
    clusters_init(&c);
    cleanup_free char *registered = put_state(&c, "Registered");

    cleanup_free char *deleted = put_state(&c, "Deleted");
    cleanup_free char *again = put_state(&c, "Deleted");
    cleanup_free char *body = xasprintf(BODY, "Registered");
    cleanup_free char *back = front_give_error(&c.front, "PUT", TARGET, body);

    assert_memory_equal(deleted, "200", 3);
    assert_memory_equal(again, "200", 3);
    assert_memory_equal(back, "400 InvalidSubscriptionState: ", 30);
    cleanup_json json *document = give_document(&c);
    assert_true(json_path_bool(document, "deleting", false));
    clusters_release(&c);
}

struct body_case {
    const char *name, *body, *want;
};
static struct body_case cases[] = {
    { "refuses an unknown state", "{\"state\":\"Moon\"}",
      "400 InvalidParameter: The provided state 'Moon' is invalid. @state" },
    { "refuses no state", "{}", "400 InvalidParameter: The provided state '' is invalid. @state" },
    { "refuses what is no JSON", "{", "400 InvalidRequestContent: " },
    { "refuses what is no object", "[]", "400 InvalidRequestContent: " },
    { "refuses bytes that are not UTF-8", "{\"state\":\"\xff\"}", "400 InvalidRequestContent: " },
    { "refuses nothing", NULL, "400 InvalidRequestContent: " },
};

static void check_body(void **state)
{
    const struct body_case *b = *state;
    struct clusters c;
    clusters_init(&c);

    cleanup_free char *got = front_give_error(&c.front, "PUT", TARGET, b->body);

    assert_memory_equal(got, b->want, strlen(b->want));
    clusters_release(&c);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 2];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check_body, &cases[i]);
    tests[ARRAY_LEN(cases)] =
        (struct CMUnitTest)CASE("is stored whole, without its owner's address", is_stored_whole);
    tests[ARRAY_LEN(cases) + 1] = (struct CMUnitTest)CASE("stays deleted", stays_deleted);
    return RUN_CASES("subscriptions", tests);
}
