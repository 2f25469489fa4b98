/* POST, PUT, PATCH, DELETE. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/crypt/crypt.h"
#include "rp/syncsets/api/impl.h"
#include "rp/syncsets/api/json_patch.h"
#include "rp/syncsets/types/kubeconfig.h"

#define PATCH_TRIES 5
#define SET_MAX_BYTES ((size_t)1 << 20)
/* What copies of a JSON patch may take of memory: as much as some 300 KiB of Kubernetes objects, whose trees take about 25 times
 * their text. All workers together then hold a quarter of what the shipped Deployment gives. */
#define PATCH_ROOM ((size_t)8 << 20)

/* ---- what is to be written ---- */

struct draft {
    struct sets_write w;
    json *object, *secrets;
    char *hash, *nspace, *name;
};
static void draft_release(struct draft *d)
{
    json_free(d->object);
    json_free_wiped(d->secrets);
    free(d->hash);
    free(d->nspace);
    free(d->name);
}
#define cleanup_draft CLEANUP_WITH(draft_release)

static int check_writable(const struct sets_request *r, struct error **err)
{
    if (r->type->controller_writes)
        return error_set(err, ERR_METHOD, "%s are written by controllers only", r->type->plural);
    return 0;
}

static int judge_kubeconfig(const struct sets_request *r, const json *secrets, struct error **err)
{
    const json *text = json_get(secrets, "kubeconfig");
    if (!r->api->cfg.reject_kubeconfigs || r->type->id != TYPE_CLUSTERS || !text)
        return 0;
    cleanup_free char *why = NULL;
    cleanup_causes struct api_causes causes;
    api_causes_init(&causes);
    if (!kubeconfig_check(json_str(text), json_str_len(text), "spec.kubeconfig", &causes, &why))
        api_cause_add(&causes, CAUSE_INVALID, "spec.kubeconfig", "%s", why);
    return api_causes_check(&causes, "Cluster", err);
}

/* body is consumed. */
static int draft_init(struct draft *d, const struct sets_request *r, json *body, struct error **err)
{
    if (api_decode(r->type, r->type->global ? NULL : r->nspace, r->name, body, &d->object, err) < 0)
        return -1;
    d->secrets = api_take_secrets(r->type, d->object);
    if (judge_kubeconfig(r, d->secrets, err) < 0)
        return -1;
    const char *nspace = json_path_str(d->object, "metadata.namespace");
    d->nspace = xstrdup(nspace ? nspace : "");
    d->name = xstrdup(json_path_str(d->object, "metadata.name"));
    cleanup_free char *text = json_give_text(d->object);
    if (r->type->is_set && strlen(text) > SET_MAX_BYTES)
        return error_set(err, ERR_TOO_LARGE, "a set may have at most %zu bytes, this one has %zu",
                         SET_MAX_BYTES, strlen(text));
    d->w = (struct sets_write){ .type = r->type,
                                .nspace = d->nspace,
                                .name = d->name,
                                .object = d->object,
                                .secrets = d->secrets,
                                .actor = r->who };
    return sets_request_allow(r, ROLE_EDITOR, d->nspace, err);
}

static int version_of(const json *object, int64_t *ret, struct error **err)
{
    const char *text = json_path_str(object, "metadata.resourceVersion");
    long long n = 0;
    if (text && *text && !str_to_int(text, 0, INT64_MAX, &n))
        return error_set(err, ERR_INVALID, "metadata.resourceVersion: '%.80s' is no version", text);
    *ret = n;
    return 0;
}

/* ---- create ---- */

static void reply_created(const struct sets_request *r, const json *object)
{
    const char *nspace = json_path_str(object, "metadata.namespace");
    cleanup_free char *location =
        xasprintf("/v1/%s/%s%s%s", r->type->plural, nspace ? nspace : "", nspace ? "/" : "",
                  json_path_str(object, "metadata.name"));
    http_call_set_header(r->call, "Location", location);
    sets_reply_object(r->call, 201, object);
}

static char *give_request_hash(const struct sets_request *r)
{
    size_t len;
    const char *body = http_call_body(r->call, &len);
    cleanup_free char *head = xasprintf("%s\n", http_call_path(r->call));
    struct buf whole = BUF_INIT(BUF_UNBOUNDED);
    buf_adds(&whole, head);
    buf_add(&whole, body, len);
    unsigned char digest[SHA256_LEN];
    sha256(buf_str(&whole), whole.len, digest);
    buf_secure(&whole);
    return hex_give(digest, sizeof(digest));
}

#define KEY_MAX 255 /* bytes; what an index of any database holds */

static int take_key(const struct sets_request *r, const char **ret, struct error **err)
{
    const char *key = http_call_header(r->call, "Idempotency-Key");
    size_t len = key ? strlen(key) : 0;
    if (key && !utf8_is_valid(key, len))
        return error_set(err, ERR_INVALID, "Idempotency-Key: it is no UTF-8");
    if (key && (len == 0 || len > KEY_MAX))
        return error_set(err, ERR_INVALID,
                         "Idempotency-Key: it has %zu bytes, and must have 1 to %d", len, KEY_MAX);
    *ret = key;
    return 0;
}

int sets_verb_create(struct sets_request *r, struct error **err)
{
    cleanup_draft struct draft d = { 0 };
    cleanup_json json *made = NULL;
    json *body = NULL;
    const char *key;
    if (take_key(r, &key, err) < 0 || check_writable(r, err) < 0 ||
        sets_request_body(r, &body, err) < 0 || draft_init(&d, r, body, err) < 0)
        return -1;
    d.w.idempotency_key = key;
    if (key)
        d.w.request_hash = d.hash = give_request_hash(r);
    if (sets_create(r->ctx, r->api->store, &d.w, &made, err) < 0)
        return -1;
    reply_created(r, made);
    return 0;
}

/* ---- replace ---- */

static int need_version(const struct sets_request *r, struct draft *d, struct error **err)
{
    int64_t in_body, in_header;
    if (version_of(d->object, &in_body, err) < 0 || sets_request_if_match(r, &in_header, err) < 0)
        return -1;
    d->w.if_version = in_header ? in_header : in_body;
    if (d->w.if_version)
        return 0;
    cleanup_causes struct api_causes causes;
    api_causes_init(&causes);
    api_cause_add(&causes, CAUSE_REQUIRED, "metadata.resourceVersion",
                  "is required to replace an object: what version this one is made from (or "
                  "If-Match, or ?upsert=true)");
    return api_causes_check(&causes, d->name, err);
}

int sets_verb_put(struct sets_request *r, struct error **err)
{
    cleanup_draft struct draft d = { 0 };
    cleanup_json json *made = NULL;
    json *body = NULL;
    bool created = false, upsert;
    if (check_writable(r, err) < 0 || sets_request_bool(r, "upsert", &upsert, err) < 0 ||
        sets_request_body(r, &body, err) < 0 || draft_init(&d, r, body, err) < 0)
        return -1;
    d.w.upsert = upsert;
    if (!upsert && need_version(r, &d, err) < 0)
        return -1;
    if (sets_replace(r->ctx, r->api->store, &d.w, &created, &made, err) < 0)
        return -1;
    if (created)
        reply_created(r, made);
    else
        sets_reply_object(r->call, 200, made);
    return 0;
}

/* ---- patch ---- */

static int apply_patch(const struct sets_request *r, const json *old, const json *patch, json **ret,
                       struct error **err)
{
    const char *type = http_call_header(r->call, "Content-Type");
    if (sets_is_media(type, "application/json-patch+json"))
        return json_patch_apply(old, patch, PATCH_ROOM, ret, err);
    if (!json_is_object(patch))
        return error_set(err, ERR_INVALID, "a merge patch must be an object");
    *ret = json_give_merged(json_give_copy(old), patch);
    return 0;
}

static int patch_once(struct sets_request *r, const json *patch, int64_t if_match, bool *ret_bound,
                      json **ret, struct error **err)
{
    cleanup_json json *old = NULL;
    json *patched = NULL;
    int64_t before, after;
    cleanup_draft struct draft d = { 0 };
    if (sets_get(r->ctx, r->api->store, r->type, r->nspace, r->name, &old, err) < 0 ||
        apply_patch(r, old, patch, &patched, err) < 0 || draft_init(&d, r, patched, err) < 0 ||
        version_of(old, &before, err) < 0 || version_of(d.object, &after, err) < 0)
        return -1;
    *ret_bound = if_match || (after && after != before);
    d.w.if_version = if_match ? if_match : after ? after : before;
    return sets_replace(r->ctx, r->api->store, &d.w, NULL, ret, err);
}

int sets_verb_patch(struct sets_request *r, struct error **err)
{
    cleanup_json_wiped json *patch = NULL;
    cleanup_json json *made = NULL;
    int64_t if_match;
    if (check_writable(r, err) < 0 || sets_request_allow(r, ROLE_EDITOR, r->nspace, err) < 0 ||
        sets_request_body(r, &patch, err) < 0 || sets_request_if_match(r, &if_match, err) < 0)
        return -1;
    for (int try = 1;; try++) {
        struct error *why = NULL;
        bool bound = false;
        if (patch_once(r, patch, if_match, &bound, &made, &why) == 0)
            break;
        if (!error_is(why, ERR_CONFLICT) || bound || try == PATCH_TRIES)
            return error_move(err, &why);
        error_free(why);
    }
    sets_reply_object(r->call, 200, made);
    return 0;
}

/* ---- delete ---- */

static void reply_deleted(const struct sets_request *r, int code, const json *object)
{
    cleanup_json json *status = json_make("{'apiVersion':'v1','kind':'Status','metadata':{},'"
                                          "status':'Success','details':{'name':%s,'kind':%s,"
                                          "'uid':%s},'code':%d}",
                                          json_path_str(object, "metadata.name"), r->type->plural,
                                          json_path_str(object, "metadata.uid"), code);
    sets_reply_object(r->call, code, status);
}

static int read_delete(const struct sets_request *r, struct sets_write *w, char **uid,
                       struct error **err)
{
    cleanup_free char *cleanup = NULL;
    *w = (struct sets_write){
        .type = r->type, .nspace = r->nspace, .name = r->name, .actor = r->who
    };
    if (sets_request_text(r, "cleanup", &cleanup, err) < 0 ||
        sets_request_text(r, "uid", uid, err) < 0 ||
        sets_request_if_match(r, &w->if_version, err) < 0 ||
        sets_request_bool(r, "orphan", &w->orphan, err) < 0)
        return -1;
    if (cleanup && (!str_eq(cleanup, "sync") || r->type->id != TYPE_CLUSTERS))
        return error_set(err, ERR_INVALID, "cleanup: only 'sync' is known, and only of clusters");
    w->cleanup = cleanup != NULL;
    w->if_uid = *uid;
    return 0;
}

int sets_verb_delete(struct sets_request *r, struct error **err)
{
    struct sets_write w;
    cleanup_free char *uid = NULL;
    cleanup_json json *last = NULL;
    if (check_writable(r, err) < 0 || sets_request_allow(r, ROLE_EDITOR, r->nspace, err) < 0 ||
        read_delete(r, &w, &uid, err) < 0 || sets_delete(r->ctx, r->api->store, &w, &last, err) < 0)
        return -1;
    reply_deleted(r, w.cleanup ? 202 : 200, last);
    return 0;
}

#define DELETE_BATCH 500

struct sweep {
    struct sets_page
        page; /* the last one; the next is behind it, for what refused to go is still there */
    int64_t deleted, refused;
};
static void sweep_release(struct sweep *s)
{
    sets_page_release(&s->page);
}
#define cleanup_sweep CLEANUP_WITH(sweep_release)

/* What somebody else deletes meanwhile is deleted, too. */
static int delete_one(struct sets_request *r, const json *metadata, struct sweep *s,
                      struct error **err)
{
    const struct sets_write w = { .type = r->type,
                                  .nspace = r->nspace,
                                  .name = json_path_str(metadata, "name"),
                                  .if_uid = json_path_str(metadata, "uid"),
                                  .actor = r->who };
    struct error *why = NULL;
    if (sets_delete(r->ctx, r->api->store, &w, NULL, &why) == 0)
        s->deleted++;
    else if (error_is(why, ERR_CONFLICT))
        s->refused++;
    else if (!error_is(why, ERR_NOT_FOUND))
        return error_move(err, &why);
    error_free(why);
    return 0;
}

static int delete_page(struct sets_request *r, const struct sets_query *q, struct sweep *s,
                       struct error **err)
{
    struct sets_page page = { 0 };
    cleanup_json json *items = NULL;
    if (sets_list(r->ctx, r->api->store, q, &page, err) < 0)
        return -1;
    sets_page_release(&s->page);
    s->page = page;
    cleanup_free char *text = xasprintf("[%s]", buf_str(&page.items));
    if (json_parse(text, strlen(text), &items, err) < 0)
        return -1;
    for (size_t i = 0; i < json_len(items); i++)
        if (delete_one(r, json_get(json_at(items, i), "metadata"), s, err) < 0)
            return -1;
    return 0;
}

int sets_verb_delete_all(struct sets_request *r, struct error **err)
{
    cleanup_selector struct selector selector = { 0 };
    if (check_writable(r, err) < 0)
        return -1;
    if (!r->nspace)
        return error_set(err, ERR_METHOD, "a collection is deleted within one namespace");
    if (sets_request_allow(r, ROLE_EDITOR, r->nspace, err) < 0 ||
        sets_request_selector(r, &selector, err) < 0)
        return -1;
    if (selector.len == 0)
        return error_set(
            err, ERR_INVALID,
            "labelSelector: an empty selector would delete everything, and is refused");
    struct sets_query q = { .type = r->type,
                            .nspace = r->nspace,
                            .selector = &selector,
                            .failed = -1,
                            .limit = DELETE_BATCH };
    cleanup_sweep struct sweep s = { .page.more = true };
    while (s.page.more) {
        q.after_nspace = s.page.last_nspace;
        q.after_name = s.page.last_name;
        if (delete_page(r, &q, &s, err) < 0)
            return -1;
    }
    cleanup_json json *status =
        json_make("{'apiVersion':'v1','kind':'Status','metadata':{},'status':'Success',"
                  "'message':%s,'details':{'kind':%s,'deleted':%ld,'refused':%ld},'code':200}",
                  s.refused ? "of the objects that matched, some could not be deleted"
                            : "the objects that matched were deleted",
                  r->type->plural, s.deleted, s.refused);
    sets_reply_object(r->call, 200, status);
    return 0;
}
