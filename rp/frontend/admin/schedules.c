#include <string.h>

#include "pkg/api/admin/admin.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/database/maintenanceschedules.h"
#include "rp/frontend/admin/common.h"
#include "rp/frontend/admin/handlers.h"
#include "rp/frontend/cloud_error.h"
#include "rp/frontend/reply.h"

#define MEMBER "maintenanceSchedule"
#define ID_MAX 255

/* ---- GET ---- */

static int read_page(struct request *req, const struct paging *p, const char *continuation,
                     struct document_page *ret, struct error **err)
{
    return maintenanceschedules_list(req->ctx, req->f->cfg.database, p->size, continuation, ret,
                                     err);
}

static int show(struct request *req, const struct paging *p, const struct document *d, json **ret,
                struct error **err)
{
    (void)req;
    (void)p;
    (void)err;
    *ret = admin_give_external(&schedule_type, d->tree, MEMBER);
    return 0;
}

int handle_admin_schedule_list(struct request *req, struct error **err)
{
    const struct paging p = { .scope = "/admin/maintenanceschedules",
                              .size = admin_limit(req),
                              .read = read_page,
                              .show = show };
    return paging_reply(req, &p, err);
}

int handle_admin_schedule_get(struct request *req, struct error **err)
{
    const char *id = request_param(req, "id");
    cleanup_document struct document d = { 0 };
    cleanup_error struct error *e = NULL;

    if (maintenanceschedules_get(req->ctx, req->f->cfg.database, id, &d, &e) < 0)
        return admin_not_read(&e, "maintenance schedule", id, err);
    cleanup_json json *ext = admin_give_external(&schedule_type, d.tree, MEMBER);
    reply_json(req, 200, ext);
    return 0;
}

/* ---- PUT ---- */

static int apply(json *document, void *arg, struct error **err)
{
    const json *ext = arg;
    json *schedule = json_get(document, MEMBER);
    if (schedule_validate(ext, schedule, err) < 0)
        return -1;
    if (!schedule) {
        schedule = json_new_object();
        json_put(document, MEMBER, schedule);
    }
    api_object_to_internal(&schedule_type, admin_version(), ext, schedule);
    return 0;
}

/* In lower case, as ids are and as the path of GET comes. *ret stays NULL when the client leaves the choice to us. */
static int read_id(const json *ext, char **ret, struct error **err)
{
    static const char allowed[] = "-abcdefghijklmnopqrstuvwxyz0123456789_.";
    const char *given = json_path_str(ext, "id");
    if (!given || !*given)
        return 0;
    cleanup_free char *id = str_give_lower(given);
    if (strspn(id, allowed) != strlen(id) || strlen(id) > ID_MAX)
        return cloud_error(err, "InvalidParameter", "id", "The provided id '%s' is invalid.",
                           given);
    *ret = take(id);
    return 0;
}

static int create(struct request *req, const char *id, json *ext, struct document *ret,
                  struct error **err)
{
    cleanup_json json *document = json_new_object();
    if (id)
        json_put(document, "id", json_new_str(id));
    if (apply(document, ext, err) < 0)
        return -1;
    return maintenanceschedules_create(req->ctx, req->f->cfg.database, take(document), ret, err);
}

/* 1: somebody else was first; again. */
static int try(struct request *req, const char *id, json *ext, struct document *ret,
               int *ret_status, struct error **err)
{
    cleanup_error struct error *e = NULL;
    *ret_status = 200;
    if (id &&
        maintenanceschedules_patch(req->ctx, req->f->cfg.database, id, apply, ext, ret, &e) == 0)
        return 0;
    if (id && !error_is(e, ERR_NOT_FOUND))
        return error_move(err, &e);
    error_clear(&e);
    *ret_status = 201;
    if (create(req, id, ext, ret, &e) == 0)
        return 0;
    return error_is(e, ERR_PRECONDITION) ? 1 : error_move(err, &e);
}

int handle_admin_schedule_put(struct request *req, struct error **err)
{
    cleanup_json json *ext = NULL;
    cleanup_free char *id = NULL;
    cleanup_document struct document d = { 0 };
    int status = 0, result = 1;

    if (admin_decode(req, &schedule_type, &ext, err) < 0 || read_id(ext, &id, err) < 0)
        return -1;
    for (int i = 0; i < ADMIN_TRIES && result == 1; i++)
        result = try(req, id, ext, &d, &status, err);
    if (result == 1)
        return error_set(err, ERR_PRECONDITION, "others keep writing it");
    if (result < 0)
        return -1;
    cleanup_json json *reply = admin_give_external(&schedule_type, d.tree, MEMBER);
    reply_json(req, status, reply);
    return 0;
}
