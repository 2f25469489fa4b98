/* Lists of which little is wanted: sizes of machines are thousands, told on one page of megabytes. */
#include <string.h>

#include "pkg/azure/arm_impl.h"
#include "pkg/base/json_items.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define VALUE_MAX ((size_t)1 << 20)
#define PAGE_MAX ((size_t)256 << 20)

struct picking {
    struct http_sink sink;
    struct json_items items;
    arm_pick_fn pick;
    void *arg;
    size_t page_bytes;
    json *page;      /* what was picked of it */
    char *next_link; /* of that page; NULL: none */
};

static int on_value(void *arg, const char *text, size_t len, struct error **err)
{
    struct picking *p = arg;
    cleanup_json json *value = NULL;
    if (json_parse(text, len, &value, err) < 0)
        return error_wrap(err, "reading Azure's answer");
    json *picked = p->pick(p->arg, value);
    if (picked)
        json_append(p->page, picked);
    return 0;
}

static int on_member(void *arg, const char *key, const char *text, size_t len, struct error **err)
{
    struct picking *p = arg;
    cleanup_json json *value = NULL;
    if (json_parse(text, len, &value, err) < 0)
        return error_wrap(err, "reading Azure's answer");
    const char *link = str_eq(key, "nextLink") ? json_str(value) : NULL;
    if (link && *link) {
        free(p->next_link);
        p->next_link = xstrdup(link);
    }
    return 0;
}

static void begin_page(struct picking *p)
{
    json_items_reset(&p->items);
    json_free(p->page);
    p->page = json_new_array();
    free(take(p->next_link));
    p->page_bytes = 0;
}

static bool on_head(struct http_sink *sink, const struct http_response *head)
{
    struct picking *p = container_of(sink, struct picking, sink);
    begin_page(p); /* it may be another try */
    return arm_is_success(head->status);
}

static int on_data(struct http_sink *sink, const char *data, size_t len, struct error **err)
{
    struct picking *p = container_of(sink, struct picking, sink);
    p->page_bytes += len;
    if (p->page_bytes > PAGE_MAX)
        return error_set(err, ERR_TOO_LARGE, "a page of more than %zu bytes", PAGE_MAX);
    return json_items_feed(&p->items, data, len, err);
}

static void picking_init(struct picking *p, arm_pick_fn pick, void *arg)
{
    *p = (struct picking){ .sink = { on_head, on_data }, .pick = pick, .arg = arg };
    const struct json_items_config items = { "value", VALUE_MAX, on_value, on_member, p };
    json_items_init(&p->items, &items);
}

static void picking_release(struct picking *p)
{
    json_items_release(&p->items);
    json_free(p->page);
    free(p->next_link);
}
#define cleanup_picking CLEANUP_WITH(picking_release)

static int read_page(struct picking *p, struct arm *a, const struct opctx *ctx, const char *url,
                     struct error **err)
{
    const struct arm_request req = { .method = "GET", .url = url, .sink = &p->sink };
    cleanup_response struct http_response response = { 0 };
    if (arm_exchange(a, ctx, &req, &response, err) < 0)
        return -1;
    if (!arm_is_success(response.status))
        return arm_fail(&response, "list", clock_wall_ns(a->cfg.clock), err);
    if (!json_items_is_whole(&p->items))
        return error_set(err, ERR_CONN, "Azure's answer ended early");
    return p->next_link ? arm_check_url(a, p->next_link, err) : 0;
}

static int read_pages(struct picking *p, struct arm *a, const struct opctx *ctx, const char *first,
                      json *out, struct error **err)
{
    cleanup_free char *url = xstrdup(first);
    for (int count = 0; url; count++) {
        if (count == ARM_PAGES_MAX)
            return error_set(err, ERR_TOO_LARGE, "more than %d pages", ARM_PAGES_MAX);
        if (read_page(p, a, ctx, url, err) < 0)
            return -1;
        for (size_t i = 0; i < json_len(p->page); i++)
            json_append(out, json_ref(json_at(p->page, i)));
        free(url);
        url = take(p->next_link);
    }
    return 0;
}

int arm_pick(struct arm *a, const struct opctx *ctx, const char *path, const char *api_version,
             arm_pick_fn pick, void *arg, json **ret, struct error **err)
{
    cleanup_picking struct picking p;
    picking_init(&p, pick, arg);
    cleanup_free char *first = NULL;
    cleanup_json json *out = json_new_array();
    if (arm_make_url(a, path, api_version, NULL, &first, err) < 0 ||
        read_pages(&p, a, ctx, first, out, err) < 0)
        return error_wrap(err, "listing %s", path);
    *ret = take(out);
    return 0;
}
