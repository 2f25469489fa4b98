#include "rp/frontend/change.h"

#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/version.h"
#include "pkg/database/openshiftclusters.h"
#include "pkg/database/store.h"
#include "rp/frontend/change_admin.h"
#include "rp/frontend/cloud_error.h"
#include "rp/frontend/feeds.h"

/* One load balancer, one network security group. */
#define ARCHITECTURE_V2 1
#define VERSION_PATH "properties.clusterProfile.version"
/* What clients may fill of a document. The rest is the backend's: without room for its lease it could never take the cluster
 * up, and nobody could get it out of its state. */
#define DOCUMENT_MAX_BYTES (STORE_BODY_MAX_BYTES / 4 * 3)

/* ---- a new document ---- */

json *change_give_new(const struct change *c)
{
    struct request *req = c->req;
    cleanup_free char *key = cluster_give_key(req);
    cleanup_free char *name = request_give_original_segment(req, 1);
    cleanup_free char *type = request_give_original_segment(req, 2);
    cleanup_free char *nspace = request_give_original_segment(req, 3);
    cleanup_free char *full_type = xasprintf("%s/%s", nspace, type);
    char id[UUID_LEN + 1], now[TIME_TEXT_MAX];
    const struct rp_env *env = req->f->cfg.env;
    int layout = str_eq(rp_env_text(env, ENV_ARCHITECTURE_VERSION), "0") ? 0 : ARCHITECTURE_V2;
    rng_uuid(req->ctx->rng, id);
    time_rfc3339(clock_wall_ns(req->ctx->clock), now);
    json *properties = json_make("{'architectureVersion':%d,'provisioningState':'Succeeded',"
                                 "'createdAt':%s,'createdBy':%s,'provisionedBy':%s}",
                                 layout, now, version_commit(), version_commit());
    if (!rp_env_has(env, FEATURE_DISABLE_GATEWAY))
        json_put(properties, "featureProfile", json_make("{'gatewayEnabled':%b}", true));
    return json_make("{'id':%s,'key':%s,'openShiftCluster':{'id':%s,'name':%s,'type':%s,"
                     "'properties':%j}}",
                     id, key, req->original_path, name, full_type, properties);
}

/* ---- parts of both ---- */

struct api_rules change_rules(const struct request *req, const char *resource_id,
                              const json *cluster)
{
    const struct rp_env *env = req->f->cfg.env;
    return (struct api_rules){
        .location = req->f->location,
        .domain = rp_env_text(env, ENV_DOMAIN) ? rp_env_text(env, ENV_DOMAIN) : "",
        .resource_id = resource_id,
        .require_d2s_workers = rp_env_has(env, FEATURE_REQUIRE_D2S_WORKERS),
        .architecture_version = (int)json_path_int(cluster, "properties.architectureVersion", 0),
    };
}

/* The request's body over the external cluster that it is to change. */
static int decode(const struct change *c, const json *base, bool creates, json *ext,
                  struct error **err)
{
    struct request *req = c->req;
    const struct rp_env *env = req->f->cfg.env;
    size_t len;
    const char *body = http_call_body(req->call, &len);

    api_cluster_drop_read_only(req->version, ext);
    if (api_cluster_decode(req->version, body, len, ext, err) < 0)
        return -1;
    if (!rp_env_is_development(env) || !api_version_has(req->version, API_FEATURE_FLAT_FORM))
        return 0;
    const struct api_flat flat = {
        .resource_id = req->original_path,
        .client_id = rp_env_text(env, ENV_CLIENT_ID),
        .client_secret = rp_env_secret(env, ENV_CLIENT_SECRET),
    };
    return api_cluster_expand_flat(&flat, body, len, creates ? NULL : base, ext, err);
}

/* Only what the header really says: an empty member is none. */
static void merge_system_data(const struct request *req, json *cluster)
{
    static const char *const members[] = {
        "createdBy",      "createdByType",      "createdAt",
        "lastModifiedBy", "lastModifiedByType", "lastModifiedAt"
    };
    for (size_t i = 0; i < ARRAY_LEN(members); i++) {
        const char *value = json_path_str(req->system_data, members[i]);
        if (!value || !*value)
            continue;
        if (!json_get(cluster, "systemData"))
            json_put(cluster, "systemData", json_new_object());
        json_put(json_get(cluster, "systemData"), members[i], json_new_str(value));
    }
}

/* To internal, in place; what names the resource is not the client's to change. */
static int store(const struct change *c, const json *ext, const json *base, json *cluster,
                 struct error **err)
{
    static const char *const names[] = { "id", "name", "type" };
    cleanup_json json *kept = json_new_object();
    struct api_sealer sealer = request_sealer(c->req);
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        json_put(kept, names[i], json_new_str(json_path_str(cluster, names[i])));
    cleanup_json json *system_data = json_ref(json_get(cluster, "systemData"));
    if (api_cluster_to_internal(c->req->version, ext, base, cluster, &sealer, err) < 0)
        return -1;
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        json_put(cluster, names[i], json_ref(json_get(kept, names[i])));
    if (system_data)
        json_put(cluster, "systemData", take(system_data));
    else
        json_del(cluster, "systemData");
    merge_system_data(c->req, cluster);
    return 0;
}

struct role_sets {
    struct feeds *feeds;
    json *held; /* an array of all that were given */
};

static const json *find_role_set(void *arg, const char *minor)
{
    struct role_sets *r = arg;
    json *one = feeds_give_one(r->feeds, FEED_ROLE_SETS, minor);
    if (one)
        json_append(r->held, one);
    return one;
}

int change_match_role_sets(struct request *req, const json *cluster, struct error **err)
{
    cleanup_json json *held = json_new_array();
    struct role_sets r = { req->f->feeds, held };
    return api_cluster_match_role_sets(cluster, find_role_set, &r, err);
}

/* What ARM says about the cluster's own identity. */
static int take_identity_headers(const struct change *c, json *cluster, struct error **err)
{
    const struct request *req = c->req;
    bool has_url = req->identity_url && *req->identity_url;
    bool has_tenant = req->home_tenant_id && *req->home_tenant_id;

    if (!json_path(cluster, "properties.platformWorkloadIdentityProfile"))
        return 0;
    if (!c->is_patch && (!has_url || !has_tenant))
        return cloud_error(err, "InvalidParameter", "identity",
                           "The request needs the headers x-ms-identity-url and "
                           "x-ms-home-tenant-id of a cluster with workload identities.");
    if (has_url &&
        json_set_str(cluster, "managedServiceIdentity.identityURL", req->identity_url, err) < 0)
        return -1;
    if (has_tenant &&
        json_set_str(cluster, "managedServiceIdentity.tenantId", req->home_tenant_id, err) < 0)
        return -1;
    return 0;
}

/* ---- the identity ---- */

/* The one identity that the cluster acts with. */
static const char *find_identity(const json *cluster)
{
    const char *client = json_path_str(cluster, "properties.servicePrincipalProfile.clientId");
    if (client && *client)
        return client;
    struct json_iter it =
        json_each(json_path(cluster, "managedServiceIdentity.userAssignedIdentities"));
    return json_next(&it) ? it.key : NULL;
}

/* Nobody else in the subscription may act as this identity. */
static void set_identity_key(struct change *c, json *document)
{
    const char *identity = find_identity(json_get(document, "openShiftCluster"));
    free(c->identity_key);
    c->identity_key = str_give_lower(identity ? identity : "");
    json_put(document, "clientIdKey", json_new_str(c->identity_key));
}

void change_release(struct change *c)
{
    free(c->identity_key);
}

/* ---- update ---- */

#define WORKERS "properties.workerProfiles[0].count"

/* The backend scales when the document asks for another number than was last carried out. Whoever made this document may have
 * kept no such number: it is the one that the customer now changes. */
static void note_old_workers(json *document, int64_t old)
{
    int64_t wanted = json_path_int(json_get(document, "openShiftCluster"), WORKERS, old);
    if (wanted != old && !json_get(document, OPENSHIFTCLUSTERS_SCALED_WORKERS))
        json_put(document, OPENSHIFTCLUSTERS_SCALED_WORKERS, json_new_int(old));
}

/* What failed in the making or the going can only be deleted. */
static int check_failure(const json *cluster, struct error **err)
{
    const char *state = json_path_str(cluster, "properties.provisioningState");
    const char *failed = json_path_str(cluster, "properties.failedProvisioningState");
    if (!str_eq(state, "Failed") || !failed || !*failed || str_eq(failed, "Updating") ||
        str_eq(failed, "AdminUpdating"))
        return 0;
    if (str_eq(failed, "Creating"))
        return cloud_error(err, "RequestNotAllowed", NULL,
                           "Request is not allowed on cluster whose creation failed. Delete the "
                           "cluster.");
    if (str_eq(failed, "Deleting"))
        return cloud_error(err, "RequestNotAllowed", NULL,
                           "Request is not allowed on cluster whose deletion failed. Delete the "
                           "cluster.");
    return error_set(err, ERR_INTERNAL, "the cluster failed in state '%s'", failed);
}

static int begin_update(struct change *c, json *document, struct error **err)
{
    json *cluster = json_get(document, "openShiftCluster");
    cleanup_free char *old = xstrdup(json_path_str(cluster, "properties.provisioningState"));
    const char *state = "Updating";

    c->has_operation = true;
    if (api_version_is_admin(c->req->version)) {
        state = "AdminUpdating";
        if (change_admin_signal(cluster, err)) {
            c->has_operation = false;
            return err && *err ? -1 : 0;
        }
        if (change_admin_begin(cluster, err) < 0)
            return -1;
    }
    if (json_set_str(cluster, "properties.lastProvisioningState", old, err) < 0 ||
        json_set_str(cluster, "properties.provisioningState", state, err) < 0)
        return -1;
    json_del(document, "dequeues");
    return 0;
}

/* A body that fits may be too much beside what the cluster has already: refused like one that does not. */
static int check_size(const json *document, struct error **err)
{
    cleanup_free char *text = json_give_text(document);
    if (strlen(text) <= DOCUMENT_MAX_BYTES)
        return 0;
    return cloud_error(err, "InvalidResource", NULL, "The resource definition is invalid.");
}

static int finish(struct change *c, json *document, struct error **err)
{
    json *cluster = json_get(document, "openShiftCluster");
    if (take_identity_headers(c, cluster, err) < 0)
        return -1;
    api_cluster_set_defaults(cluster);
    if (check_size(document, err) < 0)
        return -1;
    if (c->has_operation)
        operation_begin(&c->operation, c->req, document);
    return 0;
}

#define PRINCIPAL "properties.servicePrincipalProfile"

/*
 * The cluster with its live data, which is for comparison only: what the client repeats of it is no change. Not the service
 * principal: a client that repeats the live one wants it in a document that has another, whose update has failed.
 */
static int give_enriched(struct request *req, const json *cluster, json **ret, struct error **err)
{
    cleanup_json json *enriched = json_give_copy(cluster);
    const json *principal = json_path(cluster, PRINCIPAL);
    clusters_enrich(req, &enriched, 1);
    if (principal && json_path_put(enriched, PRINCIPAL, json_give_copy(principal), err) < 0)
        return -1;
    *ret = take(enriched);
    return 0;
}

int change_apply_update(json *document, void *arg, struct error **err)
{
    struct change *c = arg;
    struct request *req = c->req;
    json *cluster = json_get(document, "openShiftCluster");
    struct api_sealer sealer = request_sealer(req);
    cleanup_json json *base = NULL, *ext = NULL, *enriched = NULL;
    int64_t workers = json_path_int(cluster, WORKERS, 0);

    if (cluster_check_terminal(cluster, err) < 0 || check_failure(cluster, err) < 0)
        return -1;
    if (give_enriched(req, cluster, &enriched, err) < 0 ||
        api_cluster_to_external(req->version, enriched, &sealer, &base, err) < 0)
        return -1;
    ext = c->is_patch ? json_give_copy(base) : api_cluster_give_skeleton(req->version, base);
    struct api_rules rules = change_rules(req, req->original_path, cluster);
    if (decode(c, base, false, ext, err) < 0 ||
        api_cluster_validate(req->version, ext, base, &rules, err) < 0 ||
        store(c, ext, base, cluster, err) < 0 || change_match_role_sets(req, cluster, err) < 0 ||
        begin_update(c, document, err) < 0)
        return -1;
    note_old_workers(document, workers);
    set_identity_key(c, document);
    return finish(c, document, err);
}

/* ---- create ---- */

int change_fill_version(struct request *req, json *ext, struct error **err)
{
    const char *version = json_path_str(ext, VERSION_PATH);
    if ((version && *version) || !json_path(ext, "properties.clusterProfile"))
        return 0;
    cleanup_free char *dflt = feeds_give_default_version(req->f->feeds);
    if (!dflt)
        return cloud_error(err, "InternalServerError", VERSION_PATH,
                           "No default OpenShift version is available. Please specify a version "
                           "explicitly.");
    return json_set_str(ext, VERSION_PATH, dflt, err);
}

int change_check_version(struct request *req, const json *cluster, struct error **err)
{
    const char *version = json_path_str(cluster, VERSION_PATH);
    cleanup_json json *known = feeds_give_one(req->f->feeds, FEED_VERSIONS, version ? version : "");
    if (known)
        return 0;
    return cloud_error(err, "InvalidParameter", VERSION_PATH,
                       "The requested OpenShift version '%s' is invalid.", version ? version : "");
}

int change_refuse_identities(const json *cluster, struct error **err)
{
    static const char path[] = "properties.platformWorkloadIdentityProfile";
    if (!json_path(cluster, path))
        return 0;
    return cloud_error(err, "InvalidParameter", path,
                       "This resource provider cannot create clusters with workload identities. "
                       "Please provide a service principal (servicePrincipalProfile) instead.");
}

static int set_group_key(json *document, struct error **err)
{
    json *cluster = json_get(document, "openShiftCluster");
    const char *path = "properties.clusterProfile.resourceGroupId";
    const char *group = json_path_str(cluster, path);
    cleanup_free char *lower_group = str_give_lower(group ? group : "");
    json_put(document, "clusterResourceGroupIdKey", json_new_str(lower_group));
    /* Load balancers and private links compare these IDs with their case. */
    return json_set_str(cluster, path, lower_group, err);
}

static int ask_azure(struct change *c, const json *cluster, struct error **err)
{
    struct create_checks *checks = c->req->f->cfg.create_checks;
    if (!checks) {
        log_info(c->req->log, "nothing is asked of Azure before this create");
        return 0;
    }
    return checks->check(checks, c->req->ctx, cluster, request_param(c->req, "sub"), c->tenant_id,
                         err);
}

int change_apply_create(json *document, struct change *c, struct error **err)
{
    struct request *req = c->req;
    json *cluster = json_get(document, "openShiftCluster");
    struct api_sealer sealer = request_sealer(req);
    struct api_rules rules = change_rules(req, req->original_path, cluster);
    cleanup_json json *base = NULL, *ext = NULL;

    if (api_version_is_admin(req->version))
        return cloud_error(err, "RequestNotAllowed", NULL,
                           "Admin API does not allow cluster creation.");
    if (!c->tenant_id)
        return cloud_error(err, "InvalidSubscriptionState", NULL,
                           "Request is not allowed in subscription '%s' without a tenant.",
                           request_param(req, "sub"));
    if (api_cluster_to_external(req->version, cluster, &sealer, &base, err) < 0)
        return -1;
    ext = c->is_patch ? json_give_copy(base) : api_cluster_give_skeleton(req->version, base);
    if (decode(c, base, true, ext, err) < 0 || change_fill_version(req, ext, err) < 0 ||
        api_cluster_validate(req->version, ext, NULL, &rules, err) < 0 ||
        store(c, ext, NULL, cluster, err) < 0 || change_refuse_identities(cluster, err) < 0 ||
        ask_azure(c, cluster, err) < 0 || change_match_role_sets(req, cluster, err) < 0 ||
        change_check_version(req, cluster, err) < 0 || set_group_key(document, err) < 0 ||
        json_set_str(cluster, "properties.provisioningState", "Creating", err) < 0)
        return -1;
    set_identity_key(c, document);
    c->has_operation = true;
    return finish(c, document, err);
}
