#include "rp/frontend/chain.h"
#include "rp/frontend/cloud_error.h"

static int miss(struct request *req, struct error **err)
{
    if (req->route)
        return 0;
    if (error_is(req->route_error, ERR_METHOD))
        return error_move(err, &req->route_error); /* reply_error: 405 without a body */
    return cloud_error(err, "NotFound", NULL, "The requested path could not be found.");
}

const struct middleware middleware_miss = { .name = "Miss", .before = miss };
