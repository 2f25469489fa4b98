#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "operator/deploy/mdsd.h"
#include "pkg/base/mem.h"
#include "rp/cluster/geneva_logging.h"
#include "rp/env/secrets_folder.h"
#include "test/unit/support/rp/cluster/inside_rig.h"
#include "test/unit/support/test.h"

#define NS LOGGING_NAMESPACE
#define FIRST "{'architectureVersion':0,'clusterProfile':{'version':'4.3.18'}}"
#define PRIVILEGED \
    "{'apiVersion':'security.openshift.io/v1','kind':'SecurityContextConstraints'," \
    "'metadata':{'name':'privileged'},'allowPrivilegedContainer':true}"
#define RELEASE(v) \
    "{'apiVersion':'config.openshift.io/v1','kind':'ClusterVersion','metadata':{'name':" \
    "'version'},'status':{'history':[{'state':'Completed','version':'" v "'}]}}"

static const char *const env[] = { "CLUSTER_MDSD_ACCOUNT=AROClusterLogs",
                                   "CLUSTER_MDSD_CONFIG_VERSION=3.4",
                                   "CLUSTER_MDSD_NAMESPACE=AROClusterLogsPROD",
                                   "MDSD_ENVIRONMENT=Test", NULL };

struct rig {
    struct inside_rig r;
    char *dir;
    struct rp_secrets *secrets;
};

/* A folder of the service's secrets, with a pair for clusters. Each time it is opened anew it holds another one. */
static void open_secrets(struct rig *rig)
{
    cleanup_rp_secrets struct rp_secrets *made = NULL;
    cleanup_free char *pair = xasprintf("%s/rp-server", rig->dir);
    cleanup_free char *logging = xasprintf("%s/cluster-mdsd", rig->dir);
    assert_int_equal(rp_secrets_open_folder(rig->dir, true, &made, NULL), 0);
    assert_int_equal(rename(pair, logging), 0);
    rp_secrets_free(rig->secrets);
    assert_int_equal(rp_secrets_open_folder(rig->dir, true, &rig->secrets, NULL), 0);
    rig->r.outer.cfg.secrets = rig->secrets;
}

static void open_rig(struct rig *rig)
{
    const char *tmp = getenv("TMPDIR"); /* NOLINT(concurrency-mt-unsafe) */
    *rig = (struct rig){ .dir = xasprintf("%s/logging-XXXXXX", tmp ? tmp : "/tmp") };
    assert_non_null(mkdtemp(rig->dir));
    inside_rig_open_env(&rig->r, FIRST, env, NULL, 0);
    fake_cluster_add(&rig->r.inside, PRIVILEGED);
    fake_cluster_add(&rig->r.inside, RELEASE("4.3.18"));
    fake_cluster_forget_writes(&rig->r.inside);
    open_secrets(rig);
}

static void close_rig(struct rig *rig)
{
    inside_rig_close(&rig->r);
    rp_secrets_free(rig->secrets);
    free(rig->dir);
}

static const char *text(struct rig *rig, const struct gvr *gvr, const char *name, const char *path)
{
    return inside_rig_text(&rig->r, gvr, NS, name, path);
}

static void its_objects_are_the_operators(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig);

    inside_rig_must(&rig.r, cluster_ensure_geneva_logging);
    fake_cluster_forget_writes(&rig.r.inside);
    inside_rig_must(&rig.r, cluster_ensure_geneva_logging);

    const char *image =
        text(&rig, &GVR_DAEMONSETS, "mdsd", "spec.template.spec.containers[1].image");
    json *constraints =
        fake_cluster_get(&rig.r.inside, &GVR_SECURITYCONTEXTCONSTRAINTS, NULL, LOGGING_CONSTRAINTS);
    assert_string_equal(image, "arosvc.azurecr.io/" MDSD_IMAGE);
    assert_non_null(text(&rig, &GVR_CONFIGMAPS, "fluent-config", "data[\"fluent.conf\"]"));
    assert_non_null(text(&rig, &GVR_SECRETS, LOGGING_CERTIFICATES, "data[\"gcskey.pem\"]"));
    assert_non_null(text(&rig, &GVR_SERVICEACCOUNTS, LOGGING_ACCOUNT, "metadata.name"));
    assert_string_equal(json_path_str(constraints, "users[0]"),
                        "system:serviceaccount:" NS ":" LOGGING_ACCOUNT);
    fake_cluster_must_not_write(&rig.r.inside);
    close_rig(&rig);
}

static void a_renewed_certificate_reaches_its_pods(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig);
    inside_rig_must(&rig.r, cluster_ensure_geneva_logging);
    cleanup_free char *before =
        xstrdup(text(&rig, &GVR_SECRETS, LOGGING_CERTIFICATES, "data[\"gcscert.pem\"]"));
    static const char sum[] =
        "spec.template.metadata.annotations[\"checksum/secret-" LOGGING_CERTIFICATES "\"]";
    cleanup_free char *old_sum = xstrdup(text(&rig, &GVR_DAEMONSETS, "mdsd", sum));
    open_secrets(&rig);

    inside_rig_must(&rig.r, cluster_keep_geneva_logging);

    assert_string_not_equal(text(&rig, &GVR_SECRETS, LOGGING_CERTIFICATES, "data[\"gcscert.pem\"]"),
                            before);
    assert_string_not_equal(text(&rig, &GVR_DAEMONSETS, "mdsd", sum), old_sum);
    close_rig(&rig);
}

static void an_admin_update_leaves_it_to_an_operator(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig);
    fake_cluster_add(&rig.r.inside, RELEASE("4.7.12"));
    fake_cluster_forget_writes(&rig.r.inside);

    inside_rig_must(&rig.r, cluster_keep_geneva_logging);

    fake_cluster_must_not_write(&rig.r.inside);
    close_rig(&rig);
}

static void without_a_place_for_logs_there_is_none(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    inside_rig_open(&r, FIRST);

    inside_rig_must(&r, cluster_ensure_geneva_logging);

    fake_cluster_must_not_write(&r.inside);
}

static void without_a_certificate_it_is_an_error(void **state)
{
    (void)state;
    struct rig rig;
    cleanup_error struct error *err = NULL;
    open_rig(&rig);
    rig.r.outer.cfg.secrets = NULL;

    assert_int_equal(cluster_ensure_geneva_logging(rig.r.c, rig.r.ctx, &err), -1);

    assert_non_null(strstr(error_text(err), "CLUSTER_MDSD_ACCOUNT"));
    fake_cluster_must_not_write(&rig.r.inside);
    close_rig(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("its objects are the operator's", its_objects_are_the_operators),
        CASE("a renewed certificate reaches its pods", a_renewed_certificate_reaches_its_pods),
        CASE("an admin update leaves it to an operator", an_admin_update_leaves_it_to_an_operator),
        CASE("without a place for logs there is none", without_a_place_for_logs_there_is_none),
        CASE("without a certificate it is an error", without_a_certificate_it_is_an_error),
    };
    return RUN_CASES("geneva_logging", tests);
}
