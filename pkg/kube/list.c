/*
 * Lists in pages.
 *
 * Only the first page names a resourceVersion: the continue token carries that of the whole list. A
 * token that expired in between falls back to one full list at the caller's own resourceVersion. A
 * page that is too large for us is asked for again with half the limit.
 */
#include <string.h>

#include "pkg/base/json_scan.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/kube/client_impl.h"
#include "pkg/net/url.h"

#define PAGE_DEFAULT 500

struct lister {
    struct kube_client *k;
    const struct opctx *ctx;
    const struct kube_ref *ref;
    const struct kube_list_options *opt;
    char *path;
    int limit;         /* 0: unpaged */
    char *token;       /* continue; NULL on the first page */
    size_t pages;      /* that came */
    char *api_version; /* of the items, where the server leaves it out */
};

static int lister_init(struct lister *l, struct kube_client *k, const struct opctx *ctx,
                       const struct kube_ref *ref, const struct kube_list_options *opt,
                       struct error **err)
{
    static const struct kube_list_options defaults = { 0 };
    *l = (struct lister){ .k = k, .ctx = ctx, .ref = ref, .opt = opt ? opt : &defaults };
    if (ref->name)
        return error_set(err, ERR_INVALID, "list takes no name; use a field selector");
    if (kube_give_path(ref, &l->path, err) < 0)
        return -1;
    l->limit = l->opt->limit == 0 ? PAGE_DEFAULT : l->opt->limit < 0 ? 0 : l->opt->limit;
    l->api_version = gvr_give_api_version(ref->gvr);
    return 0;
}

static void lister_release(struct lister *l)
{
    free(l->path);
    free(l->token);
    free(l->api_version);
}
#define cleanup_lister CLEANUP_WITH(lister_release)

static void add_query(const struct lister *l, struct buf *query)
{
    const struct kube_list_options *o = l->opt;
    url_add_query(query, "labelSelector", o->label_selector);
    url_add_query(query, "fieldSelector", o->field_selector);
    char limit[16];
    (void)snprintf(limit, sizeof(limit), "%d", l->limit);
    url_add_query(query, "limit", l->limit > 0 ? limit : NULL);
    url_add_query(query, "continue", l->token);
    if (!l->token) {
        url_add_query(query, "resourceVersion", o->resource_version);
        url_add_query(query, "resourceVersionMatch", o->resource_version_match);
    }
}

static int send_page(struct lister *l, struct http_response *ret, struct error **err)
{
    cleanup_buf struct buf query = BUF_INIT(BUF_UNBOUNDED);
    add_query(l, &query);
    struct kube_raw raw = {
        .method = "GET",
        .path = l->path,
        .query = query.len > 0 ? buf_str(&query) + 1 : NULL,
        .accept = l->opt->metadata_only
                      ? "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
                      : NULL,
        .traffic = l->k->opt.traffic,
        .max_body = l->limit > 0 ? KUBE_LIST_BODY_MAX : KUBE_LIST_WHOLE_MAX,
        .gzip = true,
    };
    return request_send(l->k, l->ctx, &raw, 0, ret, err);
}

/* As send_page, with smaller pages while they are too large. */
static int get_page(struct lister *l, struct http_response *ret, struct error **err)
{
    for (;;) {
        cleanup_error struct error *e = NULL;
        if (send_page(l, ret, &e) == 0)
            return 0;
        bool ours = error_is(e, ERR_TOO_LARGE) && !error_get_body(e);
        if (!ours || l->limit <= 1)
            return error_move(err, &e);
        l->limit /= 2;
        http_response_release(ret);
    }
}

static void set_token(struct lister *l, const char *token)
{
    char *copy = token && *token ? xstrdup(token) : NULL; /* token may be l->token's own list's */
    free(l->token);
    l->token = copy;
}

int list_check_next(size_t pages, const char *before, const char *next, struct error **err)
{
    if (before && str_eq(before, next))
        return error_set(err, ERR_INVALID,
                         "the API server's list goes in circles: page %zu continues with its own "
                         "token",
                         pages);
    if (pages >= KUBE_LIST_PAGES_MAX)
        return error_set(err, ERR_INVALID, "the API server's list does not end within %d pages",
                         KUBE_LIST_PAGES_MAX);
    return 0;
}

/* Behind a page. */
static int go_on(struct lister *l, const char *token, struct error **err)
{
    l->pages++;
    if (token && *token && list_check_next(l->pages, l->token, token, err) < 0)
        return -1;
    set_token(l, token);
    return 0;
}

/* The server leaves kind and apiVersion out of the items of built-in kinds. */
static void complete_item(const struct lister *l, json *item)
{
    if (!json_is_object(item))
        return;
    if (!json_get(item, "kind"))
        json_put(item, "kind", json_new_str(l->ref->gvr->kind));
    if (!json_get(item, "apiVersion"))
        json_put(item, "apiVersion", json_new_str(l->api_version));
}

static int check_kind(const json *page, struct error **err)
{
    const char *kind = json_path_str(page, "kind");
    if (str_eq(kind, "Table"))
        return error_set(err, ERR_UNSUPPORTED, "the API server answered with a Table");
    return 0;
}

/* ---- the whole list ---- */

/* Moves the items of page behind those of list; the first page is the list. */
static void join_page(const struct lister *l, json **list, json *page)
{
    json *items = json_get(page, "items");
    if (!json_is_array(items))
        json_put(page, "items", json_new_array());
    items = json_get(page, "items");
    for (size_t i = 0; i < json_len(items); i++)
        complete_item(l, json_at(items, i));
    if (!*list) {
        json_path_del(page, "metadata.continue");
        json_path_del(page, "metadata.remainingItemCount");
        *list = page;
        return;
    }
    json *to = json_get(*list, "items");
    for (size_t i = 0; i < json_len(items); i++)
        json_append(to, json_ref(json_at(items, i)));
    json_free(page);
}

static int list_step(struct lister *l, json **list, struct error **err)
{
    cleanup_response struct http_response r = { 0 };
    if (get_page(l, &r, err) < 0)
        return -1;
    cleanup_json json *page = NULL;
    if (json_parse_object(r.body.data, r.body.len, &page, err) < 0)
        return error_wrap(err, "the API server's list");
    if (check_kind(page, err) < 0)
        return -1;
    if (go_on(l, json_path_str(page, "metadata.continue"), err) < 0)
        return -1;
    join_page(l, list, take(page));
    return 0;
}

int kube_list(struct kube_client *k, const struct opctx *ctx, const struct kube_ref *ref,
              const struct kube_list_options *opt, json **ret, struct error **err)
{
    cleanup_lister struct lister l = { 0 };
    if (lister_init(&l, k, ctx, ref, opt, err) < 0)
        return -1;
    cleanup_json json *list = NULL;
    do {
        cleanup_error struct error *e = NULL;
        if (list_step(&l, &list, &e) == 0)
            continue;
        if (!error_is(e, ERR_GONE) || !l.token)
            return error_move(err, &e);
        json_free(take(list));
        set_token(&l, NULL);
        l.limit = 0;
        if (list_step(&l, &list, err) < 0)
            return -1;
    } while (l.token);
    if (ret)
        *ret = take(list);
    return 0;
}

/* ---- item by item ---- */

static int each_item(struct lister *l, struct json_scan *s, kube_item_fn fn, void *arg,
                     struct error **err)
{
    enum scan_token t = json_scan_next(s, err);
    if (t == SCAN_NULL)
        return 0;
    if (t == SCAN_ERROR)
        return -1;
    if (t != SCAN_ARRAY_BEGIN)
        return error_set(err, ERR_INVALID, "items is not an array");
    while (json_scan_more(s)) {
        const char *text;
        size_t len;
        cleanup_json json *item = NULL;
        if (json_scan_skip(s, &text, &len, err) < 0 || json_parse(text, len, &item, err) < 0)
            return -1;
        complete_item(l, item);
        if (opctx_check(l->ctx, err) < 0 || fn(arg, item, err) < 0)
            return -1;
    }
    return json_scan_next(s, err) == SCAN_ARRAY_END ? 0 : -1;
}

/* One member of the list's top level. */
static int each_member(struct lister *l, struct json_scan *s, kube_item_fn fn, void *arg,
                       char **token, struct error **err)
{
    if (json_scan_key_is(s, "items"))
        return each_item(l, s, fn, arg, err);
    bool is_metadata = json_scan_key_is(s, "metadata"), is_kind = json_scan_key_is(s, "kind");
    const char *text;
    size_t len;
    if (json_scan_skip(s, &text, &len, err) < 0)
        return -1;
    if (is_kind && len == 7 && memcmp(text, "\"Table\"", 7) == 0)
        return error_set(err, ERR_UNSUPPORTED, "the API server answered with a Table");
    if (!is_metadata)
        return 0;
    cleanup_json json *metadata = NULL;
    if (json_parse(text, len, &metadata, err) < 0)
        return -1;
    free(*token);
    *token = xstrdup(json_path_str(metadata, "continue"));
    return 0;
}

static int each_in_page(struct lister *l, const struct buf *body, kube_item_fn fn, void *arg,
                        struct error **err)
{
    cleanup_free char *token = NULL;
    struct json_scan s;
    json_scan_init(&s, buf_str(body), body->len);
    enum scan_token t = json_scan_next(&s, err);
    if (t == SCAN_ERROR)
        return error_wrap(err, "the API server's list");
    if (t != SCAN_OBJECT_BEGIN)
        return error_set(err, ERR_INVALID, "the API server's list is not an object");
    while ((t = json_scan_next(&s, err)) == SCAN_KEY) {
        if (each_member(l, &s, fn, arg, &token, err) < 0)
            return -1;
    }
    if (t != SCAN_OBJECT_END || json_scan_next(&s, err) != SCAN_END)
        return error_wrap(err, "the API server's list");
    return go_on(l, token, err);
}

/* An expired token comes with a fresh one that goes on from the same key in a newer list. NULL when
 * the server gives none. */
static char *give_fresh_token(const struct error *e)
{
    const char *body = error_get_body(e);
    cleanup_json json *status = NULL;
    if (!body || json_parse(body, strlen(body), &status, NULL) < 0)
        return NULL;
    const char *token = json_path_str(status, "metadata.continue");
    return token && *token ? xstrdup(token) : NULL;
}

int kube_list_each(struct kube_client *k, const struct opctx *ctx, const struct kube_ref *ref,
                   const struct kube_list_options *opt, kube_item_fn fn, void *arg,
                   struct error **err)
{
    cleanup_lister struct lister l = { 0 };
    if (lister_init(&l, k, ctx, ref, opt, err) < 0)
        return -1;
    bool renewed = false; /* the token in use; a second refusal in a row is final */
    do {
        cleanup_response struct http_response r = { 0 };
        cleanup_error struct error *e = NULL;
        if (get_page(&l, &r, &e) < 0) {
            bool expired = l.token && !renewed && error_is(e, ERR_GONE);
            cleanup_free char *fresh = expired ? give_fresh_token(e) : NULL;
            if (!fresh)
                return error_move(err, &e);
            set_token(&l, fresh);
            renewed = true;
            continue;
        }
        renewed = false;
        if (each_in_page(&l, &r.body, fn, arg, err) < 0)
            return -1;
    } while (l.token);
    return 0;
}
