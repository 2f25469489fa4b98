#include <string.h>

#include "pkg/api/decode.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/frontend/admin/common.h"
#include "rp/frontend/admin/guards.h"
#include "rp/frontend/admin/handlers.h"
#include "rp/frontend/admin/kube.h"
#include "rp/frontend/cloud_error.h"
#include "rp/frontend/reply.h"

/* What the process holds of a list; its tree is many times as large as its text. */
#define ITEMS_MAX "1000"
#define LIST_MAX ((size_t)8 << 20)

/* ---- what the query names ---- */

struct wanted {
    char *kind, *nspace, *name; /* never NULL */
    bool flag;                  /* unrestricted, or force */
    struct admin_kube kube;
    const struct gvr *gvr;
};
static void wanted_release(struct wanted *w)
{
    free(w->kind);
    free(w->nspace);
    free(w->name);
    admin_kube_close(&w->kube);
}
#define cleanup_wanted CLEANUP_WITH(wanted_release)

static int read_flag(const struct request *req, const char *name, bool *ret, struct error **err)
{
    cleanup_free char *text = request_give_query(req, name);
    *ret = false;
    if (!text || admin_bool(text, ret))
        return 0;
    return cloud_error(err, "InvalidParameter", name, "The provided %s '%s' is invalid.", name,
                       text);
}

/* Fills w and opens the cluster. */
static int find(struct request *req, const char *flag, bool may_unrestrict, struct wanted *w,
                struct error **err)
{
    w->kind = admin_give_text(req, "kind");
    w->nspace = admin_give_text(req, "namespace");
    w->name = admin_give_text(req, "name");
    if (read_flag(req, flag, &w->flag, err) < 0 ||
        guard_words(w->kind, w->nspace, may_unrestrict && w->flag, err) < 0 ||
        admin_kube_open(req, &w->kube, err) < 0)
        return -1;
    return admin_kube_find(req, &w->kube, w->kind, &w->gvr, err);
}

static struct kube_ref ref_of(const struct wanted *w)
{
    return (struct kube_ref){ .gvr = w->gvr,
                              .nspace = *w->nspace ? w->nspace : NULL,
                              .name = *w->name ? w->name : NULL };
}

/* ---- GET ---- */

static int get_one(struct request *req, struct wanted *w, struct error **err)
{
    const struct kube_ref ref = ref_of(w);
    cleanup_json json *object = NULL;
    if (kube_get(w->kube.client, req->ctx, &ref, &object, err) < 0)
        return -1;
    reply_json(req, 200, object);
    return 0;
}

static int read_list(struct request *req, struct wanted *w, json **ret, struct error **err)
{
    const struct kube_ref ref = ref_of(w);
    cleanup_free char *path = NULL;
    cleanup_response struct http_response r = { 0 };
    cleanup_error struct error *e = NULL;
    if (kube_give_path(&ref, &path, err) < 0)
        return -1;
    const struct kube_raw raw = { .method = "GET",
                                  .path = path,
                                  .query = "limit=" ITEMS_MAX,
                                  .traffic = HTTP_CLASS_REQUEST,
                                  .max_body = LIST_MAX,
                                  .gzip = true };
    if (kube_send_raw(w->kube.client, req->ctx, &raw, &r, &e) == 0)
        return json_parse_object(buf_str(&r.body), r.body.len, ret, err);
    return error_is(e, ERR_TOO_LARGE) ? cloud_error(err, "InternalServerError", w->kind,
                                                    "The list is too large: name an object.")
                                      : error_move(err, &e);
}

static int get_list(struct request *req, struct wanted *w, struct error **err)
{
    cleanup_json json *list = NULL;
    if (read_list(req, w, &list, err) < 0)
        return -1;
    const char *more = json_path_str(list, "metadata.continue");
    if (more && *more)
        return cloud_error(err, "InternalServerError", w->kind, "Too many items returned.");
    reply_json(req, 200, list);
    return 0;
}

static int get(struct request *req, struct error **err)
{
    cleanup_wanted struct wanted w = { 0 };
    if (find(req, "unrestricted", true, &w, err) < 0)
        return -1;
    const struct guarded g = {
        .gvr = w.gvr, .nspace = w.nspace, .name = w.name, .unrestricted = w.flag
    };
    if (guard_object(&g, err) < 0)
        return -1;
    return *w.name ? get_one(req, &w, err) : get_list(req, &w, err);
}

/* ---- DELETE ---- */

static int check_force(const struct wanted *w, struct error **err)
{
    if (!w->flag || (!*w->gvr->group && str_eq(w->gvr->resource, "pods")))
        return 0;
    return cloud_error(err, "Forbidden", NULL, "Force deleting groupKind '%s' is forbidden.",
                       w->kind);
}

static int delete (struct request *req, struct error **err)
{
    cleanup_wanted struct wanted w = { 0 };
    if (find(req, "force", false, &w, err) < 0)
        return -1;
    const struct guarded g = { .gvr = w.gvr, .nspace = w.nspace, .name = w.name, .writes = true };
    struct kube_delete_options opt = KUBE_DELETE_DEFAULTS;
    if (w.flag)
        opt.grace_period_s = 0;
    const struct kube_ref ref = ref_of(&w);
    if (guard_object(&g, err) < 0 || check_force(&w, err) < 0 ||
        kube_delete(w.kube.client, req->ctx, &ref, &opt, err) < 0)
        return -1;
    reply_status(req, 200);
    return 0;
}

/* ---- POST ---- */

static int read_object(const struct request *req, json **ret, struct error **err)
{
    size_t len;
    const char *body = http_call_body(req->call, &len);
    cleanup_json json *object = NULL;
    cleanup_error struct error *why = NULL;
    const char *ignored;
    if (json_parse_object(body, len, &object, &why) < 0 ||
        json_need_str(object, "apiVersion", &ignored, &why) < 0 ||
        json_need_str(object, "kind", &ignored, &why) < 0)
        return api_refuse_content(err, why);
    *ret = take(object);
    return 0;
}

static const char *text_at(const json *object, const char *path)
{
    const char *text = json_path_str(object, path);
    return text ? text : "";
}

static int find_kind(struct request *req, struct admin_kube *k, const json *object,
                     const struct gvr **ret, struct error **err)
{
    cleanup_error struct error *e = NULL;
    if (discovery_find(k->discovery, req->ctx, text_at(object, "apiVersion"),
                       text_at(object, "kind"), ret, &e) == 0)
        return 0;
    return error_is(e, ERR_NOT_FOUND) || error_is(e, ERR_INVALID)
               ? cloud_error(err, "InvalidParameter", "kind", "The provided resource is invalid.")
               : error_move(err, &e);
}

static int create_or_update(struct request *req, struct admin_kube *k, const struct kube_ref *ref,
                            const json *object, struct error **err)
{
    cleanup_error struct error *e = NULL;
    if (kube_update(k->client, req->ctx, ref, object, NULL, NULL, &e) == 0)
        return 0;
    if (!error_is(e, ERR_NOT_FOUND))
        return error_move(err, &e);
    const struct kube_ref collection = { .gvr = ref->gvr, .nspace = ref->nspace };
    return kube_create(k->client, req->ctx, &collection, object, NULL, NULL, err);
}

static int post(struct request *req, struct error **err)
{
    cleanup_json json *object = NULL;
    cleanup_admin_kube struct admin_kube k = { 0 };
    struct guarded g = { .writes = true };
    if (read_object(req, &object, err) < 0 || admin_kube_open(req, &k, err) < 0 ||
        find_kind(req, &k, object, &g.gvr, err) < 0)
        return -1;
    g.nspace = text_at(object, "metadata.namespace");
    g.name = text_at(object, "metadata.name");
    const struct kube_ref ref = { .gvr = g.gvr,
                                  .nspace = *g.nspace ? g.nspace : NULL,
                                  .name = g.name };
    if (guard_object(&g, err) < 0 || create_or_update(req, &k, &ref, object, err) < 0)
        return -1;
    reply_status(req, 200);
    return 0;
}

/* ---- routes ---- */

int handle_admin_object_get(struct request *req, struct error **err)
{
    return admin_kube_answer(req, get, err);
}

int handle_admin_object_delete(struct request *req, struct error **err)
{
    return admin_kube_answer(req, delete, err);
}

int handle_admin_object_post(struct request *req, struct error **err)
{
    return admin_kube_answer(req, post, err);
}
