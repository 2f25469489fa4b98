#include "rp/frontend/admin/handlers.h"
#include "rp/frontend/documents.h"
#include "rp/frontend/reply.h"

/* What the backend wrote into the document (rp/cluster/progress.h), and how the cluster stands. */
int handle_admin_progress(struct request *req, struct error **err)
{
    cleanup_document struct document d = { 0 };

    if (cluster_find(req, &d, err) < 0)
        return -1;
    json *progress = json_get(d.tree, "progress");
    cleanup_json json *reply = progress ? json_give_copy(progress) : json_new_object();
    (void)json_del(reply, "operationId");
    (void)json_del(reply, "waits");
    if (!json_has(reply, "log"))
        json_put(reply, "log", json_new_array());
    json_put(reply, "provisioningState",
             json_ref(json_path(d.tree, "openShiftCluster.properties.provisioningState")));
    reply_json(req, 200, reply);
    return 0;
}
