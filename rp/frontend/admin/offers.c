/* OpenShift versions and role sets, as support engineers keep them: two lists of documents, each known by one property. */
#include <stdio.h>
#include <string.h>

#include "pkg/api/object.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/crypt/crypt.h"
#include "pkg/database/published.h"
#include "rp/frontend/admin/common.h"
#include "rp/frontend/admin/handlers.h"
#include "rp/frontend/reply.h"

#define READ_SIZE 100

static int validate_role_set(const json *ext, const json *current, struct error **err)
{
    (void)current; /* what names it is how it was found */
    return api_role_set_validate(ext, err);
}

static const struct offer {
    enum published kind;
    const char *key; /* path of what names it */
    const struct api_type *type;
    int (*validate)(const json *ext, const json *current, struct error **err);
    json *(*give_list)(const struct api_version *v, const json *internals);
} versions = { PUBLISHED_VERSIONS, "properties.version", &openshift_version_type,
               api_openshift_version_validate, api_openshift_version_give_list },
  role_sets = { PUBLISHED_ROLE_SETS, "properties.openShiftVersion", &role_set_type,
                validate_role_set, api_role_set_give_list };

static json *object_of(const struct offer *o, const json *document)
{
    return json_get(document, published_member(o->kind));
}

static int read_page(struct request *req, const struct paging *p, const char *continuation,
                     struct document_page *ret, struct error **err)
{
    const struct offer *o = p->arg;
    return published_list(req->ctx, req->f->cfg.database, o->kind, p->size, continuation, ret, err);
}

static int each(struct request *req, const struct offer *o, paging_visit visit, void *arg,
                struct error **err)
{
    const struct paging all = { .size = READ_SIZE, .read = read_page, .arg = o };
    return paging_each(req, &all, visit, arg, err);
}

/* ---- GET ---- */

struct gathering {
    const struct offer *o;
    json *all;
};

static int gather(struct request *req, const struct document *d, void *arg, struct error **err)
{
    const struct gathering *g = arg;
    json *object = object_of(g->o, d->tree);

    (void)req;
    (void)err;
    if (object && !json_path_bool(object, "deleting", false))
        json_append(g->all, json_ref(object));
    return 0;
}

static int list(struct request *req, const struct offer *o, struct error **err)
{
    cleanup_json json *all = json_new_array();
    struct gathering g = { o, all };
    if (each(req, o, gather, &g, err) < 0)
        return -1;
    cleanup_json json *reply = o->give_list(admin_version(), all);
    reply_json(req, 200, reply);
    return 0;
}

/* ---- PUT ---- */

struct upsert {
    const struct offer *o;
    const json *ext;
    char *id; /* of the document that is there; NULL: none is */
};

static const char *key_of(const struct upsert *u)
{
    return json_path_str(u->ext, u->o->key);
}

static int find(struct request *req, const struct document *d, void *arg, struct error **err)
{
    struct upsert *u = arg;

    (void)req;
    (void)err;
    if (!u->id && str_eq(json_path_str(object_of(u->o, d->tree), u->o->key), key_of(u)))
        u->id = xstrdup(json_path_str(d->tree, "id"));
    return 0;
}

/* One that was withdrawn a moment ago is back. */
static int apply(json *document, void *arg, struct error **err)
{
    const struct upsert *u = arg;
    json *object = object_of(u->o, document);
    if (!object) {
        object = json_new_object();
        json_put(document, published_member(u->o->kind), object);
    }
    if (u->o->validate(u->ext, object, err) < 0)
        return -1;
    (void)json_del(object, "deleting");
    (void)json_del(document, "ttl");
    api_object_to_internal(u->o->type, admin_version(), u->ext, object);
    return 0;
}

/* The same for the same key: of two that add it at once only one does. */
static void derive_id(const char *key, char out[UUID_LEN + 1])
{
    unsigned char d[SHA256_LEN];
    sha256(key, strlen(key), d);
    (void)snprintf(out, UUID_LEN + 1,
                   "%02x%02x%02x%02x-%02x%02x-8%01x%02x-a%01x%02x-%02x%02x%02x%02x%02x%02x", d[0],
                   d[1], d[2], d[3], d[4], d[5], d[6] & 0xf, d[7], d[8] & 0xf, d[9], d[10], d[11],
                   d[12], d[13], d[14], d[15]);
}

static int create(struct request *req, const struct upsert *u, struct document *ret,
                  struct error **err)
{
    char id[UUID_LEN + 1];
    cleanup_json json *object = json_new_object();
    if (u->o->validate(u->ext, NULL, err) < 0)
        return -1;
    api_object_to_internal(u->o->type, admin_version(), u->ext, object);
    derive_id(key_of(u), id);
    json *document = json_make("{'id':%s,%s:%j}", id, published_member(u->o->kind), take(object));
    return published_create(req->ctx, req->f->cfg.database, u->o->kind, document, ret, err);
}

/* 1: somebody else was first; again. */
static int try(struct request *req, struct upsert *u, struct document *ret, int *ret_status,
               struct error **err)
{
    cleanup_error struct error *e = NULL;
    free(u->id);
    u->id = NULL;
    if (each(req, u->o, find, u, err) < 0)
        return -1;
    *ret_status = u->id ? 200 : 201;
    int result = u->id ? published_patch(req->ctx, req->f->cfg.database, u->o->kind, u->id, apply,
                                         u, ret, &e)
                       : create(req, u, ret, &e);
    if (result == 0)
        return 0;
    if (!error_get_code(e) && error_is(e, u->id ? ERR_NOT_FOUND : ERR_EXISTS))
        return 1;
    return error_move(err, &e);
}

static int put(struct request *req, const struct offer *o, struct error **err)
{
    cleanup_json json *ext = NULL;
    cleanup_document struct document d = { 0 };
    int status = 0, result = 1;

    if (admin_decode(req, o->type, &ext, err) < 0)
        return -1;
    struct upsert u = { .o = o, .ext = ext };
    for (int i = 0; i < ADMIN_TRIES && result == 1; i++)
        result = try(req, &u, &d, &status, err);
    free(u.id);
    if (result == 1)
        return error_set(err, ERR_PRECONDITION, "others keep writing it");
    if (result < 0)
        return -1;
    cleanup_json json *reply =
        api_object_to_external(o->type, admin_version(), object_of(o, d.tree));
    reply_json(req, status, reply);
    return 0;
}

int handle_admin_versions_list(struct request *req, struct error **err)
{
    return list(req, &versions, err);
}

int handle_admin_version_put(struct request *req, struct error **err)
{
    return put(req, &versions, err);
}

int handle_admin_role_sets_list(struct request *req, struct error **err)
{
    return list(req, &role_sets, err);
}

int handle_admin_role_set_put(struct request *req, struct error **err)
{
    return put(req, &role_sets, err);
}
