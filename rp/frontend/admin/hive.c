/* What was shipped to the fleet: sets, and how they stand in a cluster. SyncSets does that (rp/hive); of the Hive that did it
 * before there is nothing else, so what asks for that answers as where there is none. */
#include "rp/hive/hive.h"

#include "pkg/base/mem.h"
#include "rp/frontend/admin/admin.h"
#include "rp/frontend/admin/common.h"
#include "rp/frontend/admin/handlers.h"
#include "rp/frontend/cloud_error.h"
#include "rp/frontend/documents.h"
#include "rp/frontend/reply.h"

#define PLACE "openShiftCluster.properties.hiveProfile.namespace"

static int no_hive(struct error **err)
{
    return cloud_error(err, "InternalServerError", NULL, "hive is not enabled");
}

/* NULL: there is none. */
static struct hive *hive_of(const struct request *req)
{
    const struct admin_clients *clients = req->f->cfg.more_arg;
    return clients ? clients->hive : NULL;
}

/* ---- sets ---- */

/* The namespace has two names: the older one is what callers of Hive sent. */
static char *give_namespace(const struct request *req)
{
    cleanup_free char *nspace = request_give_query(req, "namespace");
    return nspace && *nspace ? take(nspace) : admin_give_text(req, "cdnamespace");
}

/* A SyncSet lies in the namespace of its cluster, a SelectorSyncSet in none. *ret is the caller's; NULL: none. */
static int read_namespace(const struct request *req, char **ret, struct error **err)
{
    cleanup_free char *which = request_give_query(req, "issyncset");
    cleanup_free char *nspace = give_namespace(req);
    bool is_syncset;

    if (!admin_bool(which, &is_syncset))
        return cloud_error(err, "InvalidRequestContent", "issyncset",
                           "The provided issyncset '%s' is invalid.", which ? which : "");
    if (is_syncset != (*nspace != '\0'))
        return cloud_error(err, "InvalidParameter", "namespace", "namespace %s",
                           is_syncset ? "must be provided for SyncSets."
                                      : "must not be provided for SelectorSyncSets.");
    *ret = is_syncset ? take(nspace) : NULL;
    return 0;
}

/* Of what SyncSets said (consumed), what the caller is told. */
static int not_told(struct error **e, const char *what, const char *name, struct error **err)
{
    if (error_is(*e, ERR_NOT_FOUND)) {
        error_clear(e);
        return cloud_error(err, "NotFound", NULL, "The %s '%s' was not found.", what, name);
    }
    if (error_is(*e, ERR_INVALID)) {
        cleanup_error struct error *why = take(*e);
        return cloud_error(err, "InvalidParameter", NULL, "%s", error_text(why));
    }
    if (error_is(*e, ERR_FORBIDDEN) || error_is(*e, ERR_UNAUTHORIZED)) {
        /* Not of the caller, who may ask. */
        cleanup_error struct error *why = take(*e);
        return cloud_error(err, "InternalServerError", NULL,
                           "SyncSets refuses what this service asks: %s", error_text(why));
    }
    return error_move(err, e);
}

int handle_admin_hive_syncset_list(struct request *req, struct error **err)
{
    cleanup_free char *nspace = NULL, *label = request_give_query(req, "label");
    cleanup_json json *list = NULL;
    struct error *e = NULL;
    struct hive *h = hive_of(req);
    if (read_namespace(req, &nspace, err) < 0)
        return -1;
    if (!h)
        return no_hive(err);
    if (hive_list_sets(h, req->ctx, nspace, label, &list, &e) < 0)
        return not_told(&e, "namespace", nspace ? nspace : "", err);
    reply_json(req, 200, list);
    return 0;
}

int handle_admin_hive_syncset_get(struct request *req, struct error **err)
{
    const char *name = request_param(req, "syncset");
    cleanup_free char *nspace = NULL;
    cleanup_json json *set = NULL;
    struct error *e = NULL;
    struct hive *h = hive_of(req);
    if (read_namespace(req, &nspace, err) < 0)
        return -1;
    if (!h)
        return no_hive(err);
    if (hive_get_set(h, req->ctx, nspace, name, &set, &e) < 0)
        return not_told(&e, nspace ? "SyncSet" : "SelectorSyncSet", name, err);
    reply_json(req, 200, set);
    return 0;
}

/* ---- clusters ---- */

int handle_admin_hive_cluster_sync(struct request *req, struct error **err)
{
    cleanup_document struct document d = { 0 };
    cleanup_json json *sync = NULL;
    struct error *e = NULL;
    struct hive *h = hive_of(req);
    if (!h)
        return cloud_error(err, "InvalidParameter", NULL, "hive is not enabled");
    if (cluster_find(req, &d, err) < 0)
        return -1;
    const char *nspace = json_path_str(d.tree, PLACE);
    if (!nspace || !*nspace) {
        reply_status(req, 204);
        return 0;
    }
    if (hive_get_cluster_sync(h, req->ctx, nspace, &sync, &e) < 0)
        return not_told(&e, "ClusterSync of", nspace, err);
    reply_json(req, 200, sync);
    return 0;
}

/* ---- what only Hive had ---- */

int handle_admin_hive_object(struct request *req, struct error **err)
{
    (void)req;
    return no_hive(err);
}

int handle_admin_hive_deployment(struct request *req, struct error **err)
{
    cleanup_document struct document d = { 0 };
    if (cluster_find(req, &d, err) < 0)
        return -1;
    const char *nspace = json_path_str(d.tree, PLACE);
    if (nspace && *nspace)
        return no_hive(err);
    reply_status(req, 204);
    return 0;
}
