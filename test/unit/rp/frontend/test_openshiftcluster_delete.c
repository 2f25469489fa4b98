#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/rp/frontend/cluster_rig.h"
#include "test/unit/support/test.h"

static void marks_the_cluster(void **state)
{
    (void)state;
    struct clusters c;
    clusters_init(&c);
    clusters_create(&c);
    clusters_finish(&c, "Failed", "Creating");

    cleanup_free char *reply =
        front_give_reply(&c.front, "DELETE", FRONT_CLUSTER V_2020,
                         "Referer: https://arm/outer?api-version=2020-04-30\r\n", NULL);

    assert_memory_equal(reply + 9, "202", 3);
    assert_true(str_ends(reply, "\r\n\r\n"));
    cleanup_json json *document = clusters_give_document(&c);
    const char *id = json_path_str(document, "asyncOperationId");
    cleanup_free char *location = reply_give_header(reply, "Location");
    cleanup_free char *operation = reply_give_header(reply, "Azure-AsyncOperation");
    cleanup_free char *base = xasprintf("https://arm/subscriptions/%s/providers/"
                                        "microsoft.redhatopenshift/locations/eastus/",
                                        FRONT_SUB);
    cleanup_free char *want_location =
        xasprintf("%soperationresults/%s?api-version=2020-04-30", base, id);
    cleanup_free char *want_operation =
        xasprintf("%soperationsstatus/%s?api-version=2020-04-30", base, id);
    assert_string_equal(location, want_location);
    assert_string_equal(operation, want_operation);
    assert_non_null(strstr(reply, "\r\nRetry-After: 10\r\n"));
    const json *p = json_path(document, "openShiftCluster.properties");
    assert_string_equal(json_path_str(p, "provisioningState"), "Deleting");
    assert_string_equal(json_path_str(p, "lastProvisioningState"), "Failed");
    assert_non_null(json_path(document, "correlationData.requestID"));
    clusters_release(&c);
}

static int poison(json *tree, void *arg, struct error **err)
{
    (void)arg;
    json_put(tree, "dequeues", json_new_int(6));
    return json_set_str(tree, "openShiftCluster.properties.provisioningState", "Failed", err);
}

/* What used up the tries of one operation has all of them in the next. */
static void begins_to_count_the_tries_anew(void **state)
{
    static const char *const methods[] = { "DELETE", "PATCH" };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(methods); i++) {
        struct clusters c;
        clusters_init(&c);
        clusters_create(&c);
        clusters_finish(&c, "Failed", "Updating");
        clusters_patch(&c, poison, NULL);

        cleanup_free char *answer = front_give_answer(&c.front, methods[i], FRONT_CLUSTER V_2020,
                                                      i ? "{\"tags\":{\"a\":\"2\"}}" : NULL);

        assert_memory_equal(answer, "20", 2);
        cleanup_json json *document = clusters_give_document(&c);
        assert_null(json_get(document, "dequeues"));
        clusters_release(&c);
    }
}

static void has_nothing_to_do_without_a_cluster(void **state)
{
    (void)state;
    struct clusters c;
    clusters_init(&c);
    clusters_set_subscription(&c, "Unregistered");

    cleanup_free char *answer = front_give_answer(&c.front, "DELETE", FRONT_CLUSTER V_2020, NULL);

    assert_string_equal(answer, "204 ");
    clusters_release(&c);
}

struct delete_case {
    const char *name, *subscription, *cluster, *want; /* NULL: 202 */
};
static struct delete_case cases[] = {
    { "may be asked for in a warned subscription", "Warned", "Succeeded", NULL },
    { "may be asked for in a suspended subscription", "Suspended", "Succeeded", NULL },
    { "may not be asked for in an unregistered subscription", "Unregistered", "Succeeded",
      "400 InvalidSubscriptionState: Request is not allowed in subscription in state "
      "'Unregistered'." },
    { "is the backend's in a deleted subscription", "Deleted", "Succeeded",
      "400 InvalidSubscriptionState: Request is not allowed in subscription in state 'Deleted'." },
    { "waits for a creation", "Registered", "Creating",
      "400 RequestNotAllowed: Request is not allowed in provisioningState 'Creating'." },
    { "waits for an update", "Registered", "AdminUpdating",
      "400 RequestNotAllowed: Request is not allowed in provisioningState 'AdminUpdating'." },
    { "is not asked for twice", "Registered", "Deleting",
      "400 RequestNotAllowed: Request is not allowed in provisioningState 'Deleting'." },
};

static void check_states(void **state)
{
    const struct delete_case *d = *state;
    struct clusters c;
    clusters_init(&c);
    clusters_create(&c);
    clusters_finish(&c, d->cluster, NULL);
    clusters_set_subscription(&c, d->subscription);

    cleanup_free char *got =
        d->want ? front_give_error(&c.front, "DELETE", FRONT_CLUSTER V_2020, NULL)
                : front_give_answer(&c.front, "DELETE", FRONT_CLUSTER V_2020, NULL);

    assert_string_equal(got, d->want ? d->want : "202 ");
    clusters_release(&c);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 3];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check_states, &cases[i]);
    tests[ARRAY_LEN(cases)] =
        (struct CMUnitTest)CASE("marks the cluster and tells where to ask", marks_the_cluster);
    tests[ARRAY_LEN(cases) + 1] = (struct CMUnitTest)CASE("has nothing to do without a cluster",
                                                          has_nothing_to_do_without_a_cluster);
    tests[ARRAY_LEN(cases) + 2] =
        (struct CMUnitTest)CASE("begins to count the tries anew", begins_to_count_the_tries_anew);
    return RUN_CASES("DELETE cluster", tests);
}
