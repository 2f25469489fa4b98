/* A cluster's template as it is deployed for the first layout: balancers, zone, private link service and machines, which
 * refer to each other while they are made. */
#include "hack/devcloud/azure/machines.h"
#include "pkg/base/file.h"
#include "test/unit/hack/devcloud/azure/compute_rig.h"

#define SKELETON "deploy/cluster/v1-resources.json"
#define DEPLOYMENT CLUSTER_GROUP "/providers/Microsoft.Resources/deployments/azuredeploy"
#define ACCOUNT CLUSTER_GROUP "/providers/Microsoft.Storage/storageAccounts/clustersto"
#define SAS \
    "{'signedStart':'2026-01-01T00:00:00Z','signedExpiry':'2096-01-01T00:00:00Z'," \
    "'signedPermission':'rl','signedResourceTypes':'o','signedServices':'b'," \
    "'signedProtocol':'https'}"
#define DATA "aGVsbG8="

static const struct {
    const char *from, *to;
} values[] = {
    { "\"${masterZones}\"", "[\"[string(copyIndex(1))]\"]" },
    { "\"${masterDiskSizeGB}\"", "128" },
    { "${masterCustomData}", DATA },
    { "${masterSubnetId}", MASTER_SUBNET },
    { "${masterVmSize}", "Standard_D8s_v3" },
    { "${vnetId}", RIG_VNET },
    { "${infraId}", "c1-abcde" },
    { "${location}", "eastus" },
    { "${domain}", "c1.aro.example" },
    { "${shortName}", "c1" },
    { "${storageAccount}", "clustersto" },
    { "${storageSuffix}", "core.windows.net" },
    { "${serviceSubscriptionId}", "00000000-0000-0000-0000-000000000000" },
    { "${image", "image" }, /* "imageSku}": any text does */
};

static char *give_replaced(const char *text, const char *from, const char *to)
{
    struct buf b = BUF_INIT(BUF_UNBOUNDED);
    for (const char *at; (at = strstr(text, from)); text = at + strlen(from))
        buf_addf(&b, "%.*s%s", (int)(at - text), text, to);
    buf_adds(&b, text);
    return buf_give(&b);
}

/* Of a public cluster: all optional parts stay. */
static char *give_body(void)
{
    char *text = NULL;
    size_t len;
    assert_int_equal(file_read(SKELETON, (size_t)1 << 20, &text, &len, NULL), 0);
    for (size_t i = 0; i < ARRAY_LEN(values); i++) {
        char *next = give_replaced(text, values[i].from, values[i].to);
        free(text);
        text = next;
    }
    cleanup_free char *template = text;
    cleanup_free char *plain = give_replaced(template, "\"$when\": \"publicApi\",", "");
    cleanup_free char *sas = rig_give_json(SAS);
    return xasprintf("{\"properties\":{\"mode\":\"Incremental\",\"template\":%s,\"parameters\":{"
                     "\"sas\":{\"value\":%s}}}}",
                     plain, sas);
}

static void deploy_cluster(struct rig *r)
{
    cleanup_free char *body = give_body();
    cleanup_reply struct rig_reply reply = { 0 };
    int status = rig_send(r, "PUT", DEPLOYMENT RIG_VERSION, "application/json", body, &reply);
    cleanup_free char *first = json_give_text(reply.body);
    if (status / 100 != 2)
        fail_msg("%d %s", status, first);
    rig_call(r, "GET", DEPLOYMENT RIG_VERSION, NULL, &reply);
    cleanup_free char *text = json_give_text(reply.body);
    if (!str_eq(json_path_str(reply.body, "properties.provisioningState"), "Succeeded"))
        fail_msg("%s", text);
}

static void check_cluster(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    assert_int_equal(compute_call(&r, "PUT", ACCOUNT,
                                  "{'location':'eastus','kind':'StorageV2','sku':{'name':"
                                  "'Standard_LRS'},'properties':{}}",
                                  NULL) /
                         100,
                     2);

    deploy_cluster(&r);
    deploy_cluster(&r); /* again, and nothing changes */

    cleanup_free char *internal =
        compute_give_text(&r, LBS "/c1-abcde-internal-lb",
                          "properties.frontendIPConfigurations[0].properties.privateIPAddress");
    assert_true(str_starts(internal, "10.0.0."));
    static const char *const names[] = { "api", "api-int" };
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        cleanup_free char *path =
            xasprintf(CLUSTER_NETWORK "/privateDnsZones/c1.aro.example/A/%s", names[i]);
        assert_text(&r, path, "properties.aRecords[0].ipv4Address", internal);
    }
    cleanup_machine struct azure_machine *bootstrap =
        machines_give_one(r.sim, CLUSTER_MACHINES "/c1-abcde-bootstrap");
    static const char *const parts[] = {
        "https://clustersto.blob.core.windows.net/ignition/bootstrap.ign?", "sp=rl", "&sig="
    };
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        assert_non_null(strstr(bootstrap->custom_data, parts[i]));
    cleanup_machine struct azure_machine *master =
        machines_give_one(r.sim, CLUSTER_MACHINES "/c1-abcde-master-2");
    assert_string_equal(master->custom_data, "hello");
    assert_string_equal(master->zone, "3");
    assert_text(&r, CLUSTER_NETWORK "/privateDnsZones/c1.aro.example/A/etcd-2",
                "properties.aRecords[0].ipv4Address", master->addresses.v[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a cluster's network and machines are deployed, and again", check_cluster),
    };
    return RUN_CASES("deployments_cluster", tests);
}
