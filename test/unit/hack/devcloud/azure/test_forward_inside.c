#include "hack/devcloud/azure/forward.h"
#include "test/unit/hack/devcloud/azure/deploy_rig.h"
#include "test/unit/hack/devcloud/azure/fake_rp.h"

#define CLUSTER_AS(state) \
    "{'id':'" RIG_CLUSTERS "/c','name':'c','type':'X','location':'eastus','properties':{" \
    "'provisioningState':'" state "'}}"
#define CLUSTER \
    "{'type':'Microsoft.RedHatOpenShift/OpenShiftClusters','apiVersion':'2022-04-01','name':'c'," \
    "'location':'eastus','properties':{'x':\"[resourceGroup().name]\"}}"
/* More polls than anything here needs. */
#define POLLS_MAX 20

static const struct fake_rp_row creates[] = { { "PUT", NULL, 201, NULL, CLUSTER_AS("Creating") },
                                              { "GET", NULL, 200, NULL, CLUSTER_AS("Creating") } };
static const struct fake_rp_row done[] = { { "PUT", NULL, 201, NULL, CLUSTER_AS("Succeeded") },
                                           { "GET", NULL, 200, NULL, CLUSTER_AS("Succeeded") } };
static const struct fake_rp_row fails[] = { { "PUT", NULL, 201, NULL, CLUSTER_AS("Creating") },
                                            { "GET", NULL, 200, NULL, CLUSTER_AS("Failed") } };
static const struct fake_rp_row refuses[] = {
    { "PUT", NULL, 400, NULL, "{'error':{'code':'InvalidParameter','message':'no'}}" }
};
static const struct fake_rp_row deletes[] = {
    { "DELETE", NULL, 202, "Azure-AsyncOperation: $/operationsstatus/7\r\n", NULL },
    { "GET", NULL, 200, NULL, CLUSTER_AS("Deleting") },
};

static bool is_state(struct rig *r, const char *want)
{
    cleanup_reply struct rig_reply reply = { 0 };
    rig_call(r, "GET", D RIG_VERSION, NULL, &reply);
    return str_eq(json_path_str(reply.body, "properties.provisioningState"), want);
}

static void await_state(struct rig *r, const char *want)
{
    int polls = 0;
    while (!is_state(r, want) && polls < POLLS_MAX)
        polls++;
    assert_deployed(r, "properties.provisioningState", want);
}

static void check_template(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_fake_rp struct fake_rp rp;
    fake_rp_open(&rp, &r);
    fake_rp_script(&rp, creates, ARRAY_LEN(creates));

    assert_int_equal(deploy(&r, D, NULL, HEAD ",'resources':[" CLUSTER "]", NULL, NULL), 201);
    for (int i = 0; i < POLLS_MAX; i++)
        assert_true(is_state(&r, "Running"));
    fake_rp_script(&rp, done, ARRAY_LEN(done));
    await_state(&r, "Succeeded");

    size_t puts = 0;
    for (size_t i = 0; i < json_len(rp.seen); i++) {
        const json *seen = json_at(rp.seen, i);
        if (!str_eq(json_path_str(seen, "method"), "PUT"))
            continue;
        puts++;
        assert_string_equal(json_path_str(seen, "target"), RIG_CLUSTERS "/c" RIG_RP_VERSION);
        assert_string_equal(json_path_str(seen, "body"),
                            "{\"location\":\"eastus\",\"properties\":{\"x\":\"net-rg\"}}");
        assert_non_null(json_get(json_get(seen, "headers"), "x-ms-arm-resource-system-data"));
    }
    assert_int_equal(puts, 1);
}

static void check_failures(void **state)
{
    (void)state;
    static const struct {
        const struct fake_rp_row *rows;
        size_t len;
        const char *code;
    } cases[] = { { fails, ARRAY_LEN(fails), "ResourceDeploymentFailure" },
                  { refuses, ARRAY_LEN(refuses), "BadRequest" } };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        cleanup_rig struct rig r;
        rig_open(&r);
        cleanup_fake_rp struct fake_rp rp;
        fake_rp_open(&rp, &r);
        fake_rp_script(&rp, cases[i].rows, cases[i].len);

        deploy(&r, D, NULL, HEAD ",'resources':[" CLUSTER "]", NULL, NULL);

        await_state(&r, "Failed");
        assert_deployed(&r, "properties.error.details[0].code", cases[i].code);
    }
}

static void check_group(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_fake_rp struct fake_rp rp;
    fake_rp_open(&rp, &r);
    static const char group[] = RIG_SUBSCRIPTION "/resourcegroups/net-rg" RIG_VERSION;
    cleanup_reply struct rig_reply reply = { 0 };
    fake_rp_script(&rp, done, ARRAY_LEN(done));
    assert_int_equal(rig_call(&r, "PUT", RIG_CLUSTERS "/c" RIG_RP_VERSION, "{}", NULL), 201);
    fake_rp_script(&rp, deletes, ARRAY_LEN(deletes));

    assert_int_equal(rig_call(&r, "DELETE", group, NULL, &reply), 202);

    cleanup_free char *poll =
        xstrdup(strstr(http_headers_get(&reply.headers, "Location"), "/subscriptions/"));
    for (int i = 0; i < POLLS_MAX; i++)
        assert_int_equal(rig_call(&r, "GET", poll, NULL, NULL), 202);
    cleanup_json json *last = fake_rp_give_last(&rp);
    assert_string_equal(json_path_str(last, "method"), "GET");
    fake_rp_script(&rp, NULL, 0); /* 404: it is gone */
    int polls = 0;
    while (rig_call(&r, "GET", poll, NULL, NULL) == 202 && polls < POLLS_MAX)
        polls++;
    assert_int_equal(rig_call(&r, "HEAD", group, NULL, NULL), 404);
    size_t deletions = 0;
    for (size_t i = 0; i < json_len(rp.seen); i++)
        deletions += str_eq(json_path_str(json_at(rp.seen, i), "method"), "DELETE");
    assert_int_equal(deletions, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a cluster in a template is put once and awaited", check_template),
        CASE("a cluster that fails or is refused fails its deployment", check_failures),
        CASE("a group goes when its clusters have gone", check_group),
    };
    return RUN_CASES("forward_inside", tests);
}
