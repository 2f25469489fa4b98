/*
 * Keeps what the service needs on the cluster's subnets: its network security group and its service
 * endpoints. The received subnet is edited in place, so that properties unknown to us survive, and
 * written once for both.
 */
#include "operator/controllers/subnets.h"

#include <string.h>

#include "operator/azure.h"
#include "operator/clustersubnets.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define MACHINE_NAMESPACE "openshift-machine-api"
#define ROLE_LABEL "machine.openshift.io/cluster-api-machine-role"
#define TIMESTAMP "aro.openshift.io/lastSubnetReconcileTimestamp"

static const char *const needed_endpoints[] = { "Microsoft.ContainerRegistry",
                                                "Microsoft.Storage" };

char *subnets_give_nsg_id(const json *cluster, bool is_master, struct error **err)
{
    const char *group, *infra_id;
    if (json_need_str(cluster, "spec.clusterResourceGroupId", &group, err) < 0 ||
        json_need_str(cluster, "spec.infraId", &infra_id, err) < 0)
        return NULL;
    int64_t architecture = json_path_int(cluster, "spec.architectureVersion", 0);
    const char *suffix;
    if (architecture == 0)
        suffix = is_master ? "-controlplane-nsg" : "-node-nsg";
    else if (architecture == 1)
        suffix = "-nsg";
    else {
        error_set(err, ERR_INVALID, "spec.architectureVersion: unknown value %lld",
                  (long long)architecture);
        return NULL;
    }
    return xasprintf("%s/providers/Microsoft.Network/networkSecurityGroups/%s%s", group, infra_id,
                     suffix);
}

int subnets_set_nsg(json *subnet, const char *nsg_id, bool *ret_changed, struct error **err)
{
    if (!json_is_object(json_get(subnet, "properties")))
        return error_set(err, ERR_INTERNAL, "the subnet has no properties");
    *ret_changed = false;
    if (str_eq_nocase(json_path_str(subnet, "properties.networkSecurityGroup.id"), nsg_id))
        return 0;
    *ret_changed = true;
    return json_path_put(subnet, "properties.networkSecurityGroup", json_make("{'id':%s}", nsg_id),
                         err);
}

static json *find_endpoint(const json *endpoints, const char *service)
{
    for (size_t i = 0; i < json_len(endpoints); i++)
        if (str_eq_nocase(json_path_str(json_at(endpoints, i), "service"), service))
            return json_at(endpoints, i);
    return NULL;
}

int subnets_add_endpoints(json *subnet, bool *ret_changed, struct error **err)
{
    if (!json_is_object(json_get(subnet, "properties")))
        return error_set(err, ERR_INTERNAL, "the subnet has no properties");
    *ret_changed = false;
    json *properties = json_get(subnet, "properties");
    if (!json_is_array(json_get(properties, "serviceEndpoints")))
        json_put(properties, "serviceEndpoints", json_new_array());
    json *endpoints = json_get(properties, "serviceEndpoints");
    for (size_t i = 0; i < ARRAY_LEN(needed_endpoints); i++) {
        json *entry = find_endpoint(endpoints, needed_endpoints[i]);
        if (entry && str_eq_nocase(json_path_str(entry, "provisioningState"), "Succeeded"))
            continue;
        *ret_changed = true; /* an entry that is not Succeeded is asked for again, never doubled */
        if (!entry)
            json_append(endpoints,
                        json_make("{'service':%s,'locations':['*']}", needed_endpoints[i]));
    }
    return 0;
}

struct work {
    struct reconcile *rc;
    struct azure_session *azure;
    bool nsgs, endpoints;
};

static int try_stamp(void *arg, const struct opctx *ctx, int attempt, struct error **err)
{
    (void)attempt;
    const struct reconcile *rc = arg;
    char now[TIME_TEXT_MAX];
    time_rfc1123(clock_wall_ns(rc->sv->clock), now);
    cleanup_json json *patch = json_make("{'metadata':{'annotations':{%s:%s}}}", TIMESTAMP, now);
    return kube_patch(rc->kube, ctx, KUBE_REF(&GVR_CLUSTERS, NULL, CLUSTER_NAME), KUBE_PATCH_MERGE,
                      patch, NULL, NULL, err);
}

static int stamp(struct reconcile *rc, struct error **err)
{
    if (kube_retry_on_conflict(rc->ctx, try_stamp, rc, err) < 0)
        return error_wrap(err, "writing the time of the reset to Cluster " CLUSTER_NAME);
    return 0;
}

/* What has to change on one subnet. */
struct edits {
    bool nsg, endpoints;
};

static int edit_subnet(const struct work *w, const struct cluster_subnet *s, json *subnet,
                       struct edits *ret, struct error **err)
{
    *ret = (struct edits){ 0 };
    if (w->nsgs) {
        cleanup_free char *want = subnets_give_nsg_id(w->rc->cluster, s->is_master, err);
        if (!want || subnets_set_nsg(subnet, want, &ret->nsg, err) < 0)
            return -1;
    }
    return w->endpoints ? subnets_add_endpoints(subnet, &ret->endpoints, err) : 0;
}

struct one {
    const struct work *w;
    const struct cluster_subnet *s;
    struct edits done; /* written */
};

/* A changed etag is a conflict: read and edit again. */
static int try_subnet(void *arg, const struct opctx *ctx, int attempt, struct error **err)
{
    (void)attempt;
    struct one *one = arg;
    cleanup_json json *subnet = NULL;
    struct error *e = NULL;
    if (arm_subnet_get(one->w->azure->arm, ctx, one->s->id, &subnet, &e) < 0) {
        bool gone = error_is(e, ERR_NOT_FOUND);
        if (!gone)
            return error_move(err, &e);
        error_free(e);
        return 0;
    }
    struct edits edits;
    if (edit_subnet(one->w, one->s, subnet, &edits, err) < 0)
        return -1;
    if (!edits.nsg && !edits.endpoints)
        return 0;
    if (arm_subnet_put(one->w->azure->arm, ctx, one->s->id, subnet, &e) == 0) {
        one->done = edits;
        return 0;
    }
    if (error_is(e, ERR_PRECONDITION)) {
        error_free(e);
        return error_set(err, ERR_CONFLICT, "the subnet changed meanwhile");
    }
    return error_move(err, &e);
}

static int reconcile_subnet(const struct work *w, const struct cluster_subnet *s,
                            struct error **err)
{
    struct one one = { .w = w, .s = s };
    if (kube_retry_on_conflict(w->rc->ctx, try_subnet, &one, err) < 0)
        return error_wrap(err, "subnet %s", s->id);
    if (one.done.endpoints)
        reconcile_event(w->rc, "ServiceEndpointsAdded",
                        "subnet %s got the service endpoints that the cluster needs", s->id);
    if (!one.done.nsg)
        return 0;
    reconcile_event(w->rc, "NetworkSecurityGroupReset",
                    "the network security group of subnet %s was reset to the cluster's own",
                    s->id);
    return stamp(w->rc, err);
}

static int subnets_reconcile(struct reconcile *rc, struct result *ret, struct error **err)
{
    (void)ret;
    json *gateway_domains = json_path(rc->cluster, "spec.gatewayDomains");
    struct work w = {
        .rc = rc,
        .nsgs = flag_is_on(rc->cluster, FLAG_AZURESUBNETS_NSG_MANAGED),
        /* With an egress gateway the traffic does not take the endpoints. */
        .endpoints = flag_is_on(rc->cluster, FLAG_AZURESUBNETS_ENDPOINT_MANAGED) &&
                     json_len(gateway_domains) == 0,
    };
    if (!w.nsgs && !w.endpoints)
        return 0;
    cleanup_azure_session struct azure_session *azure = NULL;
    if (azure_session_open(rc->sv, rc->ctx, rc->cluster, &azure, err) < 0)
        return -1;
    w.azure = azure;
    cleanup_cluster_subnets struct cluster_subnets subnets = { 0 };
    if (cluster_subnets_list(rc->sv, rc->ctx, rc->cluster, &subnets, err) < 0)
        return -1;

    struct error *all = NULL; /* one broken subnet must not keep the others from being repaired */
    for (size_t i = 0; i < subnets.len; i++) {
        struct error *e = NULL;
        if (reconcile_subnet(&w, &subnets.v[i], &e) < 0)
            error_join(&all, &e);
    }
    return all ? error_move(err, &all) : 0;
}

static const struct watch watches[] = {
    WATCH_CLUSTER,
    { .gvr = &GVR_MACHINES,
      .nspace = MACHINE_NAMESPACE,
      .label_key = ROLE_LABEL,
      .label_value = "master",
      .only_generation = true,
      .optional = true },
    { .gvr = &GVR_MACHINESETS,
      .nspace = MACHINE_NAMESPACE,
      .label_key = ROLE_LABEL,
      .label_value = "worker",
      .only_generation = true,
      .optional = true },
};
static const struct right rights[] = {
    { .gvr = &GVR_CLUSTERS, .verbs = "patch", .names = CLUSTER_NAME },
    { .gvr = &GVR_SECRETS,
      .verbs = "get",
      .nspace = AZURE_SECRET_NAMESPACE,
      .names = AZURE_SECRET },
};

const struct controller_desc subnets_controller = {
    .name = "AzureSubnets",
    .doc = "Resets the network security groups of the master and worker subnets and adds the "
           "service endpoints they need.",
    .roles = ROLE_MASTER,
    .flag = FLAG_AZURESUBNETS_ENABLED,
    DESC_WATCHES(watches),
    DESC_RIGHTS(rights),
    .periodic = true,
    .reconcile = subnets_reconcile,
};
