#include "rp/cluster/billing.h"

#include "pkg/database/billing.h"
#include "rp/cluster/cluster.h"

int cluster_billing_ensure(const struct opctx *ctx, struct database *db, const json *cluster,
                           const char *tenant_id, struct error **err)
{
    cleanup_error struct error *why = NULL;
    json *record = json_make("{'id':%s,'key':%s,'clusterResourceGroupIDKey':%s,'infraId':%s,"
                             "'billing':{'location':%s,'tenantID':%s}}",
                             json_path_str(cluster, "id"), json_path_str(cluster, "key"),
                             json_path_str(cluster, "clusterResourceGroupIdKey"),
                             json_path_str(cluster, "openShiftCluster.properties.infraId"),
                             json_path_str(cluster, "openShiftCluster.location"), tenant_id);
    if (billing_create(ctx, db, record, NULL, &why) == 0 || error_is(why, ERR_EXISTS))
        return 0;
    error_move(err, &why);
    return error_wrap(err, "creating the billing record");
}

int cluster_billing_end(const struct opctx *ctx, struct database *db, const json *cluster,
                        struct error **err)
{
    cleanup_error struct error *why = NULL;
    const char *id;
    if (json_need_str(cluster, "id", &id, err) < 0)
        return -1;
    if (billing_mark_deleted(ctx, db, id, NULL, &why) == 0 || error_is(why, ERR_NOT_FOUND))
        return 0;
    error_move(err, &why);
    return error_wrap(err, "ending the billing record");
}

int cluster_ensure_billing_record(void *arg, const struct opctx *ctx, struct error **err)
{
    const struct cluster *c = arg;
    return cluster_billing_ensure(ctx, c->job.db, c->doc, cluster_tenant_id(c), err);
}
