#include "pkg/database/maintenancemanifests.h"

#include "pkg/database/documents.h"

#define STATE "maintenanceManifest.state"
#define STATUS_TEXT "maintenanceManifest.statusText"

int maintenancemanifests_create(const struct opctx *ctx, struct database *db, json *tree,
                                struct document *ret, struct error **err)
{
    cleanup_json json *owned = tree;
    if (check_lower("clusterResourceID", document_str(owned, "clusterResourceID"), err) < 0)
        return error_wrap(err, "MaintenanceManifests");
    return documents_create_once(ctx, db, COLL_MAINTENANCE_MANIFESTS, take(owned), 0, ret, err);
}

int maintenancemanifests_get(const struct opctx *ctx, struct database *db,
                             const struct manifest_key *key, struct document *ret,
                             struct error **err)
{
    return documents_get(ctx, db, COLL_MAINTENANCE_MANIFESTS, key->cluster, key->id, ret, err);
}

int maintenancemanifests_patch(const struct opctx *ctx, struct database *db,
                               const struct manifest_key *key, document_mutate mutate, void *arg,
                               struct document *ret, struct error **err)
{
    const struct documents_patch p = { .coll = COLL_MAINTENANCE_MANIFESTS,
                                       .partition = key->cluster,
                                       .id = key->id,
                                       .mutate = mutate,
                                       .arg = arg };
    return documents_patch(ctx, db, &p, ret, err);
}

/* ---- leases ---- */

/* Whether it may be taken is judged on the very document that is then written, so nobody takes what was just taken. */
static int check_free(const json *tree, int64_t now_s, struct error **err)
{
    const char *state = json_path_str(tree, STATE);
    bool runs = json_path_int(tree, "leaseExpires", 0) >= now_s;
    if (!runs && (str_eq(state, "Pending") || str_eq(state, "InProgress")))
        return 0;
    return error_set(err, ERR_CONFLICT, "the maintenance manifest is %s%s",
                     state ? state : "without a state", runs ? ", under somebody's lease" : "");
}

int maintenancemanifests_take(const struct opctx *ctx, struct database *db,
                              const struct manifest_key *key, char **ret_lease,
                              struct document *ret, struct error **err)
{
    cleanup_document struct document d = { 0 };
    cleanup_error struct error *why = NULL;
    int64_t now_s;
    if (maintenancemanifests_get(ctx, db, key, &d, err) < 0 ||
        store_now_s(ctx, db->store, &now_s, err) < 0 || check_free(d.tree, now_s, err) < 0 ||
        json_set_str(d.tree, STATE, "InProgress", err) < 0)
        return -1;
    if (documents_claim(ctx, db, COLL_MAINTENANCE_MANIFESTS, &d, false, ret_lease, ret, &why) == 0)
        return 0;
    return error_is(why, ERR_PRECONDITION)
               ? error_set(err, ERR_CONFLICT, "the maintenance manifest was taken by another")
               : error_move(err, &why);
}

int maintenancemanifests_patch_with_lease(const struct opctx *ctx, struct database *db,
                                          const struct manifest_key *key, const char *lease,
                                          document_mutate mutate, void *arg, struct document *ret,
                                          struct error **err)
{
    const struct documents_patch p = { .coll = COLL_MAINTENANCE_MANIFESTS,
                                       .partition = key->cluster,
                                       .id = key->id,
                                       .lease = lease,
                                       .needs_lease = true,
                                       .triggers = TRIGGER_RENEW_LEASE,
                                       .mutate = mutate,
                                       .arg = arg };
    return documents_patch(ctx, db, &p, ret, err);
}

struct end {
    const char *state, *status_text;
};

static int end_lease(json *tree, void *arg, struct error **err)
{
    const struct end *end = arg;
    if (json_set_str(tree, STATE, end->state, err) < 0 ||
        json_set_str(tree, STATUS_TEXT, end->status_text, err) < 0)
        return -1;
    lease_clear(tree);
    if (!str_eq(end->state, "Pending"))
        (void)json_del(tree, "dequeues");
    return 0;
}

int maintenancemanifests_end_lease(const struct opctx *ctx, struct database *db,
                                   const struct manifest_key *key, const char *lease,
                                   const char *state, const char *status_text, struct document *ret,
                                   struct error **err)
{
    struct end end = { state, status_text };
    const struct documents_patch p = { .coll = COLL_MAINTENANCE_MANIFESTS,
                                       .partition = key->cluster,
                                       .id = key->id,
                                       .lease = lease,
                                       .needs_lease = true,
                                       .mutate = end_lease,
                                       .arg = &end };
    return documents_patch(ctx, db, &p, ret, err);
}

int maintenancemanifests_delete(const struct opctx *ctx, struct database *db,
                                const struct manifest_key *key, struct error **err)
{
    return store_delete(ctx, db->store, COLL_MAINTENANCE_MANIFESTS, key->cluster, key->id,
                        STORE_ANY_ETAG, err);
}

/* ---- several ---- */

int maintenancemanifests_list(const struct opctx *ctx, struct database *db,
                              const struct manifest_query *q, struct document_page *ret,
                              struct error **err)
{
    static const enum query named[] = {
        [MANIFESTS_OF_CLUSTER] = QUERY_MANIFESTS_OF_CLUSTER,
        [MANIFESTS_DUE] = QUERY_MANIFESTS_DUE,
        [MANIFESTS_DUE_CLUSTERS] = QUERY_MANIFESTS_DUE_CLUSTERS,
        [MANIFESTS_QUEUED] = QUERY_MANIFESTS_QUEUED,
        [MANIFESTS_FUTURE] = QUERY_MANIFESTS_FUTURE,
    };
    const struct store_query sq = { .query = named[q->which],
                                    .partition = q->cluster,
                                    .args = { q->schedule },
                                    .page = q->page,
                                    .continuation = q->continuation };
    return documents_page(ctx, db, &sq, ret, err);
}

int maintenancemanifests_queue_length(const struct opctx *ctx, struct database *db, int64_t *ret,
                                      struct error **err)
{
    const struct store_query q = { .query = QUERY_MANIFESTS_QUEUED };
    return store_count(ctx, db->store, &q, ret, err);
}
