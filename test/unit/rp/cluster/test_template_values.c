/*
 * Templates of whole clusters, against files in test/fixtures/cluster, which are read like code when they change. With
 * GOLDEN=write in the environment they are written instead.
 */
#include <stdlib.h>
#include <string.h>

#include "pkg/base/file.h"
#include "pkg/base/mem.h"
#include "rp/cluster/template_values.h"
#include "test/unit/support/rp/cluster/cluster_rig.h"
#include "test/unit/support/test.h"

#define SUBNET(name) \
    "/subscriptions/s1/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/v/" \
    "subnets/" name
#define COMMON \
    "'infraId':'a-12345','storageSuffix':'abcde12345'," \
    "'imageRegistryStorageAccountName':'imageregistryabcde12345'"
#define SUBNETS \
    "'masterProfile':{'vmSize':'Standard_D8s_v3','subnetId':'" SUBNET( \
        "master") "'}," \
                  "'workerProfiles':[{'subnetId':'" SUBNET("worker") "'}]"
#define PRINCIPAL "'servicePrincipalProfile':{'spObjectId':'object-1'}"
#define VISIBILITY(api, ingress) \
    "'apiserverProfile':{'visibility':'" api "'},'ingressProfiles':[{'visibility':'" ingress "'}]"

struct golden {
    const char *name; /* of the case and, with dashes, of the file */
    const char *file;
    enum cluster_template which;
    const char *properties;
    bool production;
    const char *zones; /* of masters, with commas */
    bool roles;
};
static struct golden goldens[] = {
    { .name = "the storage of a cluster of the first layout",
      .file = "v1-storage",
      .which = TEMPLATE_V1_STORAGE,
      .production = true,
      .properties = "{'architectureVersion':0," COMMON "," SUBNETS "," PRINCIPAL "}" },
    { .name = "a public cluster of the first layout, in zones",
      .file = "v1-resources-public-zones",
      .which = TEMPLATE_V1_RESOURCES,
      .properties = "{'architectureVersion':0," COMMON "," SUBNETS "," PRINCIPAL
                    "," VISIBILITY("Public", "Public") "}",
      .zones = "1,2,3" },
    { .name = "a private cluster of the first layout, without zones",
      .file = "v1-resources-private",
      .which = TEMPLATE_V1_RESOURCES,
      .properties = "{'architectureVersion':0," COMMON "," SUBNETS "," PRINCIPAL
                    "," VISIBILITY("Private", "Private") "}" },
    { .name = "a public cluster, in zones",
      .file = "v2-base-public-zones",
      .which = TEMPLATE_V2_BASE,
      .properties = "{'zones':['1','2','3']," COMMON "," SUBNETS "," PRINCIPAL
                    "," VISIBILITY("Public", "Public") "}" },
    { .name = "a public API with three outbound addresses and a private ingress",
      .file = "v2-base-public-api-outbound",
      .which = TEMPLATE_V2_BASE,
      .properties =
          "{'networkProfile':{'loadBalancerProfile':{'managedOutboundIps':{'count':3}}}," //
      COMMON "," SUBNETS "," PRINCIPAL "," VISIBILITY("Public", "Private") "}" },
    { .name = "a private cluster",
      .file = "v2-base-private",
      .which = TEMPLATE_V2_BASE,
      .properties = "{" COMMON "," SUBNETS "," PRINCIPAL "," VISIBILITY("Private", "Private") "}" },
    { .name = "a private cluster with routing of its own, behind the gateway",
      .file = "v2-base-routing",
      .which = TEMPLATE_V2_BASE,
      .production = true,
      .properties = "{'networkProfile':{'outboundType':'UserDefinedRouting'}," //
                    "'featureProfile':{'gatewayEnabled':true}," COMMON "," SUBNETS "," PRINCIPAL
                    "," VISIBILITY("Private", "Private") "}" },
    { .name = "a cluster with workload identities",
      .file = "v2-base-identities",
      .which = TEMPLATE_V2_BASE,
      .production = true,
      .roles = true,
      .properties =
          "{'platformWorkloadIdentityProfile':{'platformWorkloadIdentities':{"
          "'machine-api':{'objectId':'object-9'},'disk-csi':{'objectId':'object-8'}}}," COMMON
          "," SUBNETS "," VISIBILITY("Public", "Public") "}" },
    { .name = "the machines of a cluster, in zones",
      .file = "v2-resources-zones",
      .which = TEMPLATE_V2_RESOURCES,
      .properties = "{" COMMON "," SUBNETS "," PRINCIPAL "," VISIBILITY("Public", "Public") "}",
      .zones = "1,2,3" },
    { .name = "encrypted machines behind routing of its own, without zones",
      .file = "v2-resources-encrypted-routing",
      .which = TEMPLATE_V2_RESOURCES,
      .properties = "{'networkProfile':{'outboundType':'UserDefinedRouting'},"
                    "'masterProfile':{'vmSize':'Standard_D8s_v5','subnetId':'" SUBNET(
                        "master") "',"
                                  "'encryptionAtHost':'Enabled','diskEncryptionSetId':'/"
                                  "subscriptions/s1/resourceGroups/d/"
                                  "providers/Microsoft.Compute/diskEncryptionSets/e'}," COMMON
                                  "," PRINCIPAL "," VISIBILITY("Private", "Private") "}" },
};

static json *give_base(const struct cluster *c, const struct golden *g)
{
    cleanup_strv struct strv subnets = STRV_INIT;
    cleanup_json json *roles = g->roles
                                   ? json_make("[{'itemRole':'role-1','itemPrincipal':'object-8'},"
                                               "{'itemRole':'role-2','itemPrincipal':'object-9'}]")
                                   : NULL;
    strv_add(&subnets, SUBNET("master"));
    strv_add(&subnets, SUBNET("worker"));
    const struct template_base b = { &subnets, g->roles ? "object-fp" : NULL, roles };
    return template_give_base_values(c, &b);
}

static json *give_machines(const struct cluster *c, const struct golden *g)
{
    cleanup_strv struct strv zones = STRV_INIT;
    if (g->zones)
        strv_split(&zones, g->zones, ",", false);
    const struct template_machines m = {
        .zones = &zones,
        .publisher = "azureopenshift",
        .offer = "aro4",
        .sku = "aro_43",
        .version = "43.81.20191122",
        .disk_gb = 1024,
        .ignition = "{\"ignition\":{}}",
    };
    return template_give_machine_values(c, &m);
}

static void add_production(struct strv *env)
{
    for (size_t i = 0; i < ENV_VARIABLES; i++)
        if (rp_variables[i].need & NEED_PROD)
            strv_addf(env, "%s=%s", rp_variables[i].name,
                      rp_variables[i].type == VAR_UUID ? "11111111-1111-1111-1111-111111111111"
                                                       : "x");
    strv_add(env, "RP_MODE=production");
    strv_add(env, "LOCATION=eastus");
    strv_add(env, "DOMAIN_NAME=" RIG_ZONE);
    strv_add(env, "DATABASE_ACCOUNT_NAME=x");
    strv_add(env, "KEYVAULT_PREFIX=x");
    strv_add(env, "RP_FEATURES=DisableSignedCertificates");
    strv_add(env, "GATEWAY_RESOURCEGROUP=gwy");
    strv_add(env, "CLUSTER_MDSD_ACCOUNT=AROClusterLogs");
    strv_add(env, "CLUSTER_MDSD_NAMESPACE=AROClusterLogs");
    strv_add(env, "MDSD_ENVIRONMENT=Test");
}

/* Written by whoever runs the test with GOLDEN=write, read otherwise. */
static void compare(const char *file, const json *template)
{
    cleanup_free char *path = xasprintf("test/fixtures/cluster/%s.json", file);
    cleanup_buf struct buf got = BUF_INIT(BUF_UNBOUNDED);
    cleanup_free char *want = NULL;
    size_t len;
    json_write_indented(&got, template, 4);
    buf_addc(&got, '\n');
    if (getenv("GOLDEN")) {
        cleanup_file FILE *f = fopen(path, "w");
        assert_non_null(f);
        assert_int_equal(fwrite(got.data, 1, got.len, f), got.len);
        return;
    }
    if (file_read(path, (size_t)1 << 20, &want, &len, NULL) < 0)
        fail_msg("%s is missing", path);
    assert_string_equal(buf_str(&got), want);
}

static void check_golden(void **state)
{
    const struct golden *g = *state;
    struct cluster_rig r;
    cleanup_strv struct strv env = STRV_INIT;
    if (g->production)
        add_production(&env);
    cluster_rig_open_env(&r, g->properties, (const char *const *)env.v, NULL, 0);
    bool is_base = g->which == TEMPLATE_V1_STORAGE || g->which == TEMPLATE_V2_BASE;
    cleanup_json json *values = is_base ? give_base(r.c, g) : give_machines(r.c, g);
    cleanup_json json *template = NULL;
    cleanup_error struct error *err = NULL;

    if (template_make(g->which, values, &template, &err) < 0)
        fail_msg("%s", error_text(err));

    compare(g->file, template);
    cluster_rig_close(&r);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(goldens)];
    for (size_t i = 0; i < ARRAY_LEN(goldens); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(goldens[i].name, check_golden, &goldens[i]);
    return RUN_CASES("template_values", tests);
}
