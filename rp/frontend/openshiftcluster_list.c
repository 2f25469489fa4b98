#include "pkg/base/mem.h"
#include "pkg/database/openshiftclusters.h"
#include "rp/frontend/documents.h"
#include "rp/frontend/handlers.h"

static int read_page(struct request *req, const struct paging *p, const char *continuation,
                     struct document_page *ret, struct error **err)
{
    return openshiftclusters_list(req->ctx, req->f->cfg.database, p->scope, p->size, continuation,
                                  ret, err);
}

/* The scope is the prefix of the keys. */
int handle_cluster_list(struct request *req, struct error **err)
{
    const char *group = http_call_param(req->call, "rg");
    cleanup_free char *prefix =
        group ? xasprintf("/subscriptions/%s/resourcegroups/%s/", request_param(req, "sub"), group)
              : xasprintf("/subscriptions/%s/", request_param(req, "sub"));
    return clusters_reply_page(req, req->version, prefix, read_page, err);
}
