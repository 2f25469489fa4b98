#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/database/subscriptions.h"
#include "test/unit/support/rp/frontend/cluster_rig.h"
#include "test/unit/support/test.h"

#define TARGET FRONT_CLUSTER V_2020

static char *patch(struct clusters *c, const char *target, const char *headers, const char *body)
{
    cleanup_free char *all =
        xasprintf("Content-Type: application/json\r\n%s", headers ? headers : "");
    return front_give_reply(&c->front, "PATCH", target, all, body);
}

static void begin_with_cluster(struct clusters *c)
{
    clusters_init(c);
    clusters_create(c);
    clusters_finish(c, "Succeeded", NULL);
}

static void merges_system_data_member_by_member(void **state)
{
    (void)state;
    struct clusters c;
    begin_with_cluster(&c);

    cleanup_free char *one = patch(
        &c, TARGET,
        "x-ms-arm-resource-system-data: {\"createdBy\":\"a\",\"lastModifiedBy\":\"b\"}\r\n", "{}");
    clusters_finish(&c, "Succeeded", NULL);
    cleanup_free char *two =
        patch(&c, TARGET,
              "x-ms-arm-resource-system-data: "
              "{\"createdBy\":\"\",\"lastModifiedBy\":\"c\",\"moon\":\"x\"}\r\n",
              "{\"systemData\":null}");

    assert_memory_equal(one + 9, "200", 3);
    assert_memory_equal(two + 9, "200", 3);
    cleanup_json json *d = clusters_give_document(&c);
    const json *data = json_path(d, "openShiftCluster.systemData");
    assert_string_equal(json_path_str(data, "createdBy"), "a");
    assert_string_equal(json_path_str(data, "lastModifiedBy"), "c");
    assert_int_equal(json_len(data), 2);
    clusters_release(&c);
}

static void lie(struct enricher *e, const struct opctx *ctx, json *const *clusters, size_t len)
{
    (void)e;
    (void)ctx;
    for (size_t i = 0; i < len; i++)
        (void)json_set_str(clusters[i], "properties.ingressProfiles[0].visibility", "Private",
                           NULL);
}

/* An administrator's PATCH once turned an ingress private because live data was written back. */
static void writes_no_live_data(void **state)
{
    (void)state;
    struct enricher e = { lie };
    struct clusters c;
    clusters_begin(&c);
    c.front.cfg.enricher = &e;
    clusters_serve(&c);
    clusters_set_subscription(&c, "Registered");
    clusters_add_version(&c, DEFAULT_VERSION, true, true);
    clusters_create(&c);
    clusters_finish(&c, "Succeeded", NULL);

    cleanup_free char *reply = patch(&c, FRONT_CLUSTER V_ADMIN_, NULL, "{}");

    assert_memory_equal(reply + 9, "200", 3);
    cleanup_json json *d = clusters_give_document(&c);
    assert_string_equal(
        json_path_str(d, "openShiftCluster.properties.ingressProfiles[0].visibility"), "Public");
    clusters_release(&c);
}

#define PRINCIPAL "properties.servicePrincipalProfile"

struct live {
    struct enricher base;
    json *principal; /* what the cluster uses; NULL: unknown yet */
};

static void tell_live_principal(struct enricher *e, const struct opctx *ctx, json *const *clusters,
                                size_t len)
{
    const struct live *live = (const struct live *)e;
    (void)ctx;
    for (size_t i = 0; i < len && live->principal; i++)
        (void)json_path_put(clusters[i], PRINCIPAL, json_give_copy(live->principal), NULL);
}

static void check_principal(struct clusters *c, const char *id, const char *secret)
{
    cleanup_json json *d = clusters_give_document(c);
    const json *p = json_path(d, "openShiftCluster." PRINCIPAL);
    cleanup_secret struct secret *plain = NULL;
    assert_int_equal(
        database_open_sealed(&c->ctx, c->db, json_path_str(p, "clientSecret"), &plain, NULL), 0);
    assert_string_equal(secret_reveal(plain, NULL), secret);
    assert_string_equal(json_path_str(p, "clientId"), id);
    assert_string_equal(json_path_str(d, "clientIdKey"), id);
}

/* The cluster goes on with the old identity when an update to a wrong one fails: going back is a change all the same. */
static void puts_the_live_principal_back(void **state)
{
    (void)state;
    static const char other[] = "22222222-2222-2222-2222-222222222222";
    static const struct {
        const char *body, *want_id, *want_secret;
    } steps[] = {
        { "{\"properties\":{\"servicePrincipalProfile\":{\"clientId\":"
          "\"22222222-2222-2222-2222-222222222222\",\"clientSecret\":\"wrong\"}}}",
          other, "wrong" },
        { "{\"tags\":{\"a\":\"b\"}}", other, "wrong" },
        { "{\"properties\":{\"servicePrincipalProfile\":{\"clientSecret\":\"verysecret\"}}}", other,
          "verysecret" },
        { "{\"properties\":{\"servicePrincipalProfile\":{\"clientId\":\"" CLIENT_ID "\"}}}",
          CLIENT_ID, "verysecret" },
    };
    struct live live = { { tell_live_principal }, NULL };
    struct clusters c;
    clusters_begin(&c);
    c.front.cfg.enricher = &live.base;
    clusters_serve(&c);
    clusters_set_subscription(&c, "Registered");
    clusters_add_version(&c, DEFAULT_VERSION, true, true);
    clusters_create(&c);
    clusters_finish(&c, "Succeeded", NULL);
    cleanup_json json *created = clusters_give_document(&c);
    live.principal = json_path(created, "openShiftCluster." PRINCIPAL);

    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        cleanup_free char *reply = patch(&c, TARGET, NULL, steps[i].body);

        assert_memory_equal(reply + 9, "200", 3);
        check_principal(&c, steps[i].want_id, steps[i].want_secret);
        clusters_finish(&c, "Failed", "Updating");
    }
    clusters_release(&c);
}

struct task_case {
    const char *name, *body, *want_state, *want_maintenance;
    bool has_operation;
};
static struct task_case tasks[] = {
    { "begins work for administrators", "{\"properties\":{\"maintenanceTask\":\"OperatorUpdate\"}}",
      "AdminUpdating", "Unplanned", true },
    { "takes nothing for everything", "{}", "AdminUpdating", "Unplanned", true },
    { "only signals what is to come", "{\"properties\":{\"maintenanceTask\":\"Pending\"}}",
      "Succeeded", "Pending", false },
    { "only signals what the customer has to do",
      "{\"properties\":{\"maintenanceTask\":\"CustomerActionNeeded\"}}", "Succeeded",
      "CustomerActionNeeded", false },
};

static void check_task(void **state)
{
    const struct task_case *t = *state;
    struct clusters c;
    begin_with_cluster(&c);

    cleanup_free char *reply = patch(&c, FRONT_CLUSTER V_ADMIN_, NULL, t->body);

    if (strncmp(reply + 9, "200", 3) != 0)
        fail_msg("%s", reply);
    cleanup_json json *d = clusters_give_document(&c);
    const json *p = json_path(d, "openShiftCluster.properties");
    assert_string_equal(json_path_str(p, "provisioningState"), t->want_state);
    assert_string_equal(json_path_str(p, "maintenanceState"), t->want_maintenance);
    cleanup_free char *operation = reply_give_header(reply, "Azure-AsyncOperation");
    assert_int_equal(operation != NULL, t->has_operation);
    assert_int_equal(json_has(d, "asyncOperationId"), t->has_operation);
    clusters_release(&c);
}

static void refuses_a_task_that_is_none(void **state)
{
    (void)state;
    struct clusters c;
    begin_with_cluster(&c);

    cleanup_free char *reply =
        patch(&c, FRONT_CLUSTER V_ADMIN_, NULL, "{\"properties\":{\"maintenanceTask\":\"Moon\"}}");

    cleanup_free char *got = front_error_of(reply);
    assert_string_equal(got, "400 InvalidParameter: Invalid enum parameter. "
                             "@properties.maintenanceTask");
    clusters_release(&c);
}

static int drop_tenant(json *tree, void *arg, struct error **err)
{
    (void)arg;
    (void)err;
    (void)json_path_del(tree, "subscription.properties");
    return 0;
}

static void needs_the_subscriptions_tenant(void **state)
{
    (void)state;
    struct clusters c;
    clusters_init(&c);
    assert_int_equal(subscriptions_patch(&c.ctx, c.db, FRONT_SUB, drop_tenant, NULL, NULL, NULL),
                     0);
    cleanup_free char *body = clusters_give_body(NULL, NULL);

    cleanup_free char *got = front_give_error(&c.front, "PUT", TARGET, body);

    assert_string_equal(got, "400 InvalidSubscriptionState: Request is not allowed in subscription "
                             "'" FRONT_SUB "' without a tenant.");
    clusters_release(&c);
}

static void tells_the_gateway_in_production_only(void **state)
{
    (void)state;
    struct clusters c;
    clusters_init(&c);
    clusters_create(&c);

    cleanup_json json *d = clusters_give_document(&c);

    assert_null(json_path(d, "openShiftCluster.properties.featureProfile"));
    assert_non_null(json_path_str(d, "openShiftCluster.properties.createdBy"));
    assert_non_null(json_path_str(d, "openShiftCluster.properties.createdAt"));
    clusters_release(&c);
}

#define IDENTITY \
    "/subscriptions/" FRONT_SUB \
    "/resourceGroups/ids/providers/Microsoft.ManagedIdentity/userAssignedIdentities/"

/* The installer wants a service principal: a creation that cannot end well is not accepted first. */
static void refuses_workload_identities_at_once(void **state)
{
    (void)state;
    /* What this version wants besides. */
    static const char *const wanted[][2] = {
        { "clusterProfile.fipsValidatedModules", "Disabled" },
        { "networkProfile.outboundType", "Loadbalancer" },
        { "networkProfile.preconfiguredNSG", "Disabled" },
        { "masterProfile.encryptionAtHost", "Disabled" },
        { "workerProfiles[0].encryptionAtHost", "Disabled" },
    };
    struct clusters c;
    clusters_init(&c);
    cleanup_free char *text = clusters_give_body(NULL, NULL);
    cleanup_json json *body = NULL;
    assert_int_equal(json_parse(text, strlen(text), &body, NULL), 0);
    json *properties = json_get(body, "properties");
    (void)json_del(properties, "servicePrincipalProfile");
    json_put(properties, "platformWorkloadIdentityProfile",
             json_make("{'platformWorkloadIdentities':{'ccm':{'resourceId':%s}}}", IDENTITY "ccm"));
    json_put(body, "identity", json_make("{'type':'UserAssigned','userAssignedIdentities':{}}"));
    json_put(json_path(body, "identity.userAssignedIdentities"), IDENTITY "cluster",
             json_new_object());
    for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
        assert_int_equal(json_set_str(properties, wanted[i][0], wanted[i][1], NULL), 0);
    cleanup_free char *edited = json_give_text(body);

    cleanup_free char *got = front_give_error(&c.front, "PUT", FRONT_CLUSTER V_LAST, edited);

    assert_string_equal(got, "400 InvalidParameter: This resource provider cannot create clusters "
                             "with workload identities. Please provide a service principal "
                             "(servicePrincipalProfile) instead. "
                             "@properties.platformWorkloadIdentityProfile");
    cleanup_free char *after = front_give_error(&c.front, "GET", TARGET, NULL);
    assert_memory_equal(after, "404", 3);
    clusters_release(&c);
}

static const struct CMUnitTest more[] = {
    CASE("merges system data member by member", merges_system_data_member_by_member),
    CASE("refuses workload identities at once", refuses_workload_identities_at_once),
    CASE("writes no live data", writes_no_live_data),
    CASE("puts the service principal back that the cluster uses", puts_the_live_principal_back),
    CASE("refuses a task that is none", refuses_a_task_that_is_none),
    CASE("needs the subscription's tenant for a create", needs_the_subscriptions_tenant),
    CASE("notes who made the cluster, and no gateway in development",
         tells_the_gateway_in_production_only),
};

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(tasks) + ARRAY_LEN(more)];
    for (size_t i = 0; i < ARRAY_LEN(tasks); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(tasks[i].name, check_task, &tasks[i]);
    memcpy(tests + ARRAY_LEN(tasks), more, sizeof(more));
    return RUN_CASES("changes of clusters", tests);
}
