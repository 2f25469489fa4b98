#include "pkg/api/admin/selectors.h"

#include "rp/frontend/admin/common.h"
#include "rp/frontend/admin/handlers.h"
#include "rp/frontend/documents.h"
#include "rp/frontend/reply.h"

int handle_admin_selectors(struct request *req, struct error **err)
{
    cleanup_document struct document cluster = { 0 }, subscription = { 0 };

    if (cluster_find(req, &cluster, err) < 0 ||
        admin_find_subscription(req, &subscription, err) < 0)
        return -1;
    cleanup_json json *selectors =
        selectors_give(cluster.tree, json_path_str(subscription.tree, "subscription.state"),
                       rp_env_text(req->f->cfg.env, ENV_DOMAIN));
    reply_json(req, 200, selectors);
    return 0;
}
