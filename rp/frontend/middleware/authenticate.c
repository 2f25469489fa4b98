#include "rp/frontend/chain.h"
#include "rp/frontend/cloud_error.h"

static int authenticate(struct request *req, struct error **err)
{
    const struct frontend_config *cfg = &req->f->cfg;
    cleanup_error struct error *why = NULL;

    if (req->route && (req->route->flags & ROUTE_OPEN))
        return 0;
    struct authorizer *a = request_is_admin(req) ? cfg->admin : cfg->arm;
    if (authorizer_check(a, req->ctx, req->call, &why) == 0)
        return 0;
    log_warning(req->log, "not authorised: %s", error_text(why));
    return cloud_error(err, "Forbidden", NULL, "Forbidden.");
}

const struct middleware middleware_authenticate = { .name = "Authenticate",
                                                    .before = authenticate };
