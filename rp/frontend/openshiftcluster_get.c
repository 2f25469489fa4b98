#include "rp/frontend/documents.h"
#include "rp/frontend/handlers.h"

int handle_cluster_get(struct request *req, struct error **err)
{
    cleanup_document struct document d = { 0 };
    if (cluster_find(req, &d, err) < 0)
        return -1;
    json *cluster = json_get(d.tree, "openShiftCluster");
    clusters_enrich(req, &cluster, 1);
    return cluster_reply(req, 200, cluster, err);
}
