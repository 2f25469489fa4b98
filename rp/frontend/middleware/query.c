#include "pkg/base/mem.h"
#include "pkg/net/url.h"
#include "rp/frontend/chain.h"
#include "rp/frontend/cloud_error.h"

/* Handlers take what they cannot read for absent: a filter would then let everything through, and what is
 * meant for one would be done to all. */
static int query(struct request *req, struct error **err)
{
    cleanup_free char *broken = NULL;
    if (query_is_sound(http_call_query(req->call), &broken))
        return 0;
    return cloud_error(err, "InvalidParameter", broken,
                       "The query parameter '%s' could not be decoded.", broken);
}

const struct middleware middleware_query = { .name = "Query", .before = query };
