#include <string.h>

#include "hack/devcloud/azure/sim.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/hack/devcloud/azure_rig.h"
#include "test/unit/support/test.h"

#define NSG RIG_NSGS "/made"
#define NSG_BODY "{'location':'eastus','properties':{}}"

/* Requests in turn; each answers with this status. */
static void expect(struct rig *r, const int *statuses, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        int found = rig_call(r, "GET", RIG_VNET RIG_VERSION, NULL, NULL);
        if (found != statuses[i])
            fail_msg("request %zu: %d", i, found);
    }
}

static void check_counts(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    static const int statuses[] = { 200, 200, 503, 503, 200 };

    rig_faults(&r, "[{'path':'*/virtualNetworks/*','skip':2,'times':2,'status':503}]");

    expect(&r, statuses, ARRAY_LEN(statuses));
}

static void check_times(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    static const int before[] = { 200 }, during[] = { 404, 404, 404 }, after[] = { 200 };
    rig_faults(&r, "[{'after_ms':10000,'for_ms':60000,'status':404}]");

    expect(&r, before, 1);
    rig_advance_s(&r, 11);
    expect(&r, during, 3);
    rig_advance_s(&r, 60);
    expect(&r, after, 1);
}

static void check_probability(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    static const int never[] = { 200, 200, 200 }, always[] = { 500, 500, 500 };

    rig_faults(&r, "[{'probability':0,'times':100,'status':500}]");
    expect(&r, never, 3);
    rig_faults(&r, "[{'probability':1.0,'times':100,'status':500}]");
    expect(&r, always, 3);
}

/* The answer is lost, the effect is not. */
static void check_late(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_reply struct rig_reply reply = { 0 };

    rig_faults(&r, "[{'method':'PUT','late':true,'abort':true},"
                   "{'method':'DELETE','late':true,'status':502,'body':{'a':1}}]");

    assert_int_equal(rig_call(&r, "PUT", NSG RIG_VERSION, NSG_BODY, NULL), -1);
    assert_int_equal(rig_call(&r, "GET", NSG RIG_VERSION, NULL, NULL), 200);
    assert_int_equal(rig_call(&r, "DELETE", NSG RIG_VERSION, NULL, &reply), 502);
    assert_int_equal(json_path_int(reply.body, "a", 0), 1);
    assert_int_equal(rig_call(&r, "GET", NSG RIG_VERSION, NULL, NULL), 404);
}

/* A head that arrives is all that there is to it: it must not tell of success. */
static void check_head(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);

    rig_faults(&r, "[{'method':'HEAD','abort':true},{'method':'HEAD','abort':true,'late':true}]");

    assert_int_equal(rig_call(&r, "HEAD", NSG RIG_VERSION, NULL, NULL), 503);
    assert_int_equal(rig_call(&r, "HEAD", NSG RIG_VERSION, NULL, NULL), 503);
}

static void check_truncation(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);

    rig_faults(&r, "[{'truncate':10}]");

    assert_int_equal(rig_call(&r, "GET", RIG_VNET RIG_VERSION, NULL, NULL), -1);
    assert_int_equal(rig_call(&r, "GET", RIG_VNET RIG_VERSION, NULL, NULL), 200);
}

static void check_operations(void **state)
{
    (void)state;
    static const struct {
        const char *outcome, *status;
    } rows[] = {
        { "{'stuck':true}", "InProgress" },
        { "{'error':{'code':'AllocationFailed','message':'m'}}", "Failed" },
        { "{'canceled':true}", "Canceled" },
        { "{}", "Succeeded" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        cleanup_rig struct rig r;
        rig_open(&r);
        cleanup_reply struct rig_reply reply = { 0 };
        cleanup_free char *faults = xasprintf("[{'method':'PUT','operation':%s}]", rows[i].outcome);
        rig_faults(&r, faults);
        assert_int_equal(rig_call(&r, "PUT", NSG RIG_VERSION, NSG_BODY, &reply), 201);
        cleanup_free char *url = xstrdup(http_headers_get(&reply.headers, "Azure-AsyncOperation"));
        rig_advance_s(&r, 3000);

        assert_int_equal(rig_call(&r, "GET", strstr(url, "/subscriptions/"), NULL, &reply), 200);

        assert_string_equal(json_path_str(reply.body, "status"), rows[i].status);
        assert_int_equal(json_path_str(reply.body, "error.code") != NULL, i == 1 || i == 2);
    }
}

static void check_foreign_writer(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_reply struct rig_reply reply = { 0 };
    rig_call(&r, "PUT", NSG RIG_VERSION, NSG_BODY, NULL);
    rig_call(&r, "GET", NSG RIG_VERSION, NULL, &reply);
    cleanup_free char *etag = xstrdup(json_path_str(reply.body, "etag"));

    rig_faults(&r, "[{'method':'PUT','path':'*/made','foreign':{'tags':{'who':'other'}}}]");
    http_headers_set(&r.extra, "If-Match", etag);
    rig_refused(&r, "PUT", NSG RIG_VERSION, NSG_BODY, 412, "PreconditionFailed");

    rig_call(&r, "GET", NSG RIG_VERSION, NULL, &reply);
    assert_string_equal(json_path_str(reply.body, "tags.who"), "other");
    assert_true(str_starts(json_path_str(reply.body, "etag"), "W/\""));
}

static void check_stale_reads(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_reply struct rig_reply reply = { 0 };
    rig_faults(&r, "[{'method':'GET','path':'*/made','times':3,'skip':1,'stale':true}]");
    rig_call(&r, "PUT", NSG RIG_VERSION, NSG_BODY, NULL);
    assert_int_equal(rig_call(&r, "GET", NSG RIG_VERSION, NULL, NULL), 200);

    assert_int_equal(rig_call(&r, "GET", NSG RIG_VERSION, NULL, NULL), 404);
    rig_call(&r, "PUT", NSG RIG_VERSION, "{'location':'eastus','tags':{'a':'b'},'properties':{}}",
             NULL);
    rig_call(&r, "GET", NSG RIG_VERSION, NULL, &reply);
    assert_null(json_path(reply.body, "tags.a"));
    rig_call(&r, "DELETE", NSG RIG_VERSION, NULL, NULL);
    assert_int_equal(rig_call(&r, "GET", NSG RIG_VERSION, NULL, NULL), 200);

    assert_int_equal(rig_call(&r, "GET", NSG RIG_VERSION, NULL, NULL), 404);
}

#define DEPLOYMENT \
    RIG_SUBSCRIPTION "/resourcegroups/net-rg/providers/Microsoft.Resources/deployments/d" \
                     "?api-version=2021-04-01"
#define TEMPLATE \
    "{'properties':{'mode':'Incremental','template':{'$schema':'https://schema.management.azure." \
    "com/schemas/2015-01-01/deploymentTemplate.json#','contentVersion':'1.0.0.0','resources':[{" \
    "'type':'Microsoft.Network/networkSecurityGroups','name':'made','apiVersion':'2020-08-01'," \
    "'location':'eastus','properties':{}}]}}}"

static const char *deploy(struct rig *r, struct rig_reply *reply)
{
    rig_call(r, "PUT", DEPLOYMENT, TEMPLATE, NULL);
    rig_advance_s(r, 1);
    assert_int_equal(rig_call(r, "GET", DEPLOYMENT, NULL, reply), 200);
    return json_path_str(reply->body, "properties.provisioningState");
}

/* A resource of a deployment is refused, or fails; requests from outside pass. */
static void check_inside(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_reply struct rig_reply reply = { 0 };

    rig_faults(&r, "[{'inside':true,'method':'PUT','path':'*/made','status':409,'body':{'error':{"
                   "'code':'SkuNotAvailable','message':'m'}}}]");
    assert_string_equal(deploy(&r, &reply), "Failed");
    assert_non_null(strstr(json_path_str(reply.body, "properties.error.details[0].message"),
                           "SkuNotAvailable"));
    rig_faults(&r, "[{'inside':true,'method':'PUT','path':'*/made','operation':{'error':{'code':"
                   "'AllocationFailed','message':'m'}}}]");
    assert_string_equal(deploy(&r, &reply), "Failed");
    rig_faults(&r, "[]");
    assert_string_equal(deploy(&r, &reply), "Succeeded");
}

static void check_hang(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    rig_faults(&r, "[{'path':'*/made','hang':true}]");
    cleanup_free char *url = xasprintf("https://%s" NSG RIG_VERSION, r.host);
    struct http_request req = {
        .method = "GET", .url = url, .timeout_ms = 50, .fresh_connection = true
    };
    cleanup_response struct http_response resp = { 0 };
    cleanup_error struct error *err = NULL;

    assert_int_equal(http_send(http_peer_transport(r.peer), &r.ctx, &req, &resp, &err), -1);

    assert_true(error_is(err, ERR_TIMEOUT));
    assert_int_equal(resp.status, 0);
    assert_int_equal(rig_call(&r, "GET", RIG_VNET RIG_VERSION, NULL, NULL), 200);
}

/* What was seen before is no past of what is asked for now. */
static void check_stale_since(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_reply struct rig_reply reply = { 0 };
    rig_faults(&r, "[{'method':'GET','path':'*/none','stale':true}]");
    assert_int_equal(rig_call(&r, "PUT", NSG RIG_VERSION, NSG_BODY, NULL), 201);

    rig_faults(&r, "[{'method':'GET','stale':true}]");

    assert_int_equal(rig_call(&r, "GET", NSG RIG_VERSION, NULL, &reply), 200);
    assert_int_equal(json_len(r.sim->before), 0);
}

static void ask(struct rig *r, const char *method, const char *body, struct sim_answer *ret)
{
    cleanup_json json *tree = body ? json_make(body) : NULL;
    pthread_mutex_lock(&r->sim->mu);
    arm_ask(r->sim, NULL, method, NSG, "2020-08-01", tree, ret);
    pthread_mutex_unlock(&r->sim->mu);
}

static void check_late_inside(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_answer struct sim_answer early = { 0 }, absent = { 0 }, late = { 0 }, there = { 0 };
    rig_faults(&r, "[{'method':'PUT','inside':true,'status':503},"
                   "{'method':'PUT','inside':true,'late':true,'status':502,'body':{'a':1}}]");

    ask(&r, "PUT", NSG_BODY, &early);
    ask(&r, "GET", NULL, &absent);
    ask(&r, "PUT", NSG_BODY, &late);
    ask(&r, "GET", NULL, &there);

    assert_int_equal(early.status, 503);
    assert_int_equal(absent.status, 404);
    assert_int_equal(late.status, 502);
    assert_int_equal(json_path_int(late.body, "a", 0), 1);
    assert_int_equal(there.status, 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a fault lets requests pass and is counted", check_counts),
        CASE("a fault has a beginning and an end", check_times),
        CASE("a fault may be left to chance", check_probability),
        CASE("an answer is lost after the effect", check_late),
        CASE("a cut head tells of no success", check_head),
        CASE("an answer breaks off", check_truncation),
        CASE("operations get stuck, fail and are cancelled", check_operations),
        CASE("a stranger writes first", check_foreign_writer),
        CASE("a read shows the past", check_stale_reads),
        CASE("a deployment meets faults of its own", check_inside),
        CASE("an answer does not come, and others do", check_hang),
        CASE("a past begins when its faults are set", check_stale_since),
        CASE("the simulator's own requests may fail before and after they take effect",
             check_late_inside),
    };
    return RUN_CASES("fault", tests);
}
