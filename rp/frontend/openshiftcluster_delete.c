#include "pkg/base/mem.h"
#include "pkg/database/openshiftclusters.h"
#include "rp/frontend/documents.h"
#include "rp/frontend/handlers.h"
#include "rp/frontend/reply.h"

struct removal {
    struct request *req;
    struct operation operation;
};

/* Only marks it: the backend deletes. */
static int mark(json *document, void *arg, struct error **err)
{
    struct removal *r = arg;
    json *cluster = json_get(document, "openShiftCluster");

    if (cluster_check_terminal(cluster, err) < 0)
        return -1;
    cleanup_free char *old = xstrdup(json_path_str(cluster, "properties.provisioningState"));
    if (json_set_str(cluster, "properties.lastProvisioningState", old, err) < 0 ||
        json_set_str(cluster, "properties.provisioningState", "Deleting", err) < 0)
        return -1;
    json_del(document, "dequeues");
    operation_begin(&r->operation, r->req, document);
    return 0;
}

int handle_cluster_delete(struct request *req, struct error **err)
{
    struct database *db = req->f->cfg.database;
    struct removal r = { .req = req };
    cleanup_free char *key = cluster_give_key(req);
    cleanup_document struct document d = { 0 }, marked = { 0 };
    cleanup_error struct error *e = NULL;

    operation_init(&r.operation, req);
    if (openshiftclusters_get(req->ctx, db, key, &d, &e) == 0) {
        if (subscription_check(
                req, SUBSCRIPTION_REGISTERED | SUBSCRIPTION_WARNED | SUBSCRIPTION_SUSPENDED, NULL,
                err) < 0)
            return -1;
        (void)request_patch_cluster(req, key, mark, &r, &marked, &e);
    }
    if (error_is(e, ERR_NOT_FOUND)) {
        reply_status(req, 204);
        return 0;
    }
    if (e)
        return error_move(err, &e);
    if (operation_record(&r.operation, req, marked.tree, err) < 0)
        return -1;
    operation_set_header(&r.operation, req, "Location", "operationresults");
    operation_set_header(&r.operation, req, "Azure-AsyncOperation", "operationsstatus");
    reply_status(req, 202);
    return 0;
}
