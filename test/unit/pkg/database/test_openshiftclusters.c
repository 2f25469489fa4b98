#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/database/openshiftclusters.h"
#include "test/unit/support/pkg/database/database_rig.h"
#include "test/unit/support/test.h"

#define KEY RIG_KEY("a")
#define NEW_CLUSTER(name) \
    "{'key':'" RIG_KEY(name) "','clusterResourceGroupIdKey':'rg-" name "','clientIdKey':'c-" name \
                             "','openShiftCluster':{'id':'/Subscriptions/" \
                             "S','properties':{'provisioningState':'Creating'}}}"

static int create(struct database_rig *r, const char *quoted, struct document *ret,
                  struct error **err)
{
    return openshiftclusters_create(&r->ctx, r->db, rig_tree(quoted), ret, err);
}

static void check_create(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    cleanup_document struct document d = { 0 }, read = { 0 };

    assert_int_equal(create(&r, NEW_CLUSTER("a"), &d, NULL), 0);

    assert_string_equal(json_path_str(d.tree, "partitionKey"),
                        "00000000-0000-0000-0000-000000000000");
    assert_int_equal(strlen(json_path_str(d.tree, "id")), UUID_LEN);
    assert_in_range(json_path_int(d.tree, "bucket", 0), 0, 255);
    assert_int_equal(openshiftclusters_get(&r.ctx, r.db, KEY, &read, NULL), 0);
    assert_true(json_equal(read.tree, d.tree));
    assert_string_equal(read.etag, d.etag);
}

static void check_buckets(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    bool seen[OPENSHIFTCLUSTERS_BUCKETS] = { false };
    int different = 0;
    for (int i = 0; i < 32; i++) {
        cleanup_document struct document d = { 0 };
        cleanup_json json *tree = rig_tree(NEW_CLUSTER("x"));
        cleanup_free char *key = xasprintf("%s%d", RIG_KEY("n"), i);
        json_put(tree, "key", json_new_str(key));
        json_put(tree, "clusterResourceGroupIdKey", json_new_str(key));
        json_put(tree, "clientIdKey", json_new_str(key));
        assert_int_equal(openshiftclusters_create(&r.ctx, r.db, take(tree), &d, NULL), 0);
        size_t bucket = (size_t)json_path_int(d.tree, "bucket", 0);
        different += !seen[bucket];
        seen[bucket] = true;
    }
    assert_in_range(different, 16, 32);
}

struct bad_case {
    const char *name, *tree, *part;
};
static struct bad_case bad_cases[] = {
    { "a key in upper case is refused",
      "{'key':'/subscriptions/S/x','clusterResourceGroupIdKey':'r','clientIdKey':'c'}",
      "the key '/subscriptions/S/x' is not in lower case" },
    { "a key without a subscription is refused",
      "{'key':'/resourcegroups/x','clusterResourceGroupIdKey':'r','clientIdKey':'c'}",
      "names no subscription" },
    { "a key that is a subscription alone is refused",
      "{'key':'/subscriptions/s','clusterResourceGroupIdKey':'r','clientIdKey':'c'}",
      "names no subscription" },
    { "a key of an empty subscription is refused",
      "{'key':'/subscriptions//s','clusterResourceGroupIdKey':'r','clientIdKey':'c'}",
      "names no subscription" },
    { "a cluster without a resource group is refused",
      "{'key':'/subscriptions/s/x','clientIdKey':'c'}",
      "the clusterResourceGroupIdKey of a document is missing" },
    { "a cluster without an identity is refused",
      "{'key':'/subscriptions/s/x','clusterResourceGroupIdKey':'r','clientIdKey':''}",
      "the clientIdKey of a document is missing" },
    { "a foreign partition is refused",
      "{'key':'/subscriptions/s/x','clusterResourceGroupIdKey':'r','clientIdKey':'c',"
      "'partitionKey':'t'}",
      "partitionKey is not that of '/subscriptions/s/x'" },
};

static void check_bad(void **state)
{
    const struct bad_case *c = *state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    cleanup_error struct error *err = NULL;

    assert_int_equal(create(&r, c->tree, NULL, &err), -1);

    assert_int_equal(error_kind(err), ERR_INVALID);
    assert_non_null(strstr(error_text(err), c->part));
}

/* Name, managed resource group, identity: each may be taken. */
static void check_taken(void **state)
{
    (void)state;
    static const char *const shares[] = { "key", "clusterResourceGroupIdKey", "clientIdKey" };
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    assert_int_equal(create(&r, NEW_CLUSTER("a"), NULL, NULL), 0);
    cleanup_json json *a = rig_tree(NEW_CLUSTER("a"));
    for (size_t i = 0; i < ARRAY_LEN(shares); i++) {
        cleanup_json json *b = rig_tree(NEW_CLUSTER("b"));
        cleanup_error struct error *err = NULL;
        json_put(b, shares[i], json_new_str(json_path_str(a, shares[i])));
        assert_int_equal(openshiftclusters_create(&r.ctx, r.db, take(b), NULL, &err), -1);
        assert_int_equal(error_kind(err), ERR_PRECONDITION);
    }
}

static void check_absent(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    cleanup_error struct error *err = NULL, *upper = NULL;
    struct document d = { 0 };

    assert_int_equal(openshiftclusters_get(&r.ctx, r.db, KEY, &d, &err), -1);
    assert_int_equal(error_kind(err), ERR_NOT_FOUND);
    assert_string_equal(error_text(err), "cluster '" KEY "': OpenShiftClusters: no such document");
    assert_int_equal(openshiftclusters_get(&r.ctx, r.db, "/subscriptions/S/x", &d, &upper), -1);
    assert_int_equal(error_kind(upper), ERR_INVALID);
}

static void check_changed(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    cleanup_document struct document first = { 0 }, same = { 0 }, changed = { 0 };
    assert_int_equal(create(&r, NEW_CLUSTER("a"), &first, NULL), 0);

    assert_int_equal(openshiftclusters_get_changed(&r.ctx, r.db, KEY, first.etag, &same, NULL), 0);
    assert_null(same.tree);
    assert_int_equal(openshiftclusters_get_changed(&r.ctx, r.db, KEY, "x", &changed, NULL), 0);
    assert_non_null(changed.tree);
    assert_string_equal(changed.etag, first.etag);
}

static int set_tag(json *tree, void *arg, struct error **err)
{
    return json_set_str(tree, "openShiftCluster.tags.t", arg, err);
}

static void check_patch(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    rig_create_cluster(&r, "a", "Succeeded");
    cleanup_document struct document d = { 0 };
    char value[] = "v";

    assert_int_equal(openshiftclusters_patch(&r.ctx, r.db, KEY, set_tag, value, &d, NULL), 0);

    assert_string_equal(json_path_str(d.tree, "openShiftCluster.tags.t"), "v");
}

/* ---- leases ---- */

struct held {
    char *lease;
    struct document d;
};
static void held_release(struct held *h)
{
    free(h->lease);
    document_release(&h->d);
}
#define cleanup_held CLEANUP_WITH(held_release)

static void hold(struct database_rig *r, struct held *h)
{
    assert_int_equal(openshiftclusters_dequeue(&r->ctx, r->db, &h->lease, &h->d, NULL), 0);
    assert_non_null(h->d.tree);
}

static void check_dequeued_states(void **state)
{
    (void)state;
    static const struct {
        const char *state;
        int64_t queued;
    } states[] = { { "Creating", 1 },  { "Updating", 1 }, { "AdminUpdating", 1 }, { "Deleting", 1 },
                   { "Succeeded", 0 }, { "Failed", 0 },   { "Canceled", 0 },      { "", 0 } };
    for (size_t i = 0; i < ARRAY_LEN(states); i++) {
        cleanup_database_rig struct database_rig r;
        database_rig_open(&r);
        rig_create_cluster(&r, "a", states[i].state);
        int64_t n = -1;
        cleanup_held struct held h = { 0 };
        assert_int_equal(openshiftclusters_queue_length(&r.ctx, r.db, &n, NULL), 0);
        assert_int_equal(n, states[i].queued);
        assert_int_equal(openshiftclusters_dequeue(&r.ctx, r.db, &h.lease, &h.d, NULL), 0);
        assert_int_equal(h.d.tree != NULL, states[i].queued);
    }
}

static void check_lease(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    rig_create_cluster(&r, "a", "Updating");
    cleanup_held struct held h = { 0 };
    cleanup_document struct document d = { 0 };
    cleanup_error struct error *err = NULL;
    hold(&r, &h);

    fake_clock_advance_ms(&r.clock, 50 * 1000);
    assert_int_equal(openshiftclusters_lease(&r.ctx, r.db, KEY, h.lease, &d, NULL), 0);
    assert_int_equal(json_path_int(d.tree, "leaseExpires", 0), RIG_NOW_S + 50 + 60);
    assert_int_equal(json_path_int(d.tree, "dequeues", 0), 1);

    assert_int_equal(openshiftclusters_lease(&r.ctx, r.db, KEY, "another", NULL, &err), -1);
    assert_string_equal(error_get_code(err), DATABASE_LOST_LEASE);
}

static void check_patch_with_lease(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    rig_create_cluster(&r, "a", "Updating");
    cleanup_held struct held h = { 0 };
    cleanup_document struct document d = { 0 };
    char value[] = "v";
    hold(&r, &h);

    assert_int_equal(openshiftclusters_patch_with_lease(&r.ctx, r.db, KEY, "another", set_tag,
                                                        value, NULL, NULL),
                     -1);
    assert_int_equal(
        openshiftclusters_patch_with_lease(&r.ctx, r.db, KEY, h.lease, set_tag, value, &d, NULL),
        0);

    assert_string_equal(json_path_str(d.tree, "openShiftCluster.tags.t"), "v");
    assert_true(document_has_lease(d.tree, h.lease));
}

/* ---- the end of a lease ---- */

#define RUNNING(state) \
    "{'id':'i','key':'" KEY "','partitionKey':'00000000-0000-0000-0000-000000000000'," \
    "'clusterResourceGroupIdKey':'r','clientIdKey':'c','leaseOwner':'me','leaseExpires':9," \
    "'dequeues':3,'asyncOperationId':'o','correlationData':{'requestID':'q'}," \
    "'operationOutcome':{'status':'Failed'},'openShiftCluster':{" \
    "'properties':{'provisioningState':'" state "','lastProvisioningState':'Failed'," \
    "'failedProvisioningState':'Updating','maintenanceTask':'Everything'," \
    "'lastAdminUpdateError':'old'}}}"
/* What is left of it. */
#define ENDED(envelope, properties) \
    "{'id':'i','key':'" KEY "','partitionKey':'00000000-0000-0000-0000-000000000000'," \
    "'clusterResourceGroupIdKey':'r','clientIdKey':'c'" envelope \
    ",'openShiftCluster':{'properties':{" properties "}}}"
#define OPERATION \
    ",'asyncOperationId':'o','correlationData':{'requestID':'q'}," \
    "'operationOutcome':{'status':'Failed'}"

struct end_case {
    const char *name;
    struct cluster_end end;
    const char *want;
};
static struct end_case end_cases[] = {
    { "success ends the operation",
      { "Succeeded", "", NULL },
      ENDED("", "'provisioningState':'Succeeded','lastAdminUpdateError':'old'") },
    { "failure ends the operation and keeps the count of dequeues",
      { "Failed", "Updating", NULL },
      ENDED(",'dequeues':3", "'provisioningState':'Failed','failedProvisioningState':'Updating',"
                             "'lastAdminUpdateError':'old'") },
    { "an admin update that failed says why",
      { "Succeeded", "AdminUpdating", "why" },
      ENDED("", "'provisioningState':'Succeeded','failedProvisioningState':'AdminUpdating',"
                "'lastAdminUpdateError':'why'") },
    { "an admin update that succeeded forgets the last error",
      { "Succeeded", NULL, "" },
      ENDED("", "'provisioningState':'Succeeded'") },
    { "the next phase of an installation keeps the operation",
      { "Creating", "", "ignored" },
      ENDED(OPERATION, "'provisioningState':'Creating','lastProvisioningState':'Failed',"
                       "'maintenanceTask':'Everything','lastAdminUpdateError':'old'") },
    { "a hand-over keeps states and operation",
      { NULL, NULL, NULL },
      ENDED(OPERATION, "'provisioningState':'Updating','lastProvisioningState':'Failed',"
                       "'failedProvisioningState':'Updating','maintenanceTask':'Everything',"
                       "'lastAdminUpdateError':'old'") },
};

static void check_end(void **state)
{
    const struct end_case *c = *state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    rig_create(&r, COLL_OPENSHIFT_CLUSTERS, RUNNING("Updating"));
    cleanup_document struct document d = { 0 };

    assert_int_equal(openshiftclusters_end_lease(&r.ctx, r.db, KEY, "me", &c->end, &d, NULL), 0);

    rig_assert_tree(d.tree, c->want);
}

static void check_end_of_another(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    rig_create(&r, COLL_OPENSHIFT_CLUSTERS, RUNNING("Updating"));
    const struct cluster_end end = { "Failed", "", NULL };
    cleanup_document struct document d = { 0 };
    cleanup_error struct error *err = NULL;

    assert_int_equal(openshiftclusters_end_lease(&r.ctx, r.db, KEY, "you", &end, NULL, &err), -1);

    assert_string_equal(error_get_code(err), DATABASE_LOST_LEASE);
    assert_int_equal(openshiftclusters_get(&r.ctx, r.db, KEY, &d, NULL), 0);
    rig_assert_tree(d.tree, RUNNING("Updating"));
}

/* The next phase is for whoever comes first, with the operation that was begun. */
static void check_hand_over(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    rig_create(&r, COLL_OPENSHIFT_CLUSTERS, RUNNING("Creating"));
    const struct cluster_end end = { "Creating", "", NULL };
    cleanup_held struct held h = { 0 };

    assert_int_equal(openshiftclusters_end_lease(&r.ctx, r.db, KEY, "me", &end, NULL, NULL), 0);
    hold(&r, &h);

    assert_string_equal(json_path_str(h.d.tree, "asyncOperationId"), "o");
    assert_int_equal(json_path_int(h.d.tree, "dequeues", 0), 1);
}

/* A document that ends no worker's life well is dequeued until somebody gives it up. */
static void check_poison(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    rig_create_cluster(&r, "a", "Updating");
    for (int i = 1; i <= DATABASE_DEQUEUES_MAX + 1; i++) {
        cleanup_held struct held h = { 0 };
        hold(&r, &h);
        assert_int_equal(json_path_int(h.d.tree, "dequeues", 0), i);
        fake_clock_advance_ms(&r.clock, DATABASE_LEASE_MS + 1000);
    }
}

static void check_delete(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    rig_create_cluster(&r, "a", "Deleting");
    cleanup_document struct document old = { 0 }, d = { 0 };
    cleanup_error struct error *err = NULL;
    char value[] = "v";
    assert_int_equal(openshiftclusters_get(&r.ctx, r.db, KEY, &old, NULL), 0);
    assert_int_equal(openshiftclusters_patch(&r.ctx, r.db, KEY, set_tag, value, &d, NULL), 0);

    assert_int_equal(openshiftclusters_delete(&r.ctx, r.db, &old, &err), -1);
    assert_int_equal(error_kind(err), ERR_PRECONDITION);
    assert_int_equal(openshiftclusters_delete(&r.ctx, r.db, &d, NULL), 0);

    assert_int_equal(openshiftclusters_get(&r.ctx, r.db, KEY, &d, &err), -1);
    assert_int_equal(error_kind(err), ERR_NOT_FOUND);
}

/* ---- several ---- */

static void assert_names(const struct document_page *p, const char *want)
{
    cleanup_strv struct strv names = STRV_INIT;
    for (size_t i = 0; i < p->len; i++)
        strv_add(&names, strrchr(json_path_str(p->docs[i].tree, "key"), '/') + 1);
    strv_sort(&names);
    cleanup_free char *is = strv_give_joined(&names, " ");
    assert_string_equal(is, want);
}

static void check_lists(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    rig_create_cluster(&r, "a", "Succeeded");
    rig_create_cluster(&r, "ab", "Creating");
    rig_create_cluster(&r, "b", "Failed");
    cleanup_document_page struct document_page all = { 0 }, a = { 0 }, other = { 0 },
                                               maintained = { 0 };

    assert_int_equal(openshiftclusters_list_all(&r.ctx, r.db, 0, NULL, &all, NULL), 0);
    assert_int_equal(openshiftclusters_list(&r.ctx, r.db, KEY, 0, NULL, &a, NULL), 0);
    assert_int_equal(
        openshiftclusters_list(&r.ctx, r.db, "/subscriptions/other/", 0, NULL, &other, NULL), 0);
    assert_int_equal(
        openshiftclusters_list_for_maintenance(&r.ctx, r.db, 0, NULL, &maintained, NULL), 0);

    assert_names(&all, "a ab b");
    assert_names(&a, "a ab");
    assert_int_equal(other.len, 0);
    assert_names(&maintained, "a b");
    assert_false(json_has(maintained.docs[0].tree, "openShiftCluster"));
    assert_int_equal(openshiftclusters_list(&r.ctx, r.db, "/subscriptions/S/", 0, NULL, &a, NULL),
                     -1);
}

static void check_find(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    rig_create_cluster(&r, "a", "Succeeded");
    rig_create_cluster(&r, "b", "Succeeded");
    cleanup_document_page struct document_page by_client = { 0 }, by_group = { 0 }, none = { 0 };
    cleanup_error struct error *err = NULL;

    assert_int_equal(
        openshiftclusters_find_by_client_id(&r.ctx, r.db, NULL, "client-b", &by_client, NULL), 0);
    assert_int_equal(
        openshiftclusters_find_by_resource_group(
            &r.ctx, r.db, "00000000-0000-0000-0000-000000000000", "rg-a", &by_group, NULL),
        0);
    assert_int_equal(
        openshiftclusters_find_by_client_id(&r.ctx, r.db, "other", "client-b", &none, NULL), 0);

    assert_names(&by_client, "b");
    assert_names(&by_group, "a");
    assert_int_equal(none.len, 0);
    assert_int_equal(openshiftclusters_find_by_client_id(&r.ctx, r.db, NULL, "Client", &none, &err),
                     -1);
    assert_int_equal(error_kind(err), ERR_INVALID);
}

static void check_changes(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    rig_create_cluster(&r, "a", "Succeeded");
    rig_create_cluster(&r, "b", "Succeeded");
    cleanup_document_page struct document_page first = { 0 }, second = { 0 };
    char value[] = "v";

    assert_int_equal(openshiftclusters_changes(&r.ctx, r.db, NULL, 50, &first, NULL), 0);
    assert_int_equal(openshiftclusters_patch(&r.ctx, r.db, KEY, set_tag, value, NULL, NULL), 0);
    assert_int_equal(openshiftclusters_changes(&r.ctx, r.db, first.next, 50, &second, NULL), 0);

    assert_names(&first, "a b");
    assert_names(&second, "a");
    assert_string_equal(json_path_str(second.docs[0].tree, "openShiftCluster.tags.t"), "v");
}

int main(void)
{
    const struct CMUnitTest fixed[] = {
        CASE("a new cluster gets id, partition and bucket", check_create),
        CASE("buckets are spread", check_buckets),
        CASE("name, resource group and identity may each be taken", check_taken),
        CASE("a cluster that is not there is told by its key", check_absent),
        CASE("a cluster that is as it was is not read again", check_changed),
        CASE("a patch needs no lease", check_patch),
        CASE("operations to do are dequeued, all else is not", check_dequeued_states),
        CASE("the holder renews its lease, nobody else does", check_lease),
        CASE("only the holder patches with a lease", check_patch_with_lease),
        CASE("nobody ends the lease of another", check_end_of_another),
        CASE("an operation is handed over between its phases", check_hand_over),
        CASE("a document that nobody survives is counted up", check_poison),
        CASE("a delete is of what was read", check_delete),
        CASE("lists go by subscription, prefix and state", check_lists),
        CASE("duplicates are found by identity and by resource group", check_find),
        CASE("the change feed goes on from its position", check_changes),
    };
    struct CMUnitTest tests[ARRAY_LEN(fixed) + ARRAY_LEN(bad_cases) + ARRAY_LEN(end_cases)];
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(fixed); i++)
        tests[n++] = fixed[i];
    for (size_t i = 0; i < ARRAY_LEN(bad_cases); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(bad_cases[i].name, check_bad, &bad_cases[i]);
    for (size_t i = 0; i < ARRAY_LEN(end_cases); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(end_cases[i].name, check_end, &end_cases[i]);
    return RUN_CASES("openshiftclusters", tests);
}
