/* Lists, which Azure gives page by page. */
#include "pkg/azure/arm_impl.h"
#include "pkg/base/mem.h"

struct arm_pages {
    struct arm *arm;
    char *path, *api_version;
    char *next; /* URL; NULL: the first page, or is_done */
    int count;
    bool is_done;
};

struct arm_pages *arm_pages_new(struct arm *a, const char *path, const char *api_version)
{
    struct arm_pages *p = xnew(struct arm_pages);
    *p = (struct arm_pages){ .arm = a, .path = xstrdup(path), .api_version = xstrdup(api_version) };
    return p;
}

void arm_pages_free(struct arm_pages *p)
{
    if (!p)
        return;
    free(p->path);
    free(p->api_version);
    free(p->next);
    free(p);
}

/* Takes the values out of a page and remembers where the next one is. */
static int take_page(struct arm_pages *p, const json *page, json **ret, struct error **err)
{
    const char *next = json_path_str(page, "nextLink");
    bool has_next = next && *next;
    if (has_next && arm_check_url(p->arm, next, err) < 0)
        return -1;
    free(p->next);
    p->next = has_next ? xstrdup(next) : NULL;
    p->is_done = !has_next;
    json *values = json_path(page, "value");
    *ret = json_is_array(values) ? json_ref(values) : json_new_array();
    return 0;
}

static int read_page(struct arm_pages *p, const struct opctx *ctx, json **ret, struct error **err)
{
    cleanup_free char *first = NULL;
    if (!p->next && arm_make_url(p->arm, p->path, p->api_version, NULL, &first, err) < 0)
        return -1;
    const struct arm_request req = { .method = "GET", .url = p->next ? p->next : first };
    cleanup_response struct http_response response = { 0 };
    if (arm_exchange(p->arm, ctx, &req, &response, err) < 0)
        return -1;
    if (!arm_is_success(response.status))
        return arm_fail(&response, "list", clock_wall_ns(p->arm->cfg.clock), err);
    cleanup_json json *page = NULL;
    if (arm_read_body(&response, &page, err) < 0)
        return -1;
    return take_page(p, page, ret, err);
}

int arm_pages_next(struct arm_pages *p, const struct opctx *ctx, json **ret, struct error **err)
{
    *ret = NULL;
    if (p->is_done)
        return 0;
    if (p->count == ARM_PAGES_MAX)
        return error_set(err, ERR_TOO_LARGE, "listing %s: more than %d pages", p->path,
                         ARM_PAGES_MAX);
    if (read_page(p, ctx, ret, err) < 0)
        return error_wrap(err, "listing %s", p->path);
    p->count++;
    return 0;
}

int arm_list(struct arm *a, const struct opctx *ctx, const char *path, const char *api_version,
             json **ret, struct error **err)
{
    cleanup_arm_pages struct arm_pages *pages = arm_pages_new(a, path, api_version);
    cleanup_json json *values = json_new_array();
    for (;;) {
        cleanup_json json *page = NULL;
        if (arm_pages_next(pages, ctx, &page, err) < 0)
            return -1;
        if (!page)
            break;
        for (size_t i = 0; i < json_len(page); i++)
            json_append(values, json_ref(json_at(page, i)));
    }
    *ret = take(values);
    return 0;
}
