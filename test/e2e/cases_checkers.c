/* The checks: each cause of trouble shows in its condition, and goes with it. */
#include <string.h>

#include "pkg/base/strv.h"
#include "test/e2e/e2e.h"

#define INGRESS_NS "openshift-ingress-operator"

/* ---- internet ---- */

static int internet_run(struct e2e *t, struct error **err)
{
    int64_t since = clock_wall_ns(t->ctx->clock) / NS_PER_S;
    const struct e2e_event bad = { "Warning", "InternetReachableFromWorker", since };
    const struct e2e_event good = { "Normal", "InternetReachableFromWorker", since };
    if (e2e_change_spec(
            t, json_make("{'internetChecker':{'urls':['https://localhost:1234/shouldnotexist']}}"),
            err) < 0 ||
        await_condition(t, "InternetReachableFromMaster", "False", CHECK_MS, err) < 0 ||
        await_condition(t, "InternetReachableFromWorker", "False", CHECK_MS, err) < 0)
        return -1;
    cleanup_json json *cluster = NULL;
    if (e2e_get(t, &GVR_CLUSTERS, NULL, CLUSTER, &cluster, err) < 0)
        return -1;
    json *c = find_condition(cluster, "InternetReachableFromMaster");
    const char *message = json_path_str(c, "message");
    if (!str_eq(json_path_str(c, "reason"), "CheckFailed") || !message ||
        !strstr(message, "https://localhost:1234/shouldnotexist: "))
        return error_set(err, ERR_INTERNAL, "the condition does not tell the URL: %s",
                         message ? message : "no message");
    if (eventually(t, SOON_MS, check_event, &bad, err) < 0)
        return -1;
    if (e2e_restore(t, err) < 0 ||
        await_condition(t, "InternetReachableFromMaster", "True", CHECK_MS, err) < 0)
        return -1;
    if (await_condition(t, "InternetReachableFromWorker", "True", CHECK_MS, err) < 0)
        return -1;
    return eventually(t, SOON_MS, check_event, &good, err);
}

/* ---- flag ---- */

static int flag_run(struct e2e *t, struct error **err)
{
    static const char *const types[] = { "InternetReachableFromMaster",
                                         "InternetReachableFromWorker", "ServicePrincipalValid",
                                         "DefaultClusterDNS", "DefaultIngressCertificate" };
    if (e2e_set_flag(t, "aro.checker.enabled", "false", err) < 0)
        return -1;
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (await_condition(t, types[i], "Unknown", SOON_MS, err) < 0)
            return -1;
    if (e2e_set_flag(t, "aro.checker.enabled", "TRUE", err) < 0)
        return -1;
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (await_condition(t, types[i], "True", CHECK_MS, err) < 0)
            return -1;
    return 0;
}

/* ---- service principal ---- */

static int set_secret(struct e2e *t, const char *secret, struct error **err)
{
    cleanup_json json *state = NULL;
    if (e2e_save_azure(t, err) < 0 || faults_azure_state(t->faults, t->ctx, &state, err) < 0)
        return -1;
    struct json_iter app = json_each(json_get(state, "applications"));
    if (!json_next(&app))
        return error_set(err, ERR_NOT_FOUND, "the directory has no application");
    cleanup_json json *patch = json_make("{'applications':{%s:{'secret':%s}}}", app.key, secret);
    return faults_azure_patch(t->faults, t->ctx, patch, err);
}

static int principal_run(struct e2e *t, struct error **err)
{
    if (set_secret(t, "somebody-rotated-it", err) < 0 ||
        await_condition(t, "ServicePrincipalValid", "False", CHECK_MS, err) < 0)
        return -1;
    cleanup_json json *cluster = NULL;
    if (e2e_get(t, &GVR_CLUSTERS, NULL, CLUSTER, &cluster, err) < 0)
        return -1;
    json *c = find_condition(cluster, "ServicePrincipalValid");
    const char *message = json_path_str(c, "message");
    if (!message || !strstr(message, "AADSTS7000215"))
        return error_set(err, ERR_INTERNAL, "the condition does not tell the cause: %s",
                         message ? message : "no message");
    if (strstr(message, "somebody-rotated-it") || strstr(message, "dummy-client-secret"))
        return error_set(err, ERR_INTERNAL, "the condition tells a secret");
    if (e2e_restore(t, err) < 0)
        return -1;
    return await_condition(t, "ServicePrincipalValid", "True", CHECK_MS, err);
}

static int permissions_run(struct e2e *t, struct error **err)
{
    cleanup_json json *patch =
        json_make("{'permissions':{'default':[{'actions':['*'],'notActions':["
                  "'Microsoft.Network/virtualNetworks/subnets/join/action']}]}}");
    if (e2e_save_azure(t, err) < 0 || faults_azure_patch(t->faults, t->ctx, patch, err) < 0 ||
        await_condition(t, "ServicePrincipalValid", "False", CHECK_MS, err) < 0 ||
        e2e_restore(t, err) < 0)
        return -1;
    return await_condition(t, "ServicePrincipalValid", "True", CHECK_MS, err);
}

/* Azure out of order says nothing about the principal. */
static int unavailable_run(struct e2e *t, struct error **err)
{
    cleanup_json json *faults = json_make("[{'host':'login.microsoftonline.com','times':1000,"
                                          "'status':503,'body':{'error':'temporarily_unavailable'"
                                          "}}]");
    if (e2e_save_azure(t, err) < 0 || faults_azure_set(t->faults, t->ctx, faults, err) < 0 ||
        await_condition(t, "ServicePrincipalValid", "Unknown", CHECK_MS, err) < 0 ||
        e2e_restore(t, err) < 0)
        return -1;
    return await_condition(t, "ServicePrincipalValid", "True", CHECK_MS, err);
}

/* ---- DNS, ingress, machines ---- */

static int dns_run(struct e2e *t, struct error **err)
{
    if (e2e_save(t, &GVR_DNSES, NULL, "default", err) < 0 ||
        e2e_patch(t, &GVR_DNSES, NULL, "default",
                  json_make("{'spec':{'servers':[{'name':'all','zones':['.'],'forwardPlugin':"
                            "{'upstreams':['192.0.2.1']}}]}}"),
                  err) < 0 ||
        await_condition(t, "DefaultClusterDNS", "False", SOON_MS, err) < 0 ||
        e2e_patch(t, &GVR_DNSES, NULL, "default",
                  json_make("{'spec':{'servers':[{'name':'corp','zones':['corp.test'],"
                            "'forwardPlugin':{'upstreams':['192.0.2.1','192.0.2.2']}}]}}"),
                  err) < 0 ||
        await_condition(t, "DefaultClusterDNS", "True", SOON_MS, err) < 0)
        return -1;
    cleanup_json json *cluster = NULL;
    if (e2e_get(t, &GVR_CLUSTERS, NULL, CLUSTER, &cluster, err) < 0)
        return -1;
    const char *message = json_path_str(find_condition(cluster, "DefaultClusterDNS"), "message");
    if (!str_eq(message, "custom upstream DNS servers in use: 192.0.2.1, 192.0.2.2"))
        return error_set(err, ERR_INTERNAL, "unexpected message: %s", message ? message : "none");
    return 0;
}

static int ingress_run(struct e2e *t, struct error **err)
{
    if (e2e_save(t, &GVR_INGRESSCONTROLLERS, INGRESS_NS, "default", err) < 0 ||
        e2e_patch(t, &GVR_INGRESSCONTROLLERS, INGRESS_NS, "default",
                  json_make("{'spec':{'defaultCertificate':{'name':'of-the-customer'}}}"), err) < 0)
        return -1;
    if (await_condition(t, "DefaultIngressCertificate", "False", SOON_MS, err) < 0 ||
        e2e_restore(t, err) < 0)
        return -1;
    return await_condition(t, "DefaultIngressCertificate", "True", SOON_MS, err);
}

static int machine_run(struct e2e *t, struct error **err)
{
    cleanup_json json *list = NULL;
    struct kube_list_options opt = { .label_selector =
                                         "machine.openshift.io/cluster-api-machine-role=worker" };
    if (kube_list(t->kube, t->ctx, KUBE_REF(&GVR_MACHINES, MACHINE_NS, NULL), &opt, &list, err) < 0)
        return -1;
    const char *name = json_path_str(list, "items[0].metadata.name");
    if (!name)
        return error_set(err, ERR_NOT_FOUND, "the cluster has no worker machine");
    if (e2e_save(t, &GVR_MACHINES, MACHINE_NS, name, err) < 0 ||
        e2e_patch(t, &GVR_MACHINES, MACHINE_NS, name,
                  json_make("{'spec':{'providerSpec':{'value':{'osDisk':{'diskSizeGB':64}}}}}"),
                  err) < 0 ||
        await_condition(t, "MachineValid", "False", SOON_MS, err) < 0 || e2e_restore(t, err) < 0)
        return -1;
    return await_condition(t, "MachineValid", "True", SOON_MS, err);
}

/* ---- status ---- */

static int check_pruned(struct e2e *t, const void *unused, struct error **err)
{
    (void)unused;
    cleanup_json json *cluster = NULL;
    if (e2e_get(t, &GVR_CLUSTERS, NULL, CLUSTER, &cluster, err) < 0)
        return -1;
    if (!find_condition(cluster, "OfTheOldDays"))
        return 0;
    return error_set(err, ERR_EXISTS, "condition OfTheOldDays is still there");
}

static int add_condition(void *arg, const struct opctx *ctx, int attempt, struct error **err)
{
    struct e2e *t = arg;
    (void)attempt;
    cleanup_json json *cluster = NULL;
    if (e2e_get(t, &GVR_CLUSTERS, NULL, CLUSTER, &cluster, err) < 0)
        return -1;
    json *list = json_path(cluster, "status.conditions");
    if (!json_is_array(list))
        return error_set(err, ERR_NOT_FOUND, "the Cluster has no conditions yet");
    json_append(list, json_make("{'type':'OfTheOldDays','status':'True','lastTransitionTime':"
                                "'2021-01-01T00:00:00Z'}"));
    return kube_update(t->kube, ctx, KUBE_STATUS(&GVR_CLUSTERS, NULL, CLUSTER), cluster, NULL, NULL,
                       err);
}

static int prune_run(struct e2e *t, struct error **err)
{
    if (kube_retry_on_conflict(t->ctx, add_condition, t, err) < 0)
        return -1;
    /* A checker writes when something changes. */
    if (e2e_set_flag(t, "aro.checker.enabled", "false", err) < 0)
        return -1;
    return eventually(t, SOON_MS, check_pruned, NULL, err);
}

static int erase_conditions(void *arg, const struct opctx *ctx, int attempt, struct error **err)
{
    struct e2e *t = arg;
    (void)attempt;
    cleanup_json json *cluster = NULL;
    if (e2e_get(t, &GVR_CLUSTERS, NULL, CLUSTER, &cluster, err) < 0)
        return -1;
    json_put(json_get(cluster, "status"), "conditions", json_new_array());
    return kube_update(t->kube, ctx, KUBE_STATUS(&GVR_CLUSTERS, NULL, CLUSTER), cluster, NULL, NULL,
                       err);
}

static int check_restored(struct e2e *t, const void *arg, struct error **err)
{
    const json *before = arg;
    cleanup_json json *cluster = NULL;
    if (e2e_get(t, &GVR_CLUSTERS, NULL, CLUSTER, &cluster, err) < 0)
        return -1;
    for (size_t i = 0; i < json_len(before); i++) {
        const char *type = json_path_str(json_at(before, i), "type");
        if (!find_condition(cluster, type))
            return error_set(err, ERR_NOT_FOUND, "condition %s is missing", type);
    }
    return 0;
}

static int erased_run(struct e2e *t, struct error **err)
{
    cleanup_json json *cluster = NULL;
    if (e2e_get(t, &GVR_CLUSTERS, NULL, CLUSTER, &cluster, err) < 0)
        return -1;
    const json *before = json_path(cluster, "status.conditions");
    if (json_len(before) == 0)
        return error_set(err, ERR_NOT_FOUND, "the Cluster has no conditions yet");
    if (kube_retry_on_conflict(t->ctx, erase_conditions, t, err) < 0)
        return -1;
    return eventually(t, SOON_MS, check_restored, before, err);
}

static const struct e2e_case cases[] = {
    { "ARO Operator should report an unreachable internet from masters and workers",
      "A URL that does not answer makes both conditions False, the old list True again.",
      internet_run },
    { "ARO Operator should stop and start its checks by flag",
      "Off: the conditions are Unknown. On, in any letter case: True.", flag_run },
    { "ARO Operator should report a wrong service principal secret",
      "AAD's refusal shows in the condition, without any secret.", principal_run },
    { "ARO Operator should report missing permissions of the service principal",
      "One action that is missing on the virtual network is enough.", permissions_run },
    { "ARO Operator should not blame the service principal for an outage of Azure",
      "The condition is Unknown while sign-in is out of order.", unavailable_run },
    { "ARO Operator should report a malformed DNS configuration",
      "A server for the zone '.' makes the condition False; custom upstreams are told.", dns_run },
    { "ARO Operator should report a foreign default ingress certificate",
      "On a managed domain only the cluster's own certificate is right.", ingress_run },
    { "ARO Operator should report an invalid machine", "A worker's disk is too small.",
      machine_run },
    { "ARO Operator should prune unknown conditions",
      "What nobody sets any more goes with the next write.", prune_run },
    { "ARO Operator should restore conditions that were erased",
      "Each controller tells again what is gone from the status.", erased_run },
};
const struct e2e_table cases_checkers = { cases, ARRAY_LEN(cases) };
