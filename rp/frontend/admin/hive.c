/* Hive manages clusters on a cluster of its own. This build has no client of it: the routes answer as they do where there is
 * no such cluster. */
#include "pkg/base/mem.h"
#include "rp/frontend/admin/common.h"
#include "rp/frontend/admin/handlers.h"
#include "rp/frontend/cloud_error.h"
#include "rp/frontend/documents.h"
#include "rp/frontend/reply.h"

static int no_hive(struct error **err)
{
    return cloud_error(err, "InternalServerError", NULL, "hive is not enabled");
}

/* A SyncSet lies in the namespace of its cluster, a SelectorSyncSet in none. */
static int check_syncset(const struct request *req, struct error **err)
{
    cleanup_free char *which = request_give_query(req, "issyncset");
    cleanup_free char *nspace = request_give_query(req, "cdnamespace");
    bool is_syncset, has_namespace = nspace && *nspace;

    if (!admin_bool(which, &is_syncset))
        return cloud_error(err, "InvalidParameter", "issyncset",
                           "The provided issyncset '%s' is invalid.", which ? which : "");
    if (is_syncset == has_namespace)
        return 0;
    return cloud_error(err, "InvalidParameter", "cdnamespace", "cdnamespace %s",
                       is_syncset ? "must be provided for SyncSets."
                                  : "must not be provided for SelectorSyncSets.");
}

int handle_admin_hive_syncset_list(struct request *req, struct error **err)
{
    return check_syncset(req, err) < 0 ? -1 : no_hive(err);
}

int handle_admin_hive_syncset_get(struct request *req, struct error **err)
{
    return check_syncset(req, err) < 0 ? -1 : no_hive(err);
}

int handle_admin_hive_object(struct request *req, struct error **err)
{
    (void)req;
    return no_hive(err);
}

int handle_admin_hive_of_cluster(struct request *req, struct error **err)
{
    cleanup_document struct document d = { 0 };
    if (cluster_find(req, &d, err) < 0)
        return -1;
    const char *nspace = json_path_str(d.tree, "openShiftCluster.properties.hiveProfile.namespace");
    if (nspace && *nspace)
        return no_hive(err);
    reply_status(req, 204);
    return 0;
}
