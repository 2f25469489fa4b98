#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/cluster/credentials.h"
#include "test/unit/support/rp/cluster/inside_rig.h"
#include "test/unit/support/test.h"

#define CREDENTIALS(secret) \
    "{'apiVersion':'v1','kind':'Secret','metadata':{'name':'azure-credentials','namespace':" \
    "'kube-system'},'data':{'azure_client_id':'" CLIENT_ID "','azure_client_secret':'" secret \
    "','azure_tenant_id':'" TENANT_ID "','azure_region':'ZWFzdHVz'}}"
#define CLIENT_ID "Y2x1c3Rlci1hcHA="                                 /* cluster-app */
#define TENANT_ID "Nzc3Nzc3NzctNzc3Ny03Nzc3LTc3NzctNzc3Nzc3Nzc3Nzc3" /* RIG_TENANT */
#define SECRET "cyZjcmV0"                                            /* s&cret */
#define OLD_SECRET "b2xk"
#define POD(name, app, nspace) \
    "{'apiVersion':'v1','kind':'Pod','metadata':{'name':'" name "','namespace':'" nspace \
    "','labels':{'app':'" app "'}}}"
#define CCO "openshift-cloud-credential-operator"
#define CONFIG(kind) \
    "{'apiVersion':'operator.openshift.io/v1','kind':'" kind "','metadata':{'name':'cluster'}," \
    "'spec':{'logLevel':'Normal'}}"
#define KNOWN "{'ingressProfiles':[{'name':'default','ip':'1.2.3.4'}]}"
#define VERSION \
    "{'apiVersion':'config.openshift.io/" \
    "v1','kind':'ClusterVersion','metadata':{'name':'version'}," \
    "'status':{'history':[{'state':'Completed','version':'4.14.16'}]}}"

/* ---- azure-credentials ---- */

static const char *credential(struct inside_rig *r, const char *path)
{
    return inside_rig_text(r, &GVR_SECRETS, "kube-system", "azure-credentials", path);
}

static void add_credential_operator(struct inside_rig *r)
{
    fake_cluster_add(&r->inside, POD("cco-1", "cloud-credential-operator", CCO));
    fake_cluster_add(&r->inside, POD("cco-2", "cloud-credential-operator", CCO));
    fake_cluster_add(&r->inside, POD("other", "pod-identity-webhook", CCO));
}

static bool has_pod(struct inside_rig *r, const char *name)
{
    return fake_cluster_get(&r->inside, &GVR_PODS, CCO, name) != NULL;
}

static void a_new_secret_reaches_the_cluster(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    inside_rig_open(&r, "{}");
    fake_cluster_add(&r.inside, CREDENTIALS(OLD_SECRET));
    add_credential_operator(&r);

    inside_rig_must(&r, cluster_update_openshift_secret);

    assert_string_equal(credential(&r, "data.azure_client_secret"), SECRET);
    assert_string_equal(credential(&r, "data.azure_region"), "ZWFzdHVz");
    assert_false(has_pod(&r, "cco-1"));
    assert_false(has_pod(&r, "cco-2"));
    assert_true(has_pod(&r, "other"));
}

static void a_secret_that_was_lost_is_made_whole(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    inside_rig_open(&r, "{'infraId':'a-12345'}");

    inside_rig_must(&r, cluster_update_openshift_secret);

    json *data = json_path(
        fake_cluster_get(&r.inside, &GVR_SECRETS, "kube-system", "azure-credentials"), "data");
    assert_int_equal(json_len(data), 7);
    assert_string_equal(json_path_str(data, "azure_region"), "ZWFzdHVz");
    assert_string_equal(json_path_str(data, "azure_resource_prefix"), "YS0xMjM0NQ==");
}

static void a_restart_that_was_cut_off_is_made_up_for(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    inside_rig_open(&r, "{}");
    fake_cluster_add(&r.inside, CREDENTIALS(OLD_SECRET));
    add_credential_operator(&r);
    fake_cluster_fail(&r.inside, "DELETE", 403, "Forbidden", 1);

    assert_int_equal(cluster_update_openshift_secret(r.c, r.ctx, NULL), -1);
    assert_true(has_pod(&r, "cco-1"));
    inside_rig_must(&r, cluster_update_openshift_secret);

    assert_false(has_pod(&r, "cco-1"));
}

/* ---- azure-cloud-provider ---- */

static void add_provider(struct inside_rig *r, const char *config)
{
    cleanup_free char *encoded = base64_give(config, strlen(config));
    fake_cluster_put(&r->inside, json_make("{'apiVersion':'v1','kind':'Secret','metadata':{'name':"
                                           "'azure-cloud-provider','namespace':'kube-system'},"
                                           "'data':{'cloud-config':%s}}",
                                           encoded));
    fake_cluster_add(&r->inside, CONFIG("KubeAPIServer"));
    fake_cluster_add(&r->inside, CONFIG("KubeControllerManager"));
}

static char *give_config(struct inside_rig *r)
{
    const char *encoded = inside_rig_text(r, &GVR_SECRETS, "kube-system", "azure-cloud-provider",
                                          "data[\"cloud-config\"]");
    char *text = NULL;
    size_t len;
    assert_int_equal(base64_parse(encoded, strlen(encoded), &text, &len, NULL), 0);
    return text;
}

static const char *reason(struct inside_rig *r, const struct gvr *gvr)
{
    return inside_rig_text(r, gvr, NULL, "cluster", "spec.forceRedeploymentReason");
}

static void the_control_plane_is_rolled_out_with_new_credentials(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    inside_rig_open(&r, "{}");
    add_provider(&r, "aadClientId: cluster-app\naadClientSecret: old\nother: kept\n");

    inside_rig_must(&r, cluster_update_cloud_provider_secret);
    fake_cluster_forget_writes(&r.inside);
    inside_rig_must(&r, cluster_update_cloud_provider_secret);

    cleanup_free char *config = give_config(&r);
    assert_non_null(strstr(config, "s&cret"));
    assert_non_null(strstr(config, "other: kept"));
    assert_true(str_starts(reason(&r, &GVR_KUBEAPISERVERS), "Credential rotation "));
    assert_true(str_starts(reason(&r, &GVR_KUBECONTROLLERMANAGERS), "Credential rotation "));
    fake_cluster_must_not_write(&r.inside);
}

static void equal_credentials_in_another_spelling_are_no_change(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    inside_rig_open(&r, "{}");
    add_provider(&r, "{\"aadClientSecret\": \"s&cret\",\n  \"aadClientId\": \"cluster-app\"}");

    inside_rig_must(&r, cluster_update_cloud_provider_secret);

    fake_cluster_must_not_write(&r.inside);
}

static void a_rollout_that_was_cut_off_is_made_up_for(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    inside_rig_open(&r, "{}");
    add_provider(&r, "aadClientId: other\naadClientSecret: old\n");
    fake_cluster_fail(&r.inside, "PUT /apis/operator.openshift.io/v1/kubecontrollermanagers", 403,
                      "Forbidden", 1);

    assert_int_equal(cluster_update_cloud_provider_secret(r.c, r.ctx, NULL), -1);
    assert_null(reason(&r, &GVR_KUBECONTROLLERMANAGERS));
    inside_rig_must(&r, cluster_update_cloud_provider_secret);

    assert_non_null(reason(&r, &GVR_KUBECONTROLLERMANAGERS));
}

static void a_cluster_without_that_secret_needs_nothing(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    inside_rig_open(&r, "{}");

    inside_rig_must(&r, cluster_update_cloud_provider_secret);

    fake_cluster_must_not_write(&r.inside);
}

/* ---- the request ---- */

static void put_request(struct inside_rig *r, int64_t ago_s)
{
    char text[TIME_TEXT_MAX];
    time_rfc3339(clock_wall_ns(r->ctx->clock) - ago_s * NS_PER_S, text);
    fake_cluster_put(&r->inside, json_make("{'apiVersion':'cloudcredential.openshift.io/v1','kind':"
                                           "'CredentialsRequest','metadata':{'name':"
                                           "'openshift-azure-operator','namespace':'" CCO
                                           "'},'status':{'lastSyncTimestamp':%s}}",
                                           text));
}

static void where_there_is_no_operator_nothing_is_waited_for(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    inside_rig_open(&r, "{}");
    assert_true(inside_rig_look(&r, cluster_credentials_request_reconciled));
}

static void the_request_is_reconciled_for_five_minutes(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    inside_rig_open(&r, KNOWN);
    fake_cluster_add(&r.inside, VERSION);
    bool holds;
    assert_int_equal(cluster_credentials_request_reconciled(r.c, r.ctx, &holds, NULL), -1);

    fake_cluster_add(&r.inside, "{'apiVersion':'cloudcredential.openshift.io/v1','kind':"
                                "'CredentialsRequest','metadata':{'name':"
                                "'openshift-azure-operator','namespace':'" CCO "'}}");
    assert_false(inside_rig_look(&r, cluster_credentials_request_reconciled));
    put_request(&r, 301);
    assert_false(inside_rig_look(&r, cluster_credentials_request_reconciled));
    put_request(&r, 299);
    assert_true(inside_rig_look(&r, cluster_credentials_request_reconciled));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a new secret reaches the cluster", a_new_secret_reaches_the_cluster),
        CASE("a secret that was lost is made whole", a_secret_that_was_lost_is_made_whole),
        CASE("a restart that was cut off is made up for",
             a_restart_that_was_cut_off_is_made_up_for),
        CASE("the control plane is rolled out with new credentials",
             the_control_plane_is_rolled_out_with_new_credentials),
        CASE("equal credentials in another spelling are no change",
             equal_credentials_in_another_spelling_are_no_change),
        CASE("a rollout that was cut off is made up for",
             a_rollout_that_was_cut_off_is_made_up_for),
        CASE("a cluster without that secret needs nothing",
             a_cluster_without_that_secret_needs_nothing),
        CASE("where there is no operator nothing is waited for",
             where_there_is_no_operator_nothing_is_waited_for),
        CASE("the request is reconciled for five minutes",
             the_request_is_reconciled_for_five_minutes),
    };
    return RUN_CASES("credentials", tests);
}
