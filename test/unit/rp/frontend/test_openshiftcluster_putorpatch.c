#include <pthread.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/database/store.h"
#include "test/unit/support/rp/frontend/cluster_rig.h"
#include "test/unit/support/test.h"

#define TARGET FRONT_CLUSTER V_2020

static json *parse_body(const char *reply)
{
    const char *body = strstr(reply, "\r\n\r\n") + 4;
    json *tree = NULL;
    if (json_parse(body, strlen(body), &tree, NULL) < 0)
        fail_msg("%s", reply);
    return tree;
}

static void creates(void **state)
{
    (void)state;
    struct clusters c;
    clusters_init(&c);
    cleanup_free char *body = clusters_give_body(NULL, NULL);

    cleanup_free char *reply = front_give_reply(
        &c.front, "PUT", TARGET,
        "Content-Type: application/json\r\nReferer: https://arm/x?api-version=2020-04-30\r\n"
        "x-ms-correlation-request-id: corr\r\n"
        "x-ms-arm-resource-system-data: {\"createdBy\":\"me\",\"createdByType\":\"User\"}\r\n",
        body);

    assert_memory_equal(reply + 9, "201", 3);
    cleanup_json json *shown = parse_body(reply);
    assert_string_equal(json_path_str(shown, "id"), FRONT_CLUSTER);
    assert_string_equal(json_path_str(shown, "properties.provisioningState"), "Creating");
    assert_string_equal(json_path_str(shown, "tags.a"), "1");
    assert_null(strstr(reply, "verysecret"));
    assert_null(strstr(reply, "auths"));
    cleanup_json json *d = clusters_give_document(&c);
    cleanup_free char *operation = reply_give_header(reply, "Azure-AsyncOperation");
    cleanup_free char *want =
        xasprintf("https://arm/subscriptions/%s/providers/microsoft.redhatopenshift/locations/"
                  "eastus/operationsstatus/%s?api-version=2020-04-30",
                  FRONT_SUB, json_path_str(d, "asyncOperationId"));
    assert_string_equal(operation, want);
    assert_string_equal(json_path_str(d, "key"), CLUSTER_KEY);
    assert_string_equal(json_path_str(d, "clientIdKey"), CLIENT_ID);
    assert_string_equal(json_path_str(d, "correlationData.correlationId"), "corr");
    const json *cluster = json_get(d, "openShiftCluster");
    cleanup_free char *group = str_give_lower(MANAGED_GROUP);
    assert_string_equal(json_path_str(d, "clusterResourceGroupIdKey"), group);
    assert_string_equal(json_path_str(cluster, "properties.clusterProfile.resourceGroupId"), group);
    assert_string_equal(json_path_str(cluster, "properties.clusterProfile.version"),
                        DEFAULT_VERSION);
    assert_int_equal(json_path_int(cluster, "properties.architectureVersion", -1), 1);
    assert_string_equal(json_path_str(cluster, "systemData.createdBy"), "me");
    assert_string_equal(json_path_str(cluster, "type"),
                        "Microsoft.RedHatOpenShift/openShiftClusters");
    assert_string_not_equal(
        json_path_str(cluster, "properties.servicePrincipalProfile.clientSecret"), "verysecret");
    assert_false(json_path_has(cluster, "properties.featureProfile.gatewayEnabled"));
    clusters_release(&c);
}

static void creates_by_patch_too(void **state)
{
    (void)state;
    struct clusters c;
    clusters_init(&c);
    cleanup_free char *body = clusters_give_body(NULL, NULL);

    cleanup_free char *answer = front_give_answer(&c.front, "PATCH", TARGET, body);

    assert_memory_equal(answer, "201", 3);
    clusters_release(&c);
}

/* ---- what stands in the way of a create ---- */

struct refusal_case {
    const char *name, *target, *edit_path, *edit_value, *want;
};
static struct refusal_case refusals[] = {
    { "tells the field that is wrong", TARGET, "properties.clusterProfile.domain", "1",
      "400 InvalidParameter: The provided domain '1' is invalid. "
      "@properties.clusterProfile.domain" },
    { "refuses a version that cannot be installed", TARGET, "properties.clusterProfile.version",
      "4.1.1",
      "400 InvalidParameter: The requested OpenShift version '4.1.1' is invalid. "
      "@properties.clusterProfile.version" },
    { "refuses another name in the body", TARGET, "name", "moon",
      "400 MismatchingResourceName: The provided resource name 'moon' did not match the name in "
      "the "
      "Url 'Cluster1'. @name" },
    { "creates nothing for administrators", FRONT_CLUSTER V_ADMIN_, "location", "eastus",
      "400 RequestNotAllowed: Admin API does not allow cluster creation." },
};

static void check_refusal(void **state)
{
    const struct refusal_case *r = *state;
    struct clusters c;
    clusters_init(&c);
    cleanup_free char *text = clusters_give_body(NULL, NULL);
    cleanup_json json *body = NULL;
    assert_int_equal(json_parse(text, strlen(text), &body, NULL), 0);
    assert_int_equal(json_set_str(body, r->edit_path, r->edit_value, NULL), 0);
    cleanup_free char *edited = json_give_text(body);

    cleanup_free char *got = front_give_error(&c.front, "PUT", r->target, edited);

    assert_string_equal(got, r->want);
    cleanup_free char *after = front_give_error(&c.front, "GET", TARGET, NULL);
    assert_memory_equal(after, "404", 3);
    clusters_release(&c);
}

struct content_case {
    const char *name, *body;
};
static struct content_case contents[] = {
    { "refuses nothing", "" },
    { "refuses what is no JSON", "moon" },
    { "refuses JSON that ends early", "{\"location\":\"eastus\"" },
    { "refuses what stands behind", "{}x" },
    { "refuses bytes that are not UTF-8", "{\"location\":\"\xff\xfe\"}" },
    { "refuses a list", "[]" },
    { "refuses a wrong type", "{\"properties\":{\"workerProfiles\":7}}" },
    { "refuses a number that is too large",
      "{\"properties\":{\"workerProfiles\":[{\"count\":99999999999999999999}]}}" },
};

static void check_content(void **state)
{
    const struct content_case *k = *state;
    struct clusters c;
    clusters_init(&c);

    cleanup_free char *got = front_give_error(&c.front, "PUT", TARGET, k->body);

    const char *want = "400 InvalidRequestContent: The request content was invalid and could not "
                       "be deserialized: \"";
    assert_memory_equal(got, want, strlen(want));
    clusters_release(&c);
}

static void refuses_deep_nesting(void **state)
{
    (void)state;
    struct clusters c;
    clusters_init(&c);
    struct buf body = BUF_INIT(BUF_UNBOUNDED);
    buf_adds(&body, "{\"tags\":");
    for (int i = 0; i < 100000; i++)
        buf_addc(&body, '[');

    cleanup_free char *got = front_give_error(&c.front, "PUT", TARGET, buf_str(&body));

    assert_memory_equal(got, "400 InvalidRequestContent: ", 27);
    buf_release(&body);
    clusters_release(&c);
}

static void needs_a_registered_subscription(void **state)
{
    (void)state;
    struct clusters c;
    clusters_begin(&c);
    clusters_serve(&c);

    cleanup_free char *unknown = front_give_error(&c.front, "PUT", TARGET, "{}");
    clusters_set_subscription(&c, "Suspended");
    cleanup_free char *suspended = front_give_error(&c.front, "PUT", TARGET, "{}");

    assert_string_equal(unknown, "400 InvalidSubscriptionState: Request is not allowed in "
                                 "unregistered subscription '" FRONT_SUB "'.");
    assert_string_equal(suspended, "400 InvalidSubscriptionState: Request is not allowed in "
                                   "subscription in state 'Suspended'.");
    clusters_release(&c);
}

static void needs_a_default_version(void **state)
{
    (void)state;
    struct clusters c;
    clusters_begin(&c);
    clusters_serve(&c);
    clusters_set_subscription(&c, "Registered");
    clusters_add_version(&c, "4.10.1", true, false);
    cleanup_free char *body = clusters_give_body(NULL, NULL);

    cleanup_free char *got = front_give_error(&c.front, "PUT", TARGET, body);

    assert_memory_equal(got, "500 InternalServerError: No default OpenShift version is available.",
                        67);
    assert_true(str_ends(got, " @properties.clusterProfile.version"));
    clusters_release(&c);
}

static void tells_who_has_the_identity_or_the_group(void **state)
{
    (void)state;
    struct clusters c;
    clusters_init(&c);
    clusters_create(&c);
    const char *other = FRONT_GROUP FRONT_TYPE "/other" V_2020;
    cleanup_free char *same_client = clusters_give_body(NULL, MANAGED_GROUP "2");
    cleanup_free char *same_group =
        clusters_give_body("22222222-2222-2222-2222-222222222222", NULL);

    cleanup_free char *client = front_give_error(&c.front, "PUT", other, same_client);
    cleanup_free char *group = front_give_error(&c.front, "PUT", other, same_group);

    assert_string_equal(client, "400 DuplicateClientID: The provided service principal with client "
                                "ID '" CLIENT_ID "' is already in use by a cluster.");
    cleanup_free char *lower = str_give_lower(MANAGED_GROUP);
    cleanup_free char *want = xasprintf("400 DuplicateResourceGroup: The provided resource group "
                                        "'%s' already contains a cluster.",
                                        lower);
    assert_string_equal(group, want);
    clusters_release(&c);
}

static int refuse_quota(struct create_checks *k, const struct opctx *ctx, const json *cluster,
                        const char *subscription_id, const char *tenant_id, struct error **err)
{
    (void)k;
    (void)ctx;
    assert_string_equal(subscription_id, FRONT_SUB);
    assert_string_equal(tenant_id, "t");
    assert_string_equal(json_path_str(cluster, "properties.masterProfile.vmSize"),
                        "Standard_D8s_v3");
    error_set(err, ERR_INVALID, "Resource quota of cores exceeded.");
    error_code(err, "ResourceQuotaExceeded");
    return -1;
}

static void asks_azure_first(void **state)
{
    (void)state;
    struct create_checks checks = { refuse_quota };
    struct clusters c;
    clusters_begin(&c);
    c.front.cfg.create_checks = &checks;
    clusters_serve(&c);
    clusters_set_subscription(&c, "Registered");
    clusters_add_version(&c, DEFAULT_VERSION, true, true);
    cleanup_free char *body = clusters_give_body(NULL, NULL);

    cleanup_free char *got = front_give_error(&c.front, "PUT", TARGET, body);

    assert_string_equal(got, "400 ResourceQuotaExceeded: Resource quota of cores exceeded.");
    clusters_release(&c);
}

/* ---- races ---- */

struct racer {
    struct clusters *c;
    char *body, *answer;
    pthread_t thread;
};

static void *race(void *arg)
{
    struct racer *r = arg;
    r->answer = front_give_answer(&r->c->front, "PUT", TARGET, r->body);
    return NULL;
}

static int64_t count_operations(struct clusters *c)
{
    const struct store_query q = { .query = QUERY_ALL, .coll = COLL_ASYNC_OPERATIONS };
    int64_t n = -1;
    assert_int_equal(store_count(&c->ctx, database_store(c->db), &q, &n, NULL), 0);
    return n;
}

#define CREDENTIALS \
    "{\"properties\":{\"servicePrincipalProfile\":{\"clientId\":\"%s\",\"clientSecret\":\"s\"}}}"

/* The identity of a cluster is its own also after a change of it. */
static void a_new_identity_is_nobody_elses(void **state)
{
    (void)state;
    struct clusters c;
    clusters_init(&c);
    clusters_create(&c);
    clusters_finish(&c, "Succeeded", NULL);
    static const char taken[] = "22222222-2222-2222-2222-222222222222";
    static const char fresh[] = "33333333-3333-3333-3333-333333333333";
    const char *other = FRONT_GROUP FRONT_TYPE "/other" V_2020;
    const char *third = FRONT_GROUP FRONT_TYPE "/third" V_2020;
    cleanup_free char *other_body = clusters_give_body(taken, MANAGED_GROUP "2");
    cleanup_free char *fresh_body = clusters_give_body(fresh, MANAGED_GROUP "3");
    cleanup_free char *old_body = clusters_give_body(NULL, MANAGED_GROUP "3");
    cleanup_free char *to_taken = xasprintf(CREDENTIALS, taken);
    cleanup_free char *to_fresh = xasprintf(CREDENTIALS, fresh);
    cleanup_free char *created = front_give_answer(&c.front, "PUT", other, other_body);
    int64_t operations = count_operations(&c);

    cleanup_free char *refused = front_give_error(&c.front, "PATCH", TARGET, to_taken);
    int64_t operations_after = count_operations(&c);
    cleanup_free char *changed = front_give_answer(&c.front, "PATCH", TARGET, to_fresh);
    cleanup_free char *with_fresh = front_give_error(&c.front, "PUT", third, fresh_body);
    cleanup_free char *with_old = front_give_answer(&c.front, "PUT", third, old_body);

    assert_memory_equal(created, "201", 3);
    assert_string_equal(refused, "400 DuplicateClientID: The provided service principal with "
                                 "client ID '22222222-2222-2222-2222-222222222222' is already in "
                                 "use by a cluster.");
    assert_int_equal(operations_after, operations);
    assert_memory_equal(changed, "200", 3);
    assert_memory_equal(with_fresh, "400 DuplicateClientID", 21);
    assert_memory_equal(with_old, "201", 3);
    clusters_release(&c);
}

static void creates_once_whoever_asks(void **state)
{
    (void)state;
    struct clusters c;
    clusters_begin(&c);
    c.front.cfg.workers = 8;
    clusters_serve(&c);
    clusters_set_subscription(&c, "Registered");
    clusters_add_version(&c, DEFAULT_VERSION, true, true);
    struct racer racers[8];
    for (size_t i = 0; i < ARRAY_LEN(racers); i++) {
        racers[i] = (struct racer){ .c = &c, .body = clusters_give_body(NULL, NULL) };
        pthread_create(&racers[i].thread, NULL, race, &racers[i]);
    }

    int created = 0, refused = 0;
    for (size_t i = 0; i < ARRAY_LEN(racers); i++) {
        pthread_join(racers[i].thread, NULL);
        created += strncmp(racers[i].answer, "201", 3) == 0;
        refused += strstr(racers[i].answer, "provisioningState 'Creating'") != NULL;
        free(racers[i].answer);
        free(racers[i].body);
    }

    assert_int_equal(created, 1);
    assert_int_equal(refused, 7);
    assert_int_equal(count_operations(&c), 1); /* nobody ends one that never began */
    clusters_release(&c);
}

/* ---- updates ---- */

static void leaves_room_for_the_backend(void **state)
{
    (void)state;
    struct clusters c;
    clusters_init(&c);
    clusters_create(&c);
    clusters_finish(&c, "Succeeded", NULL);
    cleanup_free char *text = xmalloc(800001);
    memset(text, 'x', 800000);
    text[800000] = '\0';
    cleanup_free char *tags = xasprintf("{\"tags\":{\"a\":\"%s\"}}", text);
    cleanup_free char *secret =
        xasprintf("{\"properties\":{\"servicePrincipalProfile\":{\"clientSecret\":\"%s\"}}}", text);

    cleanup_free char *first = front_give_answer(&c.front, "PATCH", TARGET, tags);
    clusters_finish(&c, "Succeeded", NULL);
    int64_t operations = count_operations(&c);
    cleanup_free char *second = front_give_error(&c.front, "PATCH", TARGET, secret);

    assert_memory_equal(first, "200", 3);
    assert_string_equal(second, "400 InvalidResource: The resource definition is invalid.");
    assert_int_equal(count_operations(&c), operations);
    clusters_release(&c);
}

static void updates_by_put_without_secrets(void **state)
{
    (void)state;
    struct clusters c;
    clusters_init(&c);
    clusters_create(&c);
    clusters_finish(&c, "Succeeded", NULL);
    cleanup_json json *before = clusters_give_document(&c);
    cleanup_free char *text = clusters_give_body(NULL, NULL);
    cleanup_json json *body = NULL;
    assert_int_equal(json_parse(text, strlen(text), &body, NULL), 0);
    (void)json_path_del(body, "properties.clusterProfile.pullSecret");
    (void)json_path_del(body, "properties.servicePrincipalProfile.clientSecret");
    (void)json_set_str(
        body, "properties.clusterProfile.resourceGroupId",
        json_path_str(before, "openShiftCluster.properties.clusterProfile.resourceGroupId"), NULL);
    (void)json_set_str(body, "tags.a", "2", NULL);
    cleanup_free char *edited = json_give_text(body);

    cleanup_free char *answer = front_give_answer(&c.front, "PUT", TARGET, edited);

    if (strncmp(answer, "200", 3) != 0)
        fail_msg("%s", answer);
    cleanup_json json *after = clusters_give_document(&c);
    static const char *const kept[] = {
        "openShiftCluster.properties.servicePrincipalProfile.clientSecret",
        "openShiftCluster.properties.clusterProfile.pullSecret",
        "openShiftCluster.properties.clusterProfile.version",
        "openShiftCluster.properties.kubeadminPassword",
        "openShiftCluster.id",
    };
    for (size_t i = 0; i < ARRAY_LEN(kept); i++)
        assert_string_equal(json_path_str(after, kept[i]), json_path_str(before, kept[i]));
    assert_string_equal(json_path_str(after, "openShiftCluster.tags.a"), "2");
    assert_string_equal(json_path_str(after, "openShiftCluster.properties.provisioningState"),
                        "Updating");
    assert_string_equal(json_path_str(after, "openShiftCluster.properties.lastProvisioningState"),
                        "Succeeded");
    clusters_release(&c);
}

static void an_empty_patch_is_an_update(void **state)
{
    (void)state;
    struct clusters c;
    clusters_init(&c);
    clusters_create(&c);
    clusters_finish(&c, "Failed", "Updating");

    cleanup_free char *reply =
        front_give_reply(&c.front, "PATCH", TARGET, "Content-Type: application/json\r\n", "{}");

    assert_memory_equal(reply + 9, "200", 3);
    cleanup_free char *operation = reply_give_header(reply, "Azure-AsyncOperation");
    assert_non_null(operation);
    cleanup_json json *after = clusters_give_document(&c);
    assert_string_equal(json_path_str(after, "openShiftCluster.properties.provisioningState"),
                        "Updating");
    assert_string_equal(json_path_str(after, "openShiftCluster.properties.failedProvisioningState"),
                        "Updating");
    clusters_release(&c);
}

#define WORKERS_BODY(n) \
    "{\"properties\":{\"workerProfiles\":[{\"name\":\"worker\",\"count\":" n "}]}}"

static void scales_in_the_first_version_only(void **state)
{
    (void)state;
    const char *body = WORKERS_BODY("5");
    struct clusters c;
    clusters_init(&c);
    clusters_create(&c);
    clusters_finish(&c, "Succeeded", NULL);

    cleanup_free char *later = front_give_error(&c.front, "PATCH", TARGET, body);
    cleanup_free char *first = front_give_answer(&c.front, "PATCH", FRONT_CLUSTER V_FIRST, body);

    assert_string_equal(later, "400 PropertyChangeNotAllowed: Changing property "
                               "'properties.workerProfiles['worker'].count' is not allowed. "
                               "@properties.workerProfiles['worker'].count");
    assert_memory_equal(first, "200", 3);
    cleanup_json json *after = clusters_give_document(&c);
    assert_int_equal(json_path_int(after, "openShiftCluster.properties.workerProfiles[0].count", 0),
                     5);
    assert_string_equal(
        json_path_str(after, "openShiftCluster.properties.workerProfiles[0].vmSize"),
        "Standard_D2s_v3");
    clusters_release(&c);
}

static void scaling_leaves_the_number_that_was_carried_out(void **state)
{
    (void)state;
    /* Requests one after the other; the record that each leaves, 0 for none. */
    static const struct {
        const char *body;
        int64_t want;
    } steps[] = {
        { "{\"tags\":{\"a\":\"b\"}}", 0 },
        { WORKERS_BODY("3"), 0 }, /* as it is */
        { WORKERS_BODY("5"), 3 },
        { WORKERS_BODY("4"), 3 }, /* the backend's to change */
    };
    struct clusters c;
    clusters_init(&c);
    clusters_create(&c);
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        clusters_finish(&c, "Succeeded", NULL);

        cleanup_free char *answer =
            front_give_answer(&c.front, "PATCH", FRONT_CLUSTER V_FIRST, steps[i].body);

        assert_memory_equal(answer, "200", 3);
        cleanup_json json *after = clusters_give_document(&c);
        assert_int_equal(json_path_int(after, "scaledWorkers", 0), steps[i].want);
    }
    clusters_release(&c);
}

struct state_case {
    const char *name, *cluster, *failed, *want;
};
static struct state_case states[] = {
    { "waits for a creation", "Creating", NULL,
      "400 RequestNotAllowed: Request is not allowed in provisioningState 'Creating'." },
    { "waits for an update", "Updating", NULL,
      "400 RequestNotAllowed: Request is not allowed in provisioningState 'Updating'." },
    { "waits for a deletion", "Deleting", NULL,
      "400 RequestNotAllowed: Request is not allowed in provisioningState 'Deleting'." },
    { "mends no failed creation", "Failed", "Creating",
      "400 RequestNotAllowed: Request is not allowed on cluster whose creation failed. Delete the "
      "cluster." },
    { "mends no failed deletion", "Failed", "Deleting",
      "400 RequestNotAllowed: Request is not allowed on cluster whose deletion failed. Delete the "
      "cluster." },
    { "knows no other failure", "Failed", "Moon",
      "500 InternalServerError: Internal server error." },
};

static void check_states(void **state)
{
    const struct state_case *s = *state;
    struct clusters c;
    clusters_init(&c);
    clusters_create(&c);
    clusters_finish(&c, s->cluster, s->failed);

    cleanup_free char *got = front_give_error(&c.front, "PATCH", TARGET, "{}");

    assert_string_equal(got, s->want);
    clusters_release(&c);
}

static int add_unknown(json *tree, void *arg, struct error **err)
{
    (void)arg;
    return json_path_put(tree, "openShiftCluster.properties.moon", json_make("{'a':[1]}"), err);
}

static void keeps_what_it_does_not_know(void **state)
{
    (void)state;
    struct clusters c;
    clusters_init(&c);
    clusters_create(&c);
    clusters_finish(&c, "Succeeded", NULL);
    clusters_patch(&c, add_unknown, NULL);

    cleanup_free char *answer = front_give_answer(&c.front, "PATCH", TARGET, "{}");

    assert_memory_equal(answer, "200", 3);
    cleanup_json json *after = clusters_give_document(&c);
    assert_int_equal(json_path_int(after, "openShiftCluster.properties.moon.a[0]", 0), 1);
    clusters_release(&c);
}

static const struct CMUnitTest more[] = {
    CASE("creates", creates),
    CASE("creates by PATCH, too", creates_by_patch_too),
    CASE("refuses deep nesting", refuses_deep_nesting),
    CASE("needs a registered subscription", needs_a_registered_subscription),
    CASE("needs a default version", needs_a_default_version),
    CASE("tells who has the identity or the group", tells_who_has_the_identity_or_the_group),
    CASE("keeps an identity that was changed to its cluster", a_new_identity_is_nobody_elses),
    CASE("asks Azure first", asks_azure_first),
    CASE("creates once, whoever asks at the same time", creates_once_whoever_asks),
    CASE("leaves room in the document for the backend", leaves_room_for_the_backend),
    CASE("updates by PUT, which may leave secrets out", updates_by_put_without_secrets),
    CASE("takes an empty PATCH for an update", an_empty_patch_is_an_update),
    CASE("scales workers in the first version only", scales_in_the_first_version_only),
    CASE("scaling leaves the number that was carried out",
         scaling_leaves_the_number_that_was_carried_out),
    CASE("keeps what it does not know", keeps_what_it_does_not_know),
};

int main(void)
{
    struct CMUnitTest
        tests[ARRAY_LEN(refusals) + ARRAY_LEN(contents) + ARRAY_LEN(states) + ARRAY_LEN(more)];
    struct CMUnitTest *t = tests;
    for (size_t i = 0; i < ARRAY_LEN(refusals); i++)
        *t++ = (struct CMUnitTest)CASE_OF(refusals[i].name, check_refusal, &refusals[i]);
    for (size_t i = 0; i < ARRAY_LEN(contents); i++)
        *t++ = (struct CMUnitTest)CASE_OF(contents[i].name, check_content, &contents[i]);
    for (size_t i = 0; i < ARRAY_LEN(states); i++)
        *t++ = (struct CMUnitTest)CASE_OF(states[i].name, check_states, &states[i]);
    memcpy(t, more, sizeof(more));
    return RUN_CASES("PUT and PATCH cluster", tests);
}
