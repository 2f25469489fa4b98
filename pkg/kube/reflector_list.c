#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/kube/client_impl.h"
#include "pkg/kube/reflector_impl.h"

#define PAGE_SIZE 500

/* One list in the making: pages go to the informer's stage. */
struct listing {
    struct http_sink sink;
    struct reflector *reflector;
    struct list_scan scan;
    size_t page_begin; /* length of the stage before this page */
    bool wanted;
};

static bool on_head(struct http_sink *sink, const struct http_response *head)
{
    struct listing *l = container_of(sink, struct listing, sink);
    l->wanted = head->status == 200;
    /* The request may have been repeated: this is the page's first byte again. */
    list_scan_reset(&l->scan);
    informer_stage_cut(l->reflector->informer, l->page_begin);
    return l->wanted;
}

static int on_data(struct http_sink *sink, const char *data, size_t len, struct error **err)
{
    struct listing *l = container_of(sink, struct listing, sink);
    return list_scan_feed(&l->scan, data, len, err);
}

static int on_item(void *arg, const char *text, size_t len, struct error **err)
{
    struct listing *l = arg;
    struct reflector *r = l->reflector;
    struct json_scan s;
    json_scan_init(&s, text, len);
    if (draft_scan(&r->draft, &s, r->informer->projection, &r->informer->type, err) < 0 ||
        json_scan_next(&s, err) != SCAN_END || draft_check(&r->draft, err) < 0)
        return error_wrap(err, "item %zu", l->scan.items_len);
    informer_stage_add(r->informer, &r->draft);
    draft_trim(&r->draft);
    return 0;
}

static void build_query(const struct reflector *r, const char *version, int64_t limit,
                        const char *continue_token, struct buf *query)
{
    reflector_add_selectors(r, query);
    if (limit > 0) {
        cleanup_free char *text = xasprintf("%lld", (long long)limit);
        reflector_add_query(query, "limit", text);
    }
    if (continue_token) /* further pages are of the first one's version */
        reflector_add_query(query, "continue", continue_token);
    else if (version[0])
        reflector_add_query(query, "resourceVersion", version);
}

static int get_page(struct listing *l, const struct opctx *ctx, const char *version, int64_t limit,
                    const char *continue_token, struct error **err)
{
    struct reflector *r = l->reflector;
    cleanup_buf struct buf query = BUF_INIT(BUF_UNBOUNDED);
    cleanup_response struct http_response response = { 0 };
    build_query(r, version, limit, continue_token, &query);
    l->page_begin = informer_stage_len(r->informer);
    l->wanted = false;

    struct kube_raw raw = { .method = "GET",
                            .path = r->path,
                            .query = query.len ? buf_str(&query) : NULL,
                            .accept = reflector_accept(r, true),
                            .sink = &l->sink,
                            .gzip = r->cache->opt.gzip_lists };
    if (kube_send_raw(r->cache->client, ctx, &raw, &response, err) < 0)
        return -1;
    if (!l->wanted)
        return error_set(err, ERR_INTERNAL, "the list has no body (HTTP %d)", response.status);
    return list_scan_finish(&l->scan, err);
}

/* All pages of one list. An expired continue token falls back to one full list. */
static int get_pages(struct listing *l, const struct opctx *ctx, const char *version, int64_t limit,
                     bool *ret_paginated, char **ret_version, struct error **err)
{
    cleanup_free char *token = NULL, *first_version = NULL;
    informer_stage_begin(l->reflector->informer, l->reflector->version_unavailable);
    *ret_paginated = false;
    for (size_t pages = 1;; pages++) {
        cleanup_error struct error *failure = NULL;
        int status = get_page(l, ctx, version, limit, token, &failure);
        if (status < 0) {
            if (!token || reflector_trouble(ctx, failure) != TROUBLE_EXPIRED)
                return error_move(err, &failure);
            free(take(token));
            free(take(first_version));
            limit = 0;
            informer_stage_begin(l->reflector->informer, l->reflector->version_unavailable);
            continue;
        }
        if (!first_version)
            first_version = xstrdup(buf_str(&l->scan.version));
        if (!l->scan.continue_token.len)
            break;
        if (list_check_next(pages, token, buf_str(&l->scan.continue_token), err) < 0)
            return -1;
        free(take(token));
        token = xstrdup(buf_str(&l->scan.continue_token));
        *ret_paginated = true;
    }
    *ret_version = take(first_version);
    return 0;
}

/* "0" at first: whatever the server's cache has; later nothing older than what was seen. */
static const char *version_to_list(const struct reflector *r)
{
    if (r->version_unavailable)
        return "";
    return r->last_version[0] ? r->last_version : "0";
}

/* Lists above "0" are unpaged, so that the server answers from its cache. */
static int64_t page_size(const struct reflector *r, const char *version)
{
    if (r->informer->page_size > 0)
        return r->informer->page_size;
    bool from_cache = version[0] && strcmp(version, "0") != 0;
    return from_cache && !r->paginated ? 0 : PAGE_SIZE;
}

static int list_once(struct listing *l, const struct opctx *ctx, struct error **err)
{
    struct reflector *r = l->reflector;
    cleanup_free char *version = NULL;
    const char *wanted = version_to_list(r);
    bool first = strcmp(wanted, "0") == 0, paginated;
    if (get_pages(l, ctx, wanted, page_size(r, wanted), &paginated, &version, err) < 0)
        return -1;
    r->paginated |= first && paginated;
    r->version_unavailable = false;
    reflector_set_version(r, version);
    return 0;
}

static int list(struct listing *l, const struct opctx *ctx, struct error **err)
{
    cleanup_error struct error *failure = NULL;
    metric_add(l->reflector->cache->metrics.lists, 1, METRIC_LABELS(l->reflector->informer->label));
    if (list_once(l, ctx, &failure) == 0)
        return 0;
    enum trouble t = reflector_trouble(ctx, failure);
    if (l->reflector->version_unavailable || (t != TROUBLE_EXPIRED && t != TROUBLE_TOO_LARGE))
        return error_move(err, &failure);
    l->reflector->version_unavailable = true;
    return list_once(l, ctx, err);
}

int reflector_list(struct reflector *r, const struct opctx *ctx, struct error **err)
{
    struct listing l = { .sink = { .on_head = on_head, .on_data = on_data }, .reflector = r };
    list_scan_init(&l.scan, on_item, &l);
    int status = list(&l, ctx, err);
    list_scan_release(&l.scan);
    if (status < 0) {
        informer_stage_begin(r->informer, false); /* holds nothing back until the next try */
        return error_wrap(err, "list");
    }
    informer_stage_commit(r->informer);
    reflector_note_success(r);
    return 0;
}
