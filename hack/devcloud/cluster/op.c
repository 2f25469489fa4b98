#include "hack/devcloud/cluster/cluster_impl.h"
#include "hack/devcloud/cluster/managed.h"
#include "pkg/base/mem.h"

bool cluster_has(const struct cluster *c, int minor)
{
    return c->cfg.minor >= minor;
}

void cluster_now(const struct cluster *c, char out[TIME_TEXT_MAX])
{
    time_rfc3339(clock_wall_ns(c->cfg.clock), out);
}

void api_reply_init(struct api_reply *reply)
{
    *reply = (struct api_reply){ .status = 200, .body = BUF_INIT(BUF_UNBOUNDED) };
}

void api_reply_release(struct api_reply *reply)
{
    free(reply->content_type);
    free(reply->log_url);
    buf_release(&reply->body);
    strv_release(&reply->warnings);
}

void op_init(struct op *op, struct cluster *c, const struct api_request *rq, struct kinds *kinds,
             const struct resource *r, struct api_reply *reply)
{
    const char *manager = api_query(rq, "fieldManager");
    *op = (struct op){ .c = c, .rq = rq, .kinds = kinds, .r = r, .reply = reply };
    op->api_version = resource_give_api_version(r);
    op->manager =
        manager && *manager ? xstrdup(manager) : managed_give_default_manager(rq->user_agent);
    op->dry_run = str_eq(api_query(rq, "dryRun"), "All");
}

void op_release(struct op *op)
{
    free(op->api_version);
    free(op->manager);
}

struct fail_object op_object(const struct op *op, const char *name)
{
    return (struct fail_object){ .group = op->r->group,
                                 .resource = op->r->plural,
                                 .kind = op->r->kind,
                                 .name = name ? name : op->rq->name };
}

const char *op_nspace(const struct op *op)
{
    return op->r->namespaced && op->rq->nspace ? op->rq->nspace : "";
}
