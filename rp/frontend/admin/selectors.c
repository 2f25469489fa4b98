#include "pkg/api/admin/selectors.h"

#include "pkg/database/subscriptions.h"
#include "rp/frontend/admin/handlers.h"
#include "rp/frontend/cloud_error.h"
#include "rp/frontend/documents.h"
#include "rp/frontend/reply.h"

int handle_admin_selectors(struct request *req, struct error **err)
{
    const struct frontend_config *cfg = &req->f->cfg;
    const char *sub = request_param(req, "sub");
    cleanup_document struct document cluster = { 0 }, subscription = { 0 };
    cleanup_error struct error *e = NULL;

    if (cluster_find(req, &cluster, err) < 0)
        return -1;
    if (subscriptions_get(req->ctx, cfg->database, sub, &subscription, &e) < 0)
        return error_is(e, ERR_NOT_FOUND)
                   ? cloud_error(err, "ResourceNotFound", NULL,
                                 "The subscription ID '%s' was not found.", sub)
                   : error_move(err, &e);
    cleanup_json json *selectors =
        selectors_give(cluster.tree, json_path_str(subscription.tree, "subscription.state"),
                       rp_env_text(cfg->env, ENV_DOMAIN));
    reply_json(req, 200, selectors);
    return 0;
}
