/* The log shippers: whatever of theirs is deleted or edited is repaired. */
#include "pkg/base/strv.h"
#include "test/e2e/e2e.h"

#define CONSTRAINT "privileged-genevalogging"
#define ROLLOUT_MS 120000

static const char *const shippers[] = { "otel-exporter-master", "otel-exporter-worker" };

/* Every node that should run a shipper has a ready one. */
static int check_ready(struct e2e *t, const void *arg, struct error **err)
{
    const char *const *name = arg;
    cleanup_json json *set = NULL;
    if (e2e_get(t, &GVR_DAEMONSETS, LOGGING_NS, *name, &set, err) < 0)
        return -1;
    int64_t want = json_path_int(set, "status.desiredNumberScheduled", 0);
    int64_t ready = json_path_int(set, "status.numberReady", 0);
    if (want > 0 && ready == want &&
        json_path_int(set, "status.observedGeneration", 0) ==
            json_path_int(set, "metadata.generation", -1))
        return 0;
    return error_set(err, ERR_UNAVAILABLE, "DaemonSet %s: %d of %d ready", *name, (int)ready,
                     (int)want);
}

static int await_shippers(struct e2e *t, struct error **err)
{
    for (size_t i = 0; i < ARRAY_LEN(shippers); i++)
        if (eventually(t, ROLLOUT_MS, check_ready, &shippers[i], err) < 0)
            return -1;
    return 0;
}

static int deleted_run(struct e2e *t, struct error **err)
{
    if (await_shippers(t, err) < 0)
        return -1;
    for (size_t i = 0; i < ARRAY_LEN(shippers); i++)
        if (e2e_expect_recreated(t, &GVR_DAEMONSETS, LOGGING_NS, shippers[i], err) < 0)
            return -1;
    return await_shippers(t, err);
}

static int edited_run(struct e2e *t, struct error **err)
{
    cleanup_json json *before = NULL;
    if (e2e_get(t, &GVR_DAEMONSETS, LOGGING_NS, shippers[0], &before, err) < 0 ||
        e2e_patch(t, &GVR_DAEMONSETS, LOGGING_NS, shippers[0],
                  json_make("{'spec':{'template':{'spec':{'nodeSelector':{'a':'b'},"
                            "'priorityClassName':'system-node-critical'}}}}"),
                  err) < 0 ||
        eventually(t, SOON_MS, check_expect,
                   EXPECT(&GVR_DAEMONSETS, LOGGING_NS, shippers[0],
                          "spec.template.spec.priorityClassName", "system-cluster-critical"),
                   err) < 0 ||
        eventually(t, SOON_MS, check_expect,
                   EXPECT(&GVR_DAEMONSETS, LOGGING_NS, shippers[0],
                          "spec.template.spec.nodeSelector", NULL),
                   err) < 0)
        return -1;
    return await_shippers(t, err);
}

static int parts_run(struct e2e *t, struct error **err)
{
    static const struct {
        const struct gvr *gvr;
        const char *nspace, *name;
    } rows[] = {
        { &GVR_SECURITYCONTEXTCONSTRAINTS, NULL, CONSTRAINT },
        { &GVR_CONFIGMAPS, LOGGING_NS, "otel-config" },
        { &GVR_SERVICEACCOUNTS, LOGGING_NS, "geneva" },
        { &GVR_PODMONITORS, LOGGING_NS, "otel-exporter" },
        { &GVR_PROMETHEUSRULES, LOGGING_NS, "otel-exporter-alerts" },
        { &GVR_ROLES, LOGGING_NS, "prometheus-k8s" },
        { &GVR_ROLEBINDINGS, LOGGING_NS, "prometheus-k8s" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (e2e_expect_recreated(t, rows[i].gvr, rows[i].nspace, rows[i].name, err) < 0)
            return -1;
    if (e2e_patch(t, &GVR_SECURITYCONTEXTCONSTRAINTS, NULL, CONSTRAINT,
                  json_make("{'groups':['system:authenticated']}"), err) < 0)
        return -1;
    return eventually(t, SOON_MS, check_expect,
                      EXPECT(&GVR_SECURITYCONTEXTCONSTRAINTS, NULL, CONSTRAINT, "groups", "[]"),
                      err);
}

static int namespace_run(struct e2e *t, struct error **err)
{
    if (e2e_patch(t, &GVR_NAMESPACES, NULL, LOGGING_NS,
                  json_make("{'metadata':{'labels':{'openshift.io/cluster-monitoring':null}}}"),
                  err) < 0 ||
        eventually(t, SOON_MS, check_expect,
                   EXPECT(&GVR_NAMESPACES, NULL, LOGGING_NS,
                          "metadata.labels[\"openshift.io/cluster-monitoring\"]", "true"),
                   err) < 0 ||
        e2e_expect_recreated(t, &GVR_NAMESPACES, NULL, LOGGING_NS, err) < 0)
        return -1;
    return await_shippers(t, err);
}

static int profile_run(struct e2e *t, struct error **err)
{
    if (e2e_set_flag(t, "aro.genevalogging.otel.profile", "every-log", err) < 0 ||
        await_condition(t, "GenevaLoggingControllerDegraded", "True", SOON_MS, err) < 0 ||
        e2e_restore(t, err) < 0)
        return -1;
    return await_condition(t, "GenevaLoggingControllerDegraded", "False", SOON_MS, err);
}

/* ---- mdsd ---- */

#define MDSD "mdsd"
#define CHECKSUM "spec.template.metadata.annotations[\"checksum/secret-certificates\"]"

/* The resource provider's part: base64 of "cert-1", "cert-2", "key". */
static int put_certificate(struct e2e *t, const char *cert64, struct error **err)
{
    return e2e_patch(t, &GVR_SECRETS, OPERATOR_NS, "cluster",
                     json_make("{'data':{'gcscert.pem':%s,'gcskey.pem':'a2V5'}}", cert64), err);
}

static int check_rolled(struct e2e *t, const void *arg, struct error **err)
{
    const char *before = arg;
    cleanup_json json *set = NULL;
    if (e2e_get(t, &GVR_DAEMONSETS, LOGGING_NS, MDSD, &set, err) < 0)
        return -1;
    const char *now = json_path_str(set, CHECKSUM);
    if (now && !str_eq(now, before))
        return 0;
    return error_set(err, ERR_INTERNAL, "the checksum of the certificate is %s",
                     now ? "the old one" : "missing");
}

/* Only one of the two back ends is there. */
static int await_backend(struct e2e *t, const char *there, const char *gone, struct error **err)
{
    if (eventually(t, ROLLOUT_MS, check_ready, &there, err) < 0)
        return -1;
    return eventually(t, SOON_MS, check_absent, OBJECT(&GVR_DAEMONSETS, LOGGING_NS, gone), err);
}

static int mdsd_run(struct e2e *t, struct error **err)
{
    static const char cert1[] = "Y2VydC0x", cert2[] = "Y2VydC0y";
    if (e2e_save(t, &GVR_SECRETS, OPERATOR_NS, "cluster", err) < 0 ||
        put_certificate(t, cert1, err) < 0 ||
        e2e_change_spec(
            t,
            json_make("{'gatewayTelemetryDomain':null,'gatewayPrivateEndpointIP':null,"
                      "'genevaLogging':{'configVersion':'3.4','monitoringGCSAccount':"
                      "'AROClusterLogsINT','monitoringGCSNamespace':'AROClusterLogsINT',"
                      "'monitoringGCSEnvironment':'DiagnosticsProd'}}"),
            err) < 0 ||
        await_backend(t, MDSD, shippers[0], err) < 0 ||
        e2e_expect_recreated(t, &GVR_DAEMONSETS, LOGGING_NS, MDSD, err) < 0)
        return -1;

    cleanup_json json *set = NULL;
    const char *before;
    if (e2e_get(t, &GVR_DAEMONSETS, LOGGING_NS, MDSD, &set, err) < 0 ||
        json_need_str(set, CHECKSUM, &before, err) < 0 || put_certificate(t, cert2, err) < 0 ||
        eventually(t, SOON_MS, check_rolled, before, err) < 0 ||
        check_expect(
            t, EXPECT(&GVR_SECRETS, LOGGING_NS, "certificates", "data[\"gcscert.pem\"]", cert2),
            err) < 0 ||
        e2e_restore(t, err) < 0)
        return -1;
    return await_backend(t, shippers[0], MDSD, err);
}

static const struct e2e_case cases[] = {
    { "ARO Operator should restore deleted log shippers", "New DaemonSets, ready on every node.",
      deleted_run },
    { "ARO Operator should undo edits of log shippers",
      "Priority and node selector of the pods are as they were.", edited_run },
    { "ARO Operator should restore everything around the log shippers",
      "Constraint, configuration, account, monitoring and roles.", parts_run },
    { "ARO Operator should restore the namespace of the log shippers",
      "Its labels, and all that was in it when it was deleted.", namespace_run },
    { "ARO Operator should ship logs with mdsd where it is asked for",
      "One back end replaces the other; a renewed certificate rolls its pods.", mdsd_run },
    { "ARO Operator should report an unknown log profile",
      "GenevaLogging is Degraded until the flag is right again.", profile_run },
};
const struct e2e_table cases_logging = { cases, ARRAY_LEN(cases) };
