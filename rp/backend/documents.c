#include "rp/backend/documents.h"

#include "pkg/base/strv.h"
#include "pkg/database/openshiftclusters.h"
#include "pkg/database/subscriptions.h"

int documents_cluster(const struct opctx *ctx, struct database *db, const char *key,
                      const char *token, struct document *ret, struct error **err)
{
    cleanup_document struct document d = { 0 };
    if (openshiftclusters_get(ctx, db, key, &d, err) < 0)
        return -1;
    if (!document_has_lease(d.tree, token)) {
        (void)error_set(err, ERR_CONFLICT, "cluster '%s': somebody else has the lease", key);
        error_code(err, DATABASE_LOST_LEASE);
        return -1;
    }
    *ret = d;
    d = (struct document){ 0 };
    return 0;
}

int documents_subscription(const struct opctx *ctx, struct database *db, const json *cluster,
                           struct document *ret, struct error **err)
{
    const char *id;
    if (json_need_str(cluster, "partitionKey", &id, err) < 0 ||
        subscriptions_get(ctx, db, id, ret, err) < 0)
        return error_wrap(err, "reading the cluster's subscription");
    return 0;
}

int documents_operation(const json *cluster, enum cluster_operation *ret, struct error **err)
{
    static const struct {
        const char *state;
        enum cluster_operation operation;
    } table[] = {
        { "Creating", CLUSTER_INSTALL },
        { "Updating", CLUSTER_UPDATE },
        { "AdminUpdating", CLUSTER_ADMIN_UPDATE },
        { "Deleting", CLUSTER_DELETE },
    };
    const char *state = json_path_str(cluster, "openShiftCluster.properties.provisioningState");
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        if (!str_eq(state, table[i].state))
            continue;
        *ret = table[i].operation;
        return 0;
    }
    return error_set(err, ERR_INVALID, "nothing is to be done in the provisioning state '%s'",
                     state ? state : "");
}
