#include "pkg/api/admin/admin.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/database/maintenancemanifests.h"
#include "rp/frontend/admin/common.h"
#include "rp/frontend/admin/handlers.h"
#include "rp/frontend/cloud_error.h"
#include "rp/frontend/documents.h"
#include "rp/frontend/reply.h"

#define MEMBER "maintenanceManifest"
#define STATE MEMBER ".state"
#define WEEK_S (7 * 24 * 60 * 60)
#define READ_SIZE 100

/* ---- documents ---- */

/* Nothing is queued for a cluster that goes. */
static int check_cluster(struct request *req, struct error **err)
{
    cleanup_document struct document d = { 0 };
    if (cluster_find(req, &d, err) < 0)
        return -1;
    if (str_eq(json_path_str(d.tree, "openShiftCluster.properties.provisioningState"), "Deleting"))
        return cloud_error(err, "NotFound", NULL, "The cluster is being deleted.");
    return 0;
}

static int not_read(const struct request *req, struct error **e, struct error **err)
{
    return admin_not_read(e, "maintenance manifest", request_param(req, "manifest"), err);
}

static void reply_manifest(struct request *req, int status, const struct document *d)
{
    cleanup_json json *ext = admin_give_external(&manifest_type, d->tree, MEMBER);
    reply_json(req, status, ext);
}

/* ---- lists ---- */

static int read_page(struct request *req, const struct paging *p, const char *continuation,
                     struct document_page *ret, struct error **err)
{
    const char *cluster = p->arg;
    const struct manifest_query q = { .which = cluster ? MANIFESTS_OF_CLUSTER : MANIFESTS_QUEUED,
                                      .cluster = cluster,
                                      .page = p->size,
                                      .continuation = continuation };
    return maintenancemanifests_list(req->ctx, req->f->cfg.database, &q, ret, err);
}

/* In the list of one cluster nobody asks which one. */
static int show(struct request *req, const struct paging *p, const struct document *d, json **ret,
                struct error **err)
{
    (void)req;
    (void)err;
    *ret = admin_give_external(&manifest_type, d->tree, MEMBER);
    if (!p->arg)
        json_put(*ret, "clusterResourceID",
                 json_new_str(json_path_str(d->tree, "clusterResourceID")));
    return 0;
}

int handle_admin_manifest_list(struct request *req, struct error **err)
{
    cleanup_free char *key = cluster_give_key(req);
    const struct paging p = {
        .scope = key, .size = admin_limit(req), .read = read_page, .show = show, .arg = key
    };
    return check_cluster(req, err) < 0 ? -1 : paging_reply(req, &p, err);
}

int handle_admin_manifests_queued(struct request *req, struct error **err)
{
    const struct paging p = { .scope = "/admin/maintenancemanifests/queued",
                              .size = admin_limit(req),
                              .read = read_page,
                              .show = show };
    return paging_reply(req, &p, err);
}

/* ---- one ---- */

int handle_admin_manifest_get(struct request *req, struct error **err)
{
    cleanup_free char *cluster = cluster_give_key(req);
    const struct manifest_key key = { cluster, request_param(req, "manifest") };
    cleanup_document struct document d = { 0 };
    cleanup_error struct error *e = NULL;

    if (check_cluster(req, err) < 0)
        return -1;
    if (maintenancemanifests_get(req->ctx, req->f->cfg.database, &key, &d, &e) < 0)
        return not_read(req, &e, err);
    reply_manifest(req, 200, &d);
    return 0;
}

static void default_time(json *ext, const char *name, int64_t value)
{
    if (json_path_int(ext, name, 0) == 0)
        json_put(ext, name, json_new_int(value));
}

/* What is not said: from now on, for a week. */
static int default_times(const struct request *req, json *ext, struct error **err)
{
    int64_t end;
    default_time(ext, "runAfter", clock_wall_ns(req->ctx->clock) / NS_PER_S);
    if (__builtin_add_overflow(json_path_int(ext, "runAfter", 0), WEEK_S, &end))
        return cloud_error(err, "InvalidParameter", "runAfter", "Must leave a week to run in");
    default_time(ext, "runBefore", end);
    return 0;
}

int handle_admin_manifest_put(struct request *req, struct error **err)
{
    cleanup_free char *cluster = cluster_give_key(req);
    cleanup_json json *ext = NULL;
    cleanup_document struct document d = { 0 };

    if (admin_decode(req, &manifest_type, &ext, err) < 0 || check_cluster(req, err) < 0)
        return -1;
    if (default_times(req, ext, err) < 0 || manifest_validate(ext, err) < 0)
        return -1;
    json *document =
        json_make("{'clusterResourceID':%s,'" MEMBER "':{'state':'Pending'}}", cluster);
    api_object_to_internal(&manifest_type, admin_version(), ext, json_get(document, MEMBER));
    if (maintenancemanifests_create(req->ctx, req->f->cfg.database, document, &d, err) < 0)
        return -1;
    reply_manifest(req, 201, &d);
    return 0;
}

/* Also of a cluster that has gone: what was queued for it is to be got rid of. */
int handle_admin_manifest_delete(struct request *req, struct error **err)
{
    cleanup_free char *cluster = cluster_give_key(req);
    const struct manifest_key key = { cluster, request_param(req, "manifest") };
    cleanup_error struct error *e = NULL;

    if (maintenancemanifests_delete(req->ctx, req->f->cfg.database, &key, &e) < 0)
        return not_read(req, &e, err);
    reply_status(req, 200);
    return 0;
}

/* ---- cancelling ---- */

static int cancel(json *document, void *arg, struct error **err)
{
    const char *state = json_path_str(document, STATE);
    (void)arg;
    if (!str_eq(state, "Pending"))
        return cloud_error_with_status(err, 406, "PropertyChangeNotAllowed", NULL,
                                       "cannot cancel task in state %s", state ? state : "");
    return json_set_str(document, STATE, "Cancelled", err);
}

int handle_admin_manifest_cancel(struct request *req, struct error **err)
{
    cleanup_free char *cluster = cluster_give_key(req);
    const struct manifest_key key = { cluster, request_param(req, "manifest") };
    cleanup_document struct document d = { 0 };
    cleanup_error struct error *e = NULL;

    if (check_cluster(req, err) < 0)
        return -1;
    if (maintenancemanifests_patch(req->ctx, req->f->cfg.database, &key, cancel, NULL, &d, &e) < 0)
        return not_read(req, &e, err);
    reply_manifest(req, 200, &d);
    return 0;
}

struct batch {
    const char *schedule;
    int cancelled, errors;
};

static int cancel_one(struct request *req, const struct document *d, void *arg, struct error **err)
{
    struct batch *b = arg;
    const struct manifest_key key = { json_path_str(d->tree, "clusterResourceID"),
                                      json_path_str(d->tree, "id") };
    cleanup_error struct error *e = NULL;

    (void)err;
    if (!str_eq(json_path_str(d->tree, MEMBER ".createdBySchedule"), b->schedule))
        return 0;
    if (maintenancemanifests_patch(req->ctx, req->f->cfg.database, &key, cancel, NULL, NULL, &e) ==
        0) {
        b->cancelled++;
        return 0;
    }
    b->errors++;
    log_warning(req->log, "cancelling the maintenance manifest %s: %s", key.id, error_text(e));
    return 0;
}

/* The rest goes on when one cannot be cancelled: it may have begun just now. */
int handle_admin_manifests_cancel(struct request *req, struct error **err)
{
    const struct paging queued = { .size = READ_SIZE, .read = read_page };
    cleanup_free char *given = request_give_query(req, "scheduleID");
    if (!given || !*given)
        return cloud_error(err, "InvalidParameter", "scheduleID", "Parameter is missing");
    cleanup_free char *schedule = str_give_lower(given);
    struct batch b = { .schedule = schedule };
    if (paging_each(req, &queued, cancel_one, &b, err) < 0)
        return -1;
    cleanup_json json *reply = json_make("{'cancelled':%d,'errors':%d}", b.cancelled, b.errors);
    reply_json(req, 200, reply);
    return 0;
}
