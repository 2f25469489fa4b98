/* The operator as deployed: its pods, its logs, its own state. */
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/e2e/e2e.h"

#define HEALTH_PORT 8080
#define METRICS_PORT 8888

static const char *const roles[] = { "aro-operator-master", "aro-operator-worker" };

/* ---- logs ---- */

static int check_log(struct e2e *t, const json *pod, struct error **err)
{
    cleanup_free char *log = NULL;
    if (e2e_pod_log(t, pod, &log, err) < 0)
        return -1;
    if (!strstr(log, "starting aro-operator"))
        return error_set(err, ERR_INTERNAL, "pod %s logged nothing of its start",
                         json_path_str(pod, "metadata.name"));
    const char *bad = strstr(log, "level=error");
    if (!bad)
        return 0;
    while (bad > log && bad[-1] != '\n')
        bad--;
    return error_set(err, ERR_INTERNAL, "pod %s: %.*s", json_path_str(pod, "metadata.name"),
                     (int)strcspn(bad, "\n"), bad);
}

/* First of all cases, before others make trouble. */
static int logs_run(struct e2e *t, struct error **err)
{
    for (size_t r = 0; r < ARRAY_LEN(roles); r++) {
        cleanup_json json *pods = NULL;
        if (e2e_pods(t, roles[r], &pods, err) < 0)
            return -1;
        json *items = json_get(pods, "items");
        for (size_t i = 0; i < json_len(items); i++)
            if (check_log(t, json_at(items, i), err) < 0)
                return -1;
    }
    return 0;
}

/* ---- state ---- */

static int conditions_run(struct e2e *t, struct error **err)
{
    static const char *const with_conditions[] = { "GenevaLogging",
                                                   "MachineHealthCheck",
                                                   "MachineSet",
                                                   "PullSecret",
                                                   "DnsmasqCluster",
                                                   "DnsmasqMachineConfig",
                                                   "DnsmasqMachineConfigPool" };
    cleanup_json json *cluster = NULL;
    if (eventually(t, SOON_MS, check_healthy, NULL, err) < 0 ||
        e2e_get(t, &GVR_CLUSTERS, NULL, CLUSTER, &cluster, err) < 0)
        return -1;
    for (size_t i = 0; i < ARRAY_LEN(with_conditions); i++) {
        static const char *const suffixes[] = { "Available", "Progressing", "Degraded" };
        for (size_t s = 0; s < ARRAY_LEN(suffixes); s++) {
            cleanup_free char *type = xasprintf("%sController%s", with_conditions[i], suffixes[s]);
            if (!find_condition(cluster, type))
                return error_set(err, ERR_NOT_FOUND, "condition %s is missing", type);
        }
    }
    return 0;
}

static int check_cluster_operators(struct e2e *t, const void *unused, struct error **err)
{
    (void)unused;
    cleanup_json json *list = NULL;
    if (kube_list(t->kube, t->ctx, KUBE_REF(&GVR_CLUSTEROPERATORS, NULL, NULL), NULL, &list, err) <
        0)
        return -1;
    json *items = json_get(list, "items");
    bool found = false;
    for (size_t i = 0; i < json_len(items); i++) {
        const json *co = json_at(items, i);
        bool ours = str_eq(json_path_str(co, "metadata.name"), "aro");
        found = found || ours;
        if (!str_eq(json_path_str(find_condition(co, "Available"), "status"), "True") ||
            !str_eq(json_path_str(find_condition(co, "Degraded"), "status"), "False") ||
            (ours && !str_eq(json_path_str(find_condition(co, "Progressing"), "status"), "False")))
            return error_set(err, ERR_INTERNAL, "ClusterOperator %s is not well",
                             json_path_str(co, "metadata.name"));
    }
    return found ? 0 : error_set(err, ERR_NOT_FOUND, "there is no ClusterOperator aro");
}

static int cluster_operator_run(struct e2e *t, struct error **err)
{
    cleanup_json json *before = NULL, *cluster = NULL;
    if (eventually(t, SOON_MS, check_cluster_operators, NULL, err) < 0 ||
        e2e_get(t, &GVR_CLUSTEROPERATORS, NULL, "aro", &before, err) < 0 ||
        e2e_get(t, &GVR_CLUSTERS, NULL, CLUSTER, &cluster, err) < 0)
        return -1;
    const char *version = json_path_str(before, "status.versions[0].version");
    if (!version || !str_eq(version, json_path_str(cluster, "status.operatorVersion")))
        return error_set(
            err, ERR_INTERNAL, "ClusterOperator and Cluster name different versions: %s and %s",
            version ? version : "none", json_path_str(cluster, "status.operatorVersion"));
    if (e2e_expect_recreated(t, &GVR_CLUSTEROPERATORS, NULL, "aro", err) < 0)
        return -1;
    return eventually(t, SOON_MS, check_cluster_operators, NULL, err);
}

/* ---- pods ---- */

static int deployment_is_settled(struct e2e *t, const void *arg, struct error **err)
{
    const char *const *role = arg;
    cleanup_json json *d = NULL;
    if (e2e_get(t, &GVR_DEPLOYMENTS, OPERATOR_NS, *role, &d, err) < 0)
        return -1;
    int64_t want = json_path_int(d, "spec.replicas", 1);
    if (json_path_int(d, "status.availableReplicas", 0) == want &&
        json_path_int(d, "status.updatedReplicas", 0) == want &&
        json_path_int(d, "status.replicas", 0) == want)
        return 0;
    return error_set(err, ERR_UNAVAILABLE, "Deployment %s is not rolled out", *role);
}

/* The number of controllers that a pod's metrics name. */
static int count_controllers(struct e2e *t, const char *role, size_t *ret, struct error **err)
{
    cleanup_json json *pods = NULL;
    cleanup_response struct http_response reply = { 0 };
    if (e2e_pods(t, role, &pods, err) < 0 ||
        e2e_call_pod(t, json_path(pods, "items[0]"), "GET", METRICS_PORT, "/metrics", NULL, &reply,
                     err) < 0)
        return -1;
    static const char key[] = "controller_runtime_reconcile_total{controller=\"";
    cleanup_strv struct strv names = STRV_INIT;
    for (const char *p = buf_str(&reply.body); (p = strstr(p, key)); p++) {
        const char *name = p + strlen(key);
        cleanup_free char *text = xstrndup(name, strcspn(name, "\""));
        strv_add_unique(&names, text);
    }
    *ret = names.len;
    if (names.len == 1 && !strv_has(&names, "InternetChecker"))
        return error_set(err, ERR_INTERNAL, "%s runs %s alone", role, names.v[0]);
    return 0;
}

static int roles_run(struct e2e *t, struct error **err)
{
    size_t n;
    for (size_t r = 0; r < ARRAY_LEN(roles); r++)
        if (eventually(t, SOON_MS, deployment_is_settled, &roles[r], err) < 0)
            return -1;
    if (count_controllers(t, roles[1], &n, err) < 0)
        return -1;
    if (n != 1)
        return error_set(err, ERR_INTERNAL, "the worker runs %zu controllers, wanted one", n);
    if (count_controllers(t, roles[0], &n, err) < 0)
        return -1;
    return n > 10 ? 0 : error_set(err, ERR_INTERNAL, "the master runs only %zu controllers", n);
}

static int health_run(struct e2e *t, struct error **err)
{
    static const struct {
        const char *method, *path, *body;
    } rows[] = {
        { "POST", "/healthz/ready",
          "{\"receiver\":\"null\",\"alerts\":[{\"status\":\"firing\"}]}" },
        { "POST", "/", "{}" },
        { "GET", "/healthz/ready", NULL },
        { "GET", "/healthz", NULL },
        { "GET", "/readyz", NULL },
    };
    for (size_t r = 0; r < ARRAY_LEN(roles); r++) {
        cleanup_json json *pods = NULL;
        if (e2e_pods(t, roles[r], &pods, err) < 0)
            return -1;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
            cleanup_response struct http_response reply = { 0 };
            if (e2e_call_pod(t, json_path(pods, "items[0]"), rows[i].method, HEALTH_PORT,
                             rows[i].path, rows[i].body, &reply, err) < 0)
                return -1;
            if (reply.status != 200)
                return error_set(err, ERR_INTERNAL, "%s %s of %s: status %d", rows[i].method,
                                 rows[i].path, roles[r], reply.status);
        }
    }
    return 0;
}

static int versions_run(struct e2e *t, struct error **err)
{
    for (size_t r = 0; r < ARRAY_LEN(roles); r++) {
        cleanup_json json *d = NULL, *pods = NULL;
        if (e2e_get(t, &GVR_DEPLOYMENTS, OPERATOR_NS, roles[r], &d, err) < 0 ||
            e2e_pods(t, roles[r], &pods, err) < 0)
            return -1;
        const char *version = json_path_str(d, "metadata.labels.version");
        const char *image = json_path_str(d, "spec.template.spec.containers[0].image");
        if (!version || !image || !str_ends(image, version) ||
            !str_eq(json_path_str(pods, "items[0].metadata.labels.version"), version))
            return error_set(err, ERR_INTERNAL, "%s: label version %s, image %s", roles[r],
                             version ? version : "absent", image ? image : "absent");
    }
    return 0;
}

static const struct e2e_case cases[] = {
    { "ARO Operator should log no errors", "Neither pod has logged a line with level=error.",
      logs_run },
    { "ARO Operator should report healthy conditions",
      "Every condition of the Cluster resource is as on a healthy cluster.", conditions_run },
    { "ARO Operator should keep ClusterOperator aro",
      "It is Available, carries the version, and comes back when it is deleted.",
      cluster_operator_run },
    { "ARO Operator should run one controller in workers, all others in masters",
      "The metrics of the pods name what runs.", roles_run },
    { "ARO Operator should answer health checks and alerts",
      "Alertmanager's webhook is answered with 200 at any time.", health_run },
    { "ARO Operator should carry its version", "Labels of Deployments and pods match the image.",
      versions_run },
};
const struct e2e_table cases_operator = { cases, ARRAY_LEN(cases) };
