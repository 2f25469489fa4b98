/* Subnets: network security groups and service endpoints as the cluster needs them. */
#include <string.h>
#include <time.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/e2e/e2e.h"

#define STAMP "metadata.annotations[\"aro.openshift.io/lastSubnetReconcileTimestamp\"]"

/* Those of the cluster; the resource provider has others. */
#define SUBNETS "/virtualnetworks/dev-vnet/subnets/"

/* ---- Azure's side ---- */

/* All of them get the same properties (a merge patch, consumed). */
static int patch_subnets(struct e2e *t, json *properties, struct error **err)
{
    cleanup_json json *state = NULL, *owned = properties;
    if (e2e_save_azure(t, err) < 0 || faults_azure_state(t->faults, t->ctx, &state, err) < 0)
        return -1;
    cleanup_json json *resources = json_new_object();
    for (struct json_iter it = json_each(json_get(state, "resources")); json_next(&it);)
        if (strstr(it.key, SUBNETS))
            json_put(resources, it.key, json_make("{'properties':%j}", json_give_copy(owned)));
    if (json_len(resources) < 2)
        return error_set(err, ERR_NOT_FOUND, "the state has less than two subnets");
    cleanup_json json *patch = json_make("{'resources':%j}", json_ref(resources));
    return faults_azure_patch(t->faults, t->ctx, patch, err);
}

/* A group that exists but is not the cluster's. */
static int add_foreign_group(struct e2e *t, char **ret_id, struct error **err)
{
    cleanup_json json *state = NULL;
    if (e2e_save_azure(t, err) < 0 || faults_azure_state(t->faults, t->ctx, &state, err) < 0)
        return -1;
    const char *subscription = json_path_str(state, "subscription");
    cleanup_free char *id = xasprintf("/subscriptions/%s/resourceGroups/customer-rg/providers/"
                                      "Microsoft.Network/networkSecurityGroups/customer-nsg",
                                      subscription ? subscription : "");
    cleanup_free char *key = str_give_lower(id);
    cleanup_json json *patch =
        json_make("{'resources':{%s:{'id':%s,'name':'customer-nsg','type':"
                  "'Microsoft.Network/networkSecurityGroups','etag':'W/\"1\"','properties':"
                  "{'provisioningState':'Succeeded','securityRules':[]}}}}",
                  key, id);
    if (faults_azure_patch(t->faults, t->ctx, patch, err) < 0)
        return -1;
    *ret_id = take(id);
    return 0;
}

/* Whether every subnet (or none) has the group. */
static int check_groups(struct e2e *t, const void *arg, struct error **err)
{
    const char *want = arg; /* the end of the ID */
    cleanup_json json *state = NULL;
    if (faults_azure_state(t->faults, t->ctx, &state, err) < 0)
        return -1;
    for (struct json_iter it = json_each(json_get(state, "resources")); json_next(&it);) {
        const char *id = json_path_str(it.value, "properties.networkSecurityGroup.id");
        if (strstr(it.key, SUBNETS) && !(id && str_ends_nocase(id, want)))
            return error_set(err, ERR_INTERNAL, "%s has the group %s", it.key, id ? id : "none");
    }
    return 0;
}

static int check_endpoints(struct e2e *t, const void *unused, struct error **err)
{
    static const char *const services[] = { "Microsoft.ContainerRegistry", "Microsoft.Storage" };
    (void)unused;
    cleanup_json json *state = NULL;
    if (faults_azure_state(t->faults, t->ctx, &state, err) < 0)
        return -1;
    for (struct json_iter it = json_each(json_get(state, "resources")); json_next(&it);) {
        json *list = json_path(it.value, "properties.serviceEndpoints");
        for (size_t s = 0; strstr(it.key, SUBNETS) && s < ARRAY_LEN(services); s++) {
            size_t n = 0;
            for (size_t i = 0; i < json_len(list); i++)
                n += str_eq(json_path_str(json_at(list, i), "service"), services[s]);
            if (n != 1)
                return error_set(err, ERR_INTERNAL, "%s has %zu endpoints for %s", it.key, n,
                                 services[s]);
        }
    }
    return 0;
}

/* ---- the cluster's side ---- */

static int give_group_name(struct e2e *t, char **ret, struct error **err)
{
    cleanup_json json *cluster = NULL;
    const char *infra;
    if (e2e_get(t, &GVR_CLUSTERS, NULL, CLUSTER, &cluster, err) < 0 ||
        json_need_str(cluster, "spec.infraId", &infra, err) < 0)
        return -1;
    *ret = xasprintf("/networkSecurityGroups/%s-nsg", infra);
    return 0;
}

/* RFC 1123, and not older than since. */
static int check_stamp(struct e2e *t, const void *arg, struct error **err)
{
    const time_t *since = arg;
    cleanup_json json *cluster = NULL;
    if (e2e_get(t, &GVR_CLUSTERS, NULL, CLUSTER, &cluster, err) < 0)
        return -1;
    const char *text = json_path_str(cluster, STAMP);
    struct tm tm = { 0 };
    const char *end = text ? strptime(text, "%a, %d %b %Y %H:%M:%S", &tm) : NULL;
    if (!end || (strcmp(end, " UTC") != 0 && strcmp(end, " GMT") != 0))
        return error_set(err, ERR_INVALID, "the annotation '%s' is no RFC 1123 time",
                         text ? text : "");
    if (timegm(&tm) < *since)
        return error_set(err, ERR_INTERNAL, "the annotation is of an earlier reset: %s", text);
    return 0;
}

/* An event that the operator looks at subnets for: a new machine set without machines. */
static int touch_machine_sets(struct e2e *t, struct error **err)
{
    static const char name[] = "e2e-empty";
    cleanup_json json *list = NULL;
    struct kube_list_options opt = { .label_selector =
                                         "machine.openshift.io/cluster-api-machine-role=worker" };
    if (kube_list(t->kube, t->ctx, KUBE_REF(&GVR_MACHINESETS, MACHINE_NS, NULL), &opt, &list, err) <
        0)
        return -1;
    json *model = json_path(list, "items[0]");
    const char *model_name = json_path_str(model, "metadata.name");
    if (!model_name)
        return error_set(err, ERR_NOT_FOUND, "the cluster has no worker machine set");
    /* Its name holds the infrastructure ID, so that it does not look like the customer's own. */
    cleanup_free char *own = xasprintf("%s-%s", model_name, name);
    json *set = json_give_copy(model);
    json_put(set, "metadata",
             json_make("{'name':%s,'namespace':%s,'labels':%j}", own, MACHINE_NS,
                       json_give_copy(json_path(model, "metadata.labels"))));
    json_del(set, "status");
    (void)json_path_put(set, "spec.replicas", json_new_int(0), NULL);
    if (e2e_save(t, &GVR_MACHINESETS, MACHINE_NS, own, err) < 0) {
        json_free(set);
        return -1;
    }
    return e2e_create(t, set, err);
}

static int group_run(struct e2e *t, struct error **err)
{
    cleanup_free char *foreign = NULL;
    cleanup_free char *group = NULL;
    time_t since = (time_t)(clock_wall_ns(t->ctx->clock) / NS_PER_S);
    if (give_group_name(t, &group, err) < 0 || add_foreign_group(t, &foreign, err) < 0 ||
        patch_subnets(t, json_make("{'networkSecurityGroup':{'id':%s}}", foreign), err) < 0 ||
        touch_machine_sets(t, err) < 0 || eventually(t, SOON_MS, check_groups, group, err) < 0)
        return -1;
    return eventually(t, SOON_MS, check_stamp, &since, err);
}

/* A run that began before the flag was changed may still undo the foreign group once: then it is set again. */
static int stay_foreign(struct e2e *t, const char *foreign, struct error **err)
{
    for (int tries = 0; tries < 3; tries++) {
        error_clear(err);
        if (patch_subnets(t, json_make("{'networkSecurityGroup':{'id':%s}}", foreign), err) < 0)
            return -1;
        if (consistently(t, 6000, check_groups, foreign, err) == 0)
            return 0;
    }
    return -1;
}

/* The form of 2021: a boolean in spec.features decides where no flag does. */
static int older_flag_run(struct e2e *t, struct error **err)
{
    cleanup_free char *foreign = NULL;
    cleanup_free char *group = NULL;
    if (give_group_name(t, &group, err) < 0 || add_foreign_group(t, &foreign, err) < 0 ||
        e2e_change_spec(t,
                        json_make("{'features':{'reconcileNSGs':false},'operatorflags':"
                                  "{'aro.azuresubnets.enabled':null,"
                                  "'aro.azuresubnets.nsg.managed':null,"
                                  "'aro.azuresubnets.serviceendpoint.managed':null}}"),
                        err) < 0 ||
        stay_foreign(t, foreign, err) < 0 ||
        e2e_change_spec(t, json_make("{'features':{'reconcileNSGs':true}}"), err) < 0)
        return -1;
    return eventually(t, SOON_MS, check_groups, group, err);
}

static int unmanaged_run(struct e2e *t, struct error **err)
{
    cleanup_free char *foreign = NULL;
    cleanup_free char *group = NULL;
    if (give_group_name(t, &group, err) < 0 || add_foreign_group(t, &foreign, err) < 0 ||
        e2e_set_flag(t, "aro.azuresubnets.nsg.managed", "false", err) < 0 ||
        stay_foreign(t, foreign, err) < 0 ||
        e2e_set_flag(t, "aro.azuresubnets.nsg.managed", "true", err) < 0)
        return -1;
    return eventually(t, SOON_MS, check_groups, group, err);
}

static int endpoints_run(struct e2e *t, struct error **err)
{
    if (patch_subnets(t, json_make("{'serviceEndpoints':[]}"), err) < 0 ||
        touch_machine_sets(t, err) < 0)
        return -1;
    return eventually(t, SOON_MS, check_endpoints, NULL, err);
}

/* Azure asks for patience, fails and cuts connections, and the work is done all the same. */
static int throttled_run(struct e2e *t, struct error **err)
{
    cleanup_free char *foreign = NULL;
    cleanup_free char *group = NULL;
    cleanup_json json *faults = json_make(
        "[{'method':'GET','path':'*/subnets/*','times':2,'status':429,'headers':{'Retry-After':'1'}"
        ",'body':{'error':{'code':'TooManyRequests','message':'slow down'}}},"
        "{'method':'PUT','path':'*/subnets/*','times':1,'status':500,'body':{'error':{'code':"
        "'InternalServerError','message':'oops'}}},"
        "{'method':'PUT','path':'*/subnets/*','times':1,'abort':true}]");
    if (give_group_name(t, &group, err) < 0 || add_foreign_group(t, &foreign, err) < 0 ||
        faults_azure_set(t->faults, t->ctx, faults, err) < 0 ||
        patch_subnets(t, json_make("{'networkSecurityGroup':{'id':%s}}", foreign), err) < 0)
        return -1;
    return eventually(t, CHECK_MS, check_groups, group, err);
}

static const struct e2e_case cases[] = {
    { "ARO Operator should reset foreign network security groups",
      "Both subnets get the cluster's group back, and an annotation tells when.", group_run },
    { "ARO Operator should obey the reconcileNSGs feature flag",
      "The older form of the flags decides where the newer ones are absent.", older_flag_run },
    { "ARO Operator should leave network security groups alone when told so",
      "With the flag off the customer's group stays; on again it is reset.", unmanaged_run },
    { "ARO Operator should add missing service endpoints", "Each once.", endpoints_run },
    { "ARO Operator should reset network security groups while Azure is in trouble",
      "429 with Retry-After, 500 and cut connections.", throttled_run },
};
const struct e2e_table cases_azure = { cases, ARRAY_LEN(cases) };
