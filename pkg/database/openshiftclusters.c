#include "pkg/database/openshiftclusters.h"

#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/database/documents.h"

#define SUBSCRIPTIONS "/subscriptions/"
#define PROPERTIES "openShiftCluster.properties."

/* The subscription of a key or prefix; owned by the caller. */
static int give_partition(const char *what, const char *key, char **ret, struct error **err)
{
    if (check_lower(what, key, err) < 0)
        return error_wrap(err, "OpenShiftClusters");
    const char *subscription = key + strlen(SUBSCRIPTIONS);
    const char *end = str_starts(key, SUBSCRIPTIONS) ? strchr(subscription, '/') : NULL;
    if (!end || end == subscription)
        return error_set(err, ERR_INVALID, "OpenShiftClusters: the %s '%s' names no subscription",
                         what, key);
    *ret = xstrndup(subscription, (size_t)(end - subscription));
    return 0;
}

/* ---- one ---- */

static int check_new(const json *tree, struct error **err)
{
    static const char *const keys[] = { "key", "clusterResourceGroupIdKey", "clientIdKey" };
    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        if (check_lower(keys[i], document_str(tree, keys[i]), err) < 0)
            return error_wrap(err, "OpenShiftClusters");
    return 0;
}

int openshiftclusters_create(const struct opctx *ctx, struct database *db, json *tree,
                             struct document *ret, struct error **err)
{
    cleanup_json json *owned = tree;
    cleanup_free char *partition = NULL;
    if (check_new(owned, err) < 0 ||
        give_partition("key", document_str(owned, "key"), &partition, err) < 0)
        return -1;
    if (!json_has(owned, "partitionKey"))
        json_put(owned, "partitionKey", json_new_str(partition));
    if (!str_eq(document_str(owned, "partitionKey"), partition))
        return error_set(err, ERR_INVALID, "OpenShiftClusters: partitionKey is not that of '%s'",
                         document_str(owned, "key"));
    if (!json_has(owned, "bucket"))
        json_put(owned, "bucket",
                 json_new_int((int64_t)rng_below(ctx->rng, OPENSHIFTCLUSTERS_BUCKETS)));
    return documents_create_once(ctx, db, COLL_OPENSHIFT_CLUSTERS, take(owned), 0, ret, err);
}

/* Everything else reads by key, and every patch reads so again: the document may be another one by then. */
struct by_key {
    struct store_query query;
    char *partition;
};
static void by_key_release(struct by_key *k)
{
    free(k->partition);
}
#define cleanup_by_key CLEANUP_WITH(by_key_release)

static int by_key_init(struct by_key *k, const char *key, struct error **err)
{
    if (give_partition("key", key, &k->partition, err) < 0)
        return -1;
    k->query = (struct store_query){ .query = QUERY_CLUSTERS_BY_KEY,
                                     .partition = k->partition,
                                     .args = { key } };
    return 0;
}

int openshiftclusters_get_changed(const struct opctx *ctx, struct database *db, const char *key,
                                  const char *etag, struct document *ret, struct error **err)
{
    cleanup_by_key struct by_key k = { 0 };
    if (by_key_init(&k, key, err) < 0)
        return -1;
    if (documents_find_changed(ctx, db, &k.query, etag, ret, err) < 0)
        return error_wrap(err, "cluster '%s'", key);
    return 0;
}

int openshiftclusters_get(const struct opctx *ctx, struct database *db, const char *key,
                          struct document *ret, struct error **err)
{
    return openshiftclusters_get_changed(ctx, db, key, NULL, ret, err);
}

/* p comes without where the document is. */
static int patch(const struct opctx *ctx, struct database *db, const char *key,
                 const struct documents_patch *p, struct document *ret, struct error **err)
{
    cleanup_by_key struct by_key k = { 0 };
    if (by_key_init(&k, key, err) < 0)
        return -1;
    struct documents_patch here = *p;
    here.coll = COLL_OPENSHIFT_CLUSTERS;
    here.query = &k.query;
    return documents_patch(ctx, db, &here, ret, err) < 0 ? error_wrap(err, "cluster '%s'", key) : 0;
}

int openshiftclusters_patch(const struct opctx *ctx, struct database *db, const char *key,
                            document_mutate mutate, void *arg, struct document *ret,
                            struct error **err)
{
    struct documents_patch p = { .mutate = mutate, .arg = arg };
    return patch(ctx, db, key, &p, ret, err);
}

int openshiftclusters_patch_with_lease(const struct opctx *ctx, struct database *db,
                                       const char *key, const char *lease, document_mutate mutate,
                                       void *arg, struct document *ret, struct error **err)
{
    struct documents_patch p = {
        .lease = lease, .needs_lease = true, .mutate = mutate, .arg = arg
    };
    return patch(ctx, db, key, &p, ret, err);
}

int openshiftclusters_lease(const struct opctx *ctx, struct database *db, const char *key,
                            const char *lease, struct document *ret, struct error **err)
{
    struct documents_patch p = { .lease = lease,
                                 .needs_lease = true,
                                 .triggers = TRIGGER_RENEW_LEASE };
    return patch(ctx, db, key, &p, ret, err);
}

int openshiftclusters_dequeue(const struct opctx *ctx, struct database *db, char **ret_lease,
                              struct document *ret, struct error **err)
{
    const struct store_query q = { .query = QUERY_CLUSTERS_DEQUEUE };
    return documents_dequeue(ctx, db, &(struct documents_dequeue){ .query = &q }, ret_lease, ret,
                             err);
}

/* ---- the end of a lease ---- */

/* Sets, or removes for NULL and "". */
static int put(json *tree, const char *path, const char *value, struct error **err)
{
    if (value && *value)
        return json_set_str(tree, path, value, err);
    (void)json_path_del(tree, path);
    return 0;
}

static int end_operation(json *tree, const struct cluster_end *end, struct error **err)
{
    if (end->admin_update_error &&
        put(tree, PROPERTIES "lastAdminUpdateError", end->admin_update_error, err) < 0)
        return -1;
    (void)json_path_del(tree, PROPERTIES "maintenanceTask");
    (void)json_del(tree, "operationOutcome");
    (void)json_del(tree, "correlationData");
    (void)json_del(tree, "asyncOperationId");
    (void)json_path_del(tree, PROPERTIES "lastProvisioningState");
    return 0;
}

static int end_lease(json *tree, void *arg, struct error **err)
{
    const struct cluster_end *end = arg;
    const char *state = end->provisioning_state;
    bool failed = str_eq(state, "Failed");
    if (state &&
        (put(tree, PROPERTIES "provisioningState", state, err) < 0 ||
         put(tree, PROPERTIES "failedProvisioningState", end->failed_provisioning_state, err) < 0))
        return -1;
    lease_clear(tree);
    if (!failed)
        (void)json_del(tree, "dequeues");
    return failed || str_eq(state, "Succeeded") ? end_operation(tree, end, err) : 0;
}

int openshiftclusters_end_lease(const struct opctx *ctx, struct database *db, const char *key,
                                const char *lease, const struct cluster_end *end,
                                struct document *ret, struct error **err)
{
    struct cluster_end copy = *end;
    return openshiftclusters_patch_with_lease(ctx, db, key, lease, end_lease, &copy, ret, err);
}

int openshiftclusters_delete(const struct opctx *ctx, struct database *db, const struct document *d,
                             struct error **err)
{
    const char *partition = document_str(d->tree, "partitionKey");
    const char *id = document_str(d->tree, "id");
    return store_delete(ctx, db->store, COLL_OPENSHIFT_CLUSTERS, partition ? partition : "",
                        id ? id : "", d->etag, err);
}

/* ---- several ---- */

int openshiftclusters_list(const struct opctx *ctx, struct database *db, const char *prefix,
                           size_t page, const char *continuation, struct document_page *ret,
                           struct error **err)
{
    cleanup_free char *partition = NULL;
    if (give_partition("prefix", prefix, &partition, err) < 0)
        return -1;
    const struct store_query q = { .query = QUERY_CLUSTERS_BY_PREFIX,
                                   .partition = partition,
                                   .args = { prefix },
                                   .page = page,
                                   .continuation = continuation };
    return documents_page(ctx, db, &q, ret, err);
}

int openshiftclusters_list_all(const struct opctx *ctx, struct database *db, size_t page,
                               const char *continuation, struct document_page *ret,
                               struct error **err)
{
    const struct store_query q = { .query = QUERY_ALL,
                                   .coll = COLL_OPENSHIFT_CLUSTERS,
                                   .page = page,
                                   .continuation = continuation };
    return documents_page(ctx, db, &q, ret, err);
}

int openshiftclusters_list_for_maintenance(const struct opctx *ctx, struct database *db,
                                           size_t page, const char *continuation,
                                           struct document_page *ret, struct error **err)
{
    const struct store_query q = { .query = QUERY_CLUSTERS_FOR_MAINTENANCE,
                                   .page = page,
                                   .continuation = continuation };
    return documents_page(ctx, db, &q, ret, err);
}

static int find_by(const struct opctx *ctx, struct database *db, enum query query, const char *what,
                   const char *subscription, const char *value, struct document_page *ret,
                   struct error **err)
{
    const struct store_query q = { .query = query, .partition = subscription, .args = { value } };
    if (check_lower(what, value, err) < 0)
        return error_wrap(err, "OpenShiftClusters");
    return documents_page(ctx, db, &q, ret, err);
}

int openshiftclusters_find_by_client_id(const struct opctx *ctx, struct database *db,
                                        const char *subscription, const char *client_id,
                                        struct document_page *ret, struct error **err)
{
    return find_by(ctx, db, QUERY_CLUSTERS_BY_CLIENT_ID, "client id", subscription, client_id, ret,
                   err);
}

int openshiftclusters_find_by_resource_group(const struct opctx *ctx, struct database *db,
                                             const char *subscription,
                                             const char *resource_group_id,
                                             struct document_page *ret, struct error **err)
{
    return find_by(ctx, db, QUERY_CLUSTERS_BY_RESOURCE_GROUP, "resource group", subscription,
                   resource_group_id, ret, err);
}

int openshiftclusters_queue_length(const struct opctx *ctx, struct database *db, int64_t *ret,
                                   struct error **err)
{
    const struct store_query q = { .query = QUERY_CLUSTERS_DEQUEUE };
    return store_count(ctx, db->store, &q, ret, err);
}

int openshiftclusters_changes(const struct opctx *ctx, struct database *db, const char *position,
                              size_t max, struct document_page *ret, struct error **err)
{
    return documents_changes(ctx, db, COLL_OPENSHIFT_CLUSTERS, position, max, ret, err);
}
