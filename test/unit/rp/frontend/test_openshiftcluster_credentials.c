#include <string.h>

#include "pkg/base/mem.h"
#include "test/unit/support/rp/frontend/cluster_rig.h"
#include "test/unit/support/test.h"

#define PASSWORD \
    "200 {\n    \"kubeadminUsername\": \"kubeadmin\",\n    \"kubeadminPassword\": " \
    "\"passw0rd\"\n}\n"

struct credential_case {
    const char *name, *action, *query, *body, *want;
};
static struct credential_case cases[] = {
    { "gives user and password", "/listCredentials", V_2020, NULL, PASSWORD },
    { "gives them under the name of old", "/credentials", V_FIRST, "{}", PASSWORD },
    { "overlooks a body that is JSON", "/listCredentials", V_LAST, "[1]", PASSWORD },
    { "gives the kubeconfig in base64", "/listAdminCredentials", V_LAST, NULL,
      "200 {\n    \"kubeconfig\": \"a2luZDogQ29uZmln\"\n}\n" },
    { "refuses a body that is none", "/listCredentials", V_2020, "{",
      "400 InvalidRequestContent: " },
    { "has no kubeconfig in early versions", "/listAdminCredentials", V_2020, NULL,
      "400 InvalidResourceType: The resource type 'openshiftclusters' could not be found in the "
      "namespace 'microsoft.redhatopenshift' for api version '2020-04-30'." },
    { "has no password for administrators", "/listCredentials", V_ADMIN_, NULL,
      "400 InvalidResourceType: The resource type 'openshiftclusters' could not be found in the "
      "namespace 'microsoft.redhatopenshift' for api version 'admin'." },
};

static void check(void **state)
{
    const struct credential_case *k = *state;
    struct clusters c;
    clusters_init(&c);
    clusters_create(&c);
    clusters_finish(&c, "Succeeded", NULL);
    cleanup_free char *target = xasprintf("%s%s%s", FRONT_CLUSTER, k->action, k->query);

    cleanup_free char *got = strncmp(k->want, "200", 3) == 0
                                 ? front_give_answer(&c.front, "POST", target, k->body)
                                 : front_give_error(&c.front, "POST", target, k->body);

    assert_memory_equal(got, k->want, strlen(k->want));
    clusters_release(&c);
}

struct gate_case {
    const char *name, *subscription, *cluster, *failed, *want; /* NULL: 200 */
};
static struct gate_case gates[] = {
    { "are there while a cluster is updated", "Registered", "Updating", NULL, NULL },
    { "are there when an update failed", "Registered", "Failed", "Updating", NULL },
    { "are not there before the cluster is", "Registered", "Creating", NULL,
      "400 RequestNotAllowed: Request is not allowed in provisioningState 'Creating'." },
    { "are not there when its deletion failed", "Registered", "Failed", "Deleting",
      "400 RequestNotAllowed: Request is not allowed in provisioningState 'Failed'." },
    { "are not for a warned subscription", "Warned", "Succeeded", NULL,
      "400 InvalidSubscriptionState: Request is not allowed in subscription in state 'Warned'." },
};

static void check_gate(void **state)
{
    const struct gate_case *g = *state;
    struct clusters c;
    clusters_init(&c);
    clusters_create(&c);
    clusters_finish(&c, g->cluster, g->failed);
    clusters_set_subscription(&c, g->subscription);
    const char *target = FRONT_CLUSTER "/listCredentials" V_2020;

    cleanup_free char *got = g->want ? front_give_error(&c.front, "POST", target, NULL)
                                     : front_give_answer(&c.front, "POST", target, NULL);

    assert_string_equal(got, g->want ? g->want : PASSWORD);
    clusters_release(&c);
}

static void need_a_cluster(void **state)
{
    (void)state;
    struct clusters c;
    clusters_init(&c);

    cleanup_free char *got =
        front_give_error(&c.front, "POST", FRONT_CLUSTER "/listCredentials" V_2020, NULL);

    assert_memory_equal(got, "404 ResourceNotFound", 20);
    clusters_release(&c);
}

static void never_reach_the_log(void **state)
{
    (void)state;
    struct clusters c;
    clusters_init(&c);
    clusters_create(&c);
    clusters_finish(&c, "Succeeded", NULL);

    cleanup_free char *password =
        front_give_answer(&c.front, "POST", FRONT_CLUSTER "/listCredentials" V_2020, NULL);

    assert_string_equal(password, PASSWORD);
    assert_false(log_capture_has(&c.front.capture, "passw0rd"));
    assert_false(log_capture_has(&c.front.capture, "verysecret"));
    clusters_release(&c);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + ARRAY_LEN(gates) + 2];
    struct CMUnitTest *t = tests;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        *t++ = (struct CMUnitTest)CASE_OF(cases[i].name, check, &cases[i]);
    for (size_t i = 0; i < ARRAY_LEN(gates); i++)
        *t++ = (struct CMUnitTest)CASE_OF(gates[i].name, check_gate, &gates[i]);
    *t++ = (struct CMUnitTest)CASE("need a cluster", need_a_cluster);
    *t++ = (struct CMUnitTest)CASE("never reach the log", never_reach_the_log);
    return RUN_CASES("credentials", tests);
}
