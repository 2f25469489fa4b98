#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/database/openshiftclusters.h"
#include "rp/frontend/change.h"
#include "rp/frontend/cloud_error.h"
#include "rp/frontend/handlers.h"
#include "rp/frontend/reply.h"

/* Creates and deletes that meet may take turns this often. */
#define TRIES 5

/* -1: an error, be it that another cluster acts as that identity. */
static int check_identity(struct request *req, const char *client, struct error **err)
{
    cleanup_document_page struct document_page by_client = { 0 };

    if (openshiftclusters_find_by_client_id(req->ctx, req->f->cfg.database,
                                            request_param(req, "sub"), client, &by_client, err) < 0)
        return -1;
    if (by_client.len == 0)
        return 0;
    return cloud_error(
        err, "DuplicateClientID", NULL, "The provided %s '%s' is already in use by a cluster.",
        *client == '/' ? "user assigned identity" : "service principal with client ID", client);
}

/* Whose document has what a create wanted. */
static int find_taken(struct request *req, const char *client, const char *group,
                      struct error **err)
{
    struct database *db = req->f->cfg.database;
    const char *sub = request_param(req, "sub");
    cleanup_document_page struct document_page by_group = { 0 };

    if (check_identity(req, client, err) < 0)
        return -1;
    if (openshiftclusters_find_by_resource_group(req->ctx, db, sub, group, &by_group, err) < 0)
        return -1;
    if (by_group.len > 0)
        return cloud_error(err, "DuplicateResourceGroup", NULL,
                           "The provided resource group '%s' already contains a cluster.", group);
    return error_set(err, ERR_INTERNAL, "the cluster cannot be created, and nobody is in its way");
}

/* 1 = somebody else created it meanwhile: begin again. */
static int create(struct change *c, const char *key, struct document *ret, struct error **err)
{
    struct request *req = c->req;
    struct database *db = req->f->cfg.database;
    cleanup_json json *document = change_give_new(c);
    cleanup_document struct document other = { 0 };
    cleanup_error struct error *e = NULL;

    if (change_apply_create(document, c, err) < 0)
        return -1;
    cleanup_free char *group = xstrdup(json_path_str(document, "clusterResourceGroupIdKey"));
    if (openshiftclusters_create(req->ctx, db, take(document), ret, &e) == 0)
        return 0;
    if (!error_is(e, ERR_PRECONDITION))
        return error_move(err, &e);
    if (openshiftclusters_get(req->ctx, db, key, &other, NULL) == 0)
        return 1;
    return find_taken(req, c->identity_key, group, err);
}

/* 1 = it has gone meanwhile: begin again. */
static int update(struct change *c, const char *key, struct document *ret, struct error **err)
{
    cleanup_error struct error *e = NULL;
    if (request_patch_cluster(c->req, key, change_apply_update, c, ret, &e) == 0)
        return 0;
    if (error_is(e, ERR_NOT_FOUND))
        return 1;
    if (error_is(e, ERR_EXISTS) && check_identity(c->req, c->identity_key, err) < 0)
        return -1;
    return error_move(err, &e);
}

static int write_document(struct change *c, struct document *ret, int *ret_status,
                          struct error **err)
{
    cleanup_free char *key = cluster_give_key(c->req);
    for (int i = 0; i < TRIES; i++) {
        int result = update(c, key, ret, err);
        *ret_status = 200;
        if (result == 1) {
            result = create(c, key, ret, err);
            *ret_status = 201;
        }
        if (result != 1)
            return result;
    }
    return error_set(err, ERR_PRECONDITION, "others keep creating and deleting the cluster");
}

static int reply(struct change *c, int status, const json *cluster, struct error **err)
{
    cleanup_json json *ext = NULL;
    if (api_cluster_to_external(c->req->version, cluster, NULL, &ext, err) < 0)
        return -1;
    (void)json_path_del(ext, "properties.workerProfilesStatus");
    if (c->has_operation)
        operation_set_header(&c->operation, c->req, "Azure-AsyncOperation", "operationsstatus");
    reply_json(c->req, status, ext);
    return 0;
}

static int put_or_patch(struct request *req, bool is_patch, struct error **err)
{
    cleanup_document struct document subscription = { 0 }, d = { 0 };
    cleanup_change struct change c = { .req = req, .is_patch = is_patch };
    int status = 0;

    if (subscription_check(req, SUBSCRIPTION_REGISTERED, &subscription, err) < 0)
        return -1;
    c.tenant_id = json_path_str(subscription.tree, "subscription.properties.tenantId");
    operation_init(&c.operation, req);
    if (write_document(&c, &d, &status, err) < 0 ||
        (c.has_operation && operation_record(&c.operation, req, d.tree, err) < 0))
        return -1;
    return reply(&c, status, json_get(d.tree, "openShiftCluster"), err);
}

int handle_cluster_put(struct request *req, struct error **err)
{
    return put_or_patch(req, false, err);
}

int handle_cluster_patch(struct request *req, struct error **err)
{
    return put_or_patch(req, true, err);
}
