/*
 * How lists of a kind are merged. Built-in kinds whose only lists of that sort are those of every object's metadata need
 * nobody's word. For others the server is asked: its index of OpenAPI documents carries a hash of each, so that a document
 * of megabytes is fetched only when it has changed. A server without such documents (before 1.24) has the built-in kinds as
 * they were.
 */
#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/remote/remote_impl.h"

#define INDEX_FRESH_NS (600 * NS_PER_S)
#define INDEX_MAX ((size_t)1 << 20)
#define DOCUMENT_MAX ((size_t)16 << 20)
#define DOC_BYTES 300

void merge_doc_free(void *doc)
{
    struct merge_doc *d = doc;
    free(d->url);
    merge_keys_free(d->keys);
    free(d);
}

static size_t docs_bytes(const struct map *docs)
{
    size_t bytes = 0;
    for (struct map_iter it = { 0 }; map_next(docs, &it);) {
        const struct merge_doc *d = it.value;
        bytes += DOC_BYTES + (d->keys ? merge_keys_footprint(d->keys) : 0);
    }
    return bytes;
}

size_t remote_merge_bytes(struct sets_remote *r)
{
    pthread_mutex_lock(&r->mu);
    size_t bytes = docs_bytes(r->merge_docs) + docs_bytes(r->old_docs) +
                   json_len(r->documents) * (size_t)DOC_BYTES;
    pthread_mutex_unlock(&r->mu);
    return bytes;
}

/* Replies that mean: there is no such document, or not for us. */
static const int none[] = { 403, 404, 406 };

/* *ret_there false: the server has no such thing, or does not show it. */
static int fetch(struct sets_remote *r, const struct opctx *ctx, const char *url, size_t max,
                 struct http_response *ret, bool *ret_there, struct error **err)
{
    const char *question = strchr(url, '?');
    cleanup_free char *path = question ? xstrndup(url, (size_t)(question - url)) : xstrdup(url);
    struct kube_raw raw = { .method = "GET",
                            .path = path,
                            .query = question ? question + 1 : NULL,
                            .max_body = max,
                            .gzip = true };
    cleanup_error struct error *e = NULL;
    struct kube_client *k;
    if (sets_remote_begin(r, ctx, NULL, &k, err) < 0)
        return -1;
    int rc = kube_send_raw(k, ctx, &raw, ret, &e);
    sets_remote_end(r);
    *ret_there = rc == 0;
    for (size_t i = 0; rc < 0 && i < ARRAY_LEN(none); i++)
        if (ret->status == none[i])
            return 0;
    return rc < 0 ? error_move(err, &e) : 0;
}

static int refresh_index(struct sets_remote *r, const struct opctx *ctx, struct error **err)
{
    cleanup_response struct http_response reply = { 0 };
    cleanup_json json *index = NULL;
    bool there;
    int64_t now = clock_mono_ns(r->all->cfg.clock);
    pthread_mutex_lock(&r->mu);
    bool fresh = r->documents_ns && now - r->documents_ns < INDEX_FRESH_NS;
    pthread_mutex_unlock(&r->mu);
    if (fresh)
        return 0;
    if (fetch(r, ctx, "/openapi/v3", INDEX_MAX, &reply, &there, err) < 0)
        return -1;
    if (there && json_parse_object(reply.body.data, reply.body.len, &index, err) < 0)
        return error_wrap(err, "the index of OpenAPI documents");
    pthread_mutex_lock(&r->mu);
    json_free(r->documents);
    r->documents = json_give_copy(json_get(index, "paths"));
    r->documents_ns = now ? now : 1;
    pthread_mutex_unlock(&r->mu);
    return 0;
}

/* One at a time, from the text to the end of the tree. */
static int read_keys(struct sets_remote *r, const struct http_response *reply,
                     struct merge_keys **ret, struct error **err)
{
    json *openapi = NULL;
    pthread_mutex_lock(&r->all->parsing);
    int rc = json_parse_object(reply->body.data, reply->body.len, &openapi, err);
    if (rc == 0)
        *ret = merge_keys_read(openapi);
    json_free(openapi);
    pthread_mutex_unlock(&r->all->parsing);
    return rc;
}

/* *ret NULL: there is no document. */
static int fetch_keys(struct sets_remote *r, const struct opctx *ctx, const char *url,
                      struct merge_keys **ret, struct error **err)
{
    cleanup_response struct http_response reply = { 0 };
    bool there;
    *ret = NULL;
    if (fetch(r, ctx, url, DOCUMENT_MAX, &reply, &there, err) < 0)
        return -1;
    return there && read_keys(r, &reply, ret, err) < 0 ? error_wrap(err, "%s", url) : 0;
}

/* With r->mu. Documents that were lent out stay. */
static const struct merge_doc *keep(struct sets_remote *r, const char *path, struct merge_doc *doc)
{
    struct merge_doc *old = map_take(r->merge_docs, path);
    if (old) {
        cleanup_free char *number = xasprintf("%zu", map_len(r->old_docs));
        map_set(r->old_docs, number, old);
    }
    map_set(r->merge_docs, path, doc);
    return doc;
}

/* path: "api/v1", "apis/apps/v1". keys of the result NULL: the server does not tell. */
static int find_doc(struct sets_remote *r, const struct opctx *ctx, const char *path,
                    const struct merge_doc **ret, struct error **err)
{
    if (refresh_index(r, ctx, err) < 0)
        return -1;
    pthread_mutex_lock(&r->mu);
    const char *known = json_path_str(json_get(r->documents, path), "serverRelativeURL");
    cleanup_free char *url = xstrdup(known && known[0] == '/' ? known : "");
    const struct merge_doc *doc = map_get(r->merge_docs, path);
    pthread_mutex_unlock(&r->mu);
    if (doc && strcmp(doc->url, url) == 0) {
        *ret = doc;
        return 0;
    }
    struct merge_keys *keys = NULL;
    if (*url && fetch_keys(r, ctx, url, &keys, err) < 0)
        return -1;
    struct merge_doc *fresh = xnew(struct merge_doc);
    fresh->url = take(url);
    fresh->keys = keys;
    pthread_mutex_lock(&r->mu);
    *ret = keep(r, path, fresh);
    pthread_mutex_unlock(&r->mu);
    return 0;
}

int sets_remote_merge_keys(struct sets_remote *r, const struct opctx *ctx, const struct gvr *gvr,
                           const struct merge_keys **ret_keys, const struct merge_row **ret_row,
                           struct error **err)
{
    const struct merge_row *builtin = merge_keys_find(merge_keys_builtin(), gvr->group, gvr->kind);
    *ret_keys = merge_keys_builtin();
    *ret_row = builtin;
    if (builtin && strcmp(builtin->of, "Object") == 0)
        return 0;
    const struct merge_doc *doc;
    cleanup_free char *path = *gvr->group ? xasprintf("apis/%s/%s", gvr->group, gvr->version)
                                          : xasprintf("api/%s", gvr->version);
    if (find_doc(r, ctx, path, &doc, err) < 0)
        return error_wrap(err, "asking how lists of a %s are merged", gvr->kind);
    if (doc->keys) {
        *ret_keys = doc->keys;
        *ret_row = merge_keys_find(doc->keys, gvr->group, gvr->kind);
    }
    if (!*ret_row)
        *ret_keys = NULL;
    return 0;
}
