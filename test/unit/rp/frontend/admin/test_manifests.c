#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/database/maintenancemanifests.h"
#include "test/unit/support/rp/frontend/admin/admin_rig.h"
#include "test/unit/support/test.h"

#define MANIFESTS ADMIN_CLUSTER "/maintenancemanifests"
#define QUEUED "/admin/maintenancemanifests/queued"
#define CANCEL "/admin/maintenancemanifests/cancel"
#define WEEK_S (7 * 24 * 60 * 60)
#define NO_CLUSTER \
    "404 ResourceNotFound: The Resource 'openshiftclusters/cluster1' under resource group " \
    "'group' " \
    "was not found."
#define NO_MANIFEST "404 NotFound: The maintenance manifest 'moon' was not found."

static void begin(struct clusters *c)
{
    admin_rig_init(c);
    clusters_create(c);
}

static void add(struct clusters *c, const char *cluster, const char *id, const char *state,
                const char *schedule)
{
    json *tree = json_make("{'id':%s,'clusterResourceID':%s,'maintenanceManifest':{'state':%s,"
                           "'maintenanceTaskID':'t','createdBySchedule':%s,'runAfter':1,"
                           "'runBefore':2,'unknown':3}}",
                           id, cluster, state, schedule);
    assert_int_equal(maintenancemanifests_create(&c->ctx, c->db, tree, NULL, NULL), 0);
}

static json *give_document(struct clusters *c, const char *cluster, const char *id)
{
    const struct manifest_key key = { cluster, id };
    cleanup_document struct document d = { 0 };
    assert_int_equal(maintenancemanifests_get(&c->ctx, c->db, &key, &d, NULL), 0);
    return take(d.tree);
}

static void is_state(struct clusters *c, const char *id, const char *want)
{
    cleanup_json json *document = give_document(c, CLUSTER_KEY, id);
    assert_string_equal(json_path_str(document, "maintenanceManifest.state"), want);
    assert_int_equal(json_path_int(document, "maintenanceManifest.unknown", 0), 3);
}

/* ---- PUT ---- */

static void is_queued_with_defaults(void **state)
{
    (void)state;
    struct clusters c;
    begin(&c);
    int64_t before = clock_wall_ns(clock_system()) / NS_PER_S;

    cleanup_json json *got = admin_rig_ask(&c, "PUT", MANIFESTS,
                                           "{'maintenanceTaskID':'t','id':'mine','state':"
                                           "'Completed','statusText':'x','createdBySchedule':'s'}",
                                           201);

    int64_t after = json_path_int(got, "runAfter", 0);
    assert_int_equal(strlen(json_path_str(got, "id")), UUID_LEN);
    assert_string_equal(json_path_str(got, "state"), "Pending");
    assert_false(json_has(got, "statusText"));
    assert_false(json_has(got, "createdBySchedule"));
    assert_true(after >= before);
    assert_int_equal(json_path_int(got, "runBefore", 0), after + WEEK_S);
    cleanup_json json *document = give_document(&c, CLUSTER_KEY, json_path_str(got, "id"));
    assert_string_equal(json_path_str(document, "clusterResourceID"), CLUSTER_KEY);
    assert_false(json_path_has(document, "maintenanceManifest.createdBySchedule"));
    clusters_release(&c);
}

static void is_queued_as_it_says(void **state)
{
    (void)state;
    struct clusters c;
    begin(&c);

    cleanup_json json *got = admin_rig_ask(
        &c, "PUT", MANIFESTS,
        "{'maintenanceTaskID':'t','priority':3,'runAfter':4000000000,'runBefore':4000000001}", 201);
    cleanup_json json *later =
        admin_rig_ask(&c, "PUT", MANIFESTS, "{'maintenanceTaskID':'t','runAfter':4000000000}", 201);

    json_del(got, "id");
    admin_rig_is(got, "{'state':'Pending','maintenanceTaskID':'t','priority':3,"
                      "'runAfter':4000000000,'runBefore':4000000001}");
    assert_int_equal(json_path_int(later, "runBefore", 0), INT64_C(4000000000) + WEEK_S);
    clusters_release(&c);
}

struct refusal {
    const char *name, *method, *target, *body, *want;
};
static struct refusal refusals[] = {
    { "wants a task", "PUT", MANIFESTS, "{}",
      "400 InvalidParameter: Must be provided @maintenanceTaskID" },
    { "wants time to run in", "PUT", MANIFESTS,
      "{'maintenanceTaskID':'t','runAfter':5,'runBefore':4}",
      "400 InvalidParameter: Must not be before runAfter @runBefore" },
    { "wants time to run in before time ends", "PUT", MANIFESTS,
      "{'maintenanceTaskID':'t','runAfter':9223372036854775807}",
      "400 InvalidParameter: Must leave a week to run in @runAfter" },
    { "wants JSON", "PUT", MANIFESTS, "",
      "400 InvalidRequestContent: The request content was invalid and could not be deserialized: "
      "\"unexpected end of JSON input\"." },
    { "knows no other manifest", "GET", MANIFESTS "/moon", NULL, NO_MANIFEST },
    { "cancels no other manifest", "POST", MANIFESTS "/moon/cancel", NULL, NO_MANIFEST },
    { "deletes no other manifest", "DELETE", MANIFESTS "/moon", NULL, NO_MANIFEST },
    { "wants to know whose to cancel", "POST", CANCEL, NULL,
      "400 InvalidParameter: Parameter is missing @scheduleID" },
    { "has no name but one that can be", "GET", MANIFESTS "/a%3fb", NULL,
      "404 NotFound: The maintenance manifest 'a?b' was not found." },
};

static void check_refusal(void **state)
{
    const struct refusal *r = *state;
    struct clusters c;
    begin(&c);
    admin_rig_refused(&c, r->method, r->target, r->body, r->want);
    clusters_release(&c);
}

static const struct {
    const char *method, *target, *body;
} of_a_cluster[] = {
    { "PUT", MANIFESTS, "{'maintenanceTaskID':'t'}" },
    { "GET", MANIFESTS, NULL },
    { "GET", MANIFESTS "/m", NULL },
    { "POST", MANIFESTS "/m/cancel", NULL },
};

static void needs_a_cluster(void **state)
{
    (void)state;
    struct clusters c;
    admin_rig_init(&c);
    for (size_t i = 0; i < ARRAY_LEN(of_a_cluster); i++)
        admin_rig_refused(&c, of_a_cluster[i].method, of_a_cluster[i].target, of_a_cluster[i].body,
                          NO_CLUSTER);
    clusters_release(&c);
}

static void needs_a_cluster_that_stays(void **state)
{
    (void)state;
    struct clusters c;
    begin(&c);
    clusters_finish(&c, "Deleting", NULL);
    add(&c, CLUSTER_KEY, "m", "Pending", NULL);
    for (size_t i = 0; i < ARRAY_LEN(of_a_cluster); i++)
        admin_rig_refused(&c, of_a_cluster[i].method, of_a_cluster[i].target, of_a_cluster[i].body,
                          "404 NotFound: The cluster is being deleted.");
    is_state(&c, "m", "Pending");
    clusters_release(&c);
}

/* ---- GET, DELETE ---- */

static void is_shown_and_deleted(void **state)
{
    (void)state;
    struct clusters c;
    begin(&c);
    add(&c, CLUSTER_KEY, "m", "InProgress", "s");

    cleanup_json json *got = admin_rig_ask(&c, "GET", MANIFESTS "/M", NULL, 200);
    assert_null(admin_rig_ask(&c, "DELETE", MANIFESTS "/m", NULL, 200));

    admin_rig_is(got, "{'id':'m','state':'InProgress','maintenanceTaskID':'t',"
                      "'createdBySchedule':'s','runAfter':1,'runBefore':2}");
    admin_rig_refused(&c, "GET", MANIFESTS "/m", NULL,
                      "404 NotFound: The maintenance manifest 'm' was not found.");
    clusters_release(&c);
}

static void is_deleted_behind_its_cluster(void **state)
{
    (void)state;
    struct clusters c;
    admin_rig_init(&c);
    add(&c, CLUSTER_KEY, "m", "Pending", NULL);

    assert_null(admin_rig_ask(&c, "DELETE", MANIFESTS "/m", NULL, 200));

    clusters_release(&c);
}

static void comes_in_pages_of_any_size(void **state)
{
    (void)state;
    struct clusters c;
    begin(&c);
    add(&c, CLUSTER_KEY, "m1", "Pending", NULL);
    add(&c, CLUSTER_KEY, "m2", "Completed", NULL);
    add(&c, CLUSTER_KEY, "m3", "Failed", NULL);
    add(&c, CLUSTER_KEY "2", "m4", "Pending", NULL);

    cleanup_json json *all = admin_rig_ask(&c, "GET", MANIFESTS, NULL, 200);
    cleanup_json json *first = admin_rig_ask(&c, "GET", MANIFESTS "?limit=2", NULL, 200);
    const char *link = json_path_str(first, "nextLink");
    assert_non_null(link);
    cleanup_json json *second = admin_rig_ask(&c, "GET", strstr(link, "/admin/"), NULL, 200);

    assert_int_equal(json_len(json_get(all, "value")), 3);
    assert_int_equal(json_len(json_get(first, "value")), 2);
    assert_int_equal(json_len(json_get(second, "value")), 1);
    assert_false(json_path_has(all, "value[0].clusterResourceID"));
    clusters_release(&c);
}

static void the_queue_is_that_of_all_clusters(void **state)
{
    (void)state;
    struct clusters c;
    admin_rig_init(&c);
    add(&c, CLUSTER_KEY, "m1", "Pending", NULL);
    add(&c, CLUSTER_KEY "2", "m2", "Pending", NULL);
    add(&c, CLUSTER_KEY "2", "m3", "Completed", NULL);

    cleanup_json json *all = admin_rig_ask(&c, "GET", QUEUED, NULL, 200);
    cleanup_json json *first = admin_rig_ask(&c, "GET", QUEUED "?limit=1", NULL, 200);

    assert_int_equal(json_len(json_get(all, "value")), 2);
    assert_true(str_starts(json_path_str(all, "value[1].clusterResourceID"), CLUSTER_KEY));
    assert_int_equal(json_len(json_get(first, "value")), 1);
    assert_non_null(json_path_str(first, "nextLink"));
    clusters_release(&c);
}

/* ---- cancelling ---- */

static void is_cancelled_while_it_waits(void **state)
{
    (void)state;
    struct clusters c;
    begin(&c);
    add(&c, CLUSTER_KEY, "m", "Pending", NULL);

    cleanup_json json *got = admin_rig_ask(&c, "POST", MANIFESTS "/m/cancel", NULL, 200);

    admin_rig_is(got, "{'id':'m','state':'Cancelled','maintenanceTaskID':'t','runAfter':1,"
                      "'runBefore':2}");
    is_state(&c, "m", "Cancelled");
    clusters_release(&c);
}

static void is_not_cancelled_afterwards(void **state)
{
    static const char *const states[] = { "InProgress", "Completed", "Failed", "Cancelled" };
    (void)state;
    struct clusters c;
    begin(&c);
    for (size_t i = 0; i < ARRAY_LEN(states); i++) {
        cleanup_free char *target = xasprintf(MANIFESTS "/m%zu/cancel", i);
        cleanup_free char *id = xasprintf("m%zu", i);
        cleanup_free char *want =
            xasprintf("406 PropertyChangeNotAllowed: cannot cancel task in state %s", states[i]);
        add(&c, CLUSTER_KEY, id, states[i], NULL);

        admin_rig_refused(&c, "POST", target, NULL, want);

        is_state(&c, id, states[i]);
    }
    clusters_release(&c);
}

static void all_of_a_schedule_are_cancelled(void **state)
{
    (void)state;
    struct clusters c;
    admin_rig_init(&c);
    for (int i = 0; i < 120; i++) {
        cleanup_free char *id = xasprintf("m%03d", i);
        add(&c, CLUSTER_KEY, id, i == 7 ? "Completed" : "Pending", i % 2 ? "mine" : "other");
    }

    cleanup_json json *got = admin_rig_ask(&c, "POST", CANCEL "?scheduleID=Mine", NULL, 200);
    cleanup_json json *again = admin_rig_ask(&c, "POST", CANCEL "?scheduleID=mine", NULL, 200);

    admin_rig_is(got, "{'cancelled':59,'errors':0}");
    admin_rig_is(again, "{'cancelled':0,'errors':0}");
    is_state(&c, "m007", "Completed");
    is_state(&c, "m119", "Cancelled");
    is_state(&c, "m118", "Pending");
    clusters_release(&c);
}

int main(void)
{
    const struct CMUnitTest own[] = {
        CASE("is queued with defaults", is_queued_with_defaults),
        CASE("is queued as it says", is_queued_as_it_says),
        CASE("needs a cluster", needs_a_cluster),
        CASE("needs a cluster that stays", needs_a_cluster_that_stays),
        CASE("is shown and deleted", is_shown_and_deleted),
        CASE("is deleted behind its cluster", is_deleted_behind_its_cluster),
        CASE("comes in pages of any size", comes_in_pages_of_any_size),
        CASE("the queue is that of all clusters", the_queue_is_that_of_all_clusters),
        CASE("is cancelled while it waits", is_cancelled_while_it_waits),
        CASE("is not cancelled afterwards", is_not_cancelled_afterwards),
        CASE("all of a schedule are cancelled", all_of_a_schedule_are_cancelled),
    };
    struct CMUnitTest tests[ARRAY_LEN(refusals) + ARRAY_LEN(own)];
    memcpy(tests, own, sizeof(own));
    for (size_t i = 0; i < ARRAY_LEN(refusals); i++)
        tests[ARRAY_LEN(own) + i] =
            (struct CMUnitTest)CASE_OF(refusals[i].name, check_refusal, &refusals[i]);
    return RUN_CASES("maintenance manifests", tests);
}
