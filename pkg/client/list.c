/* Lists of resources, item by item. */
#include "pkg/base/mem.h"
#include "pkg/client/client_impl.h"

struct client_list {
    const struct client_type *type;
    uint32_t version;
    struct arm_pages *pages;
    json *page; /* what was read last; NULL: nothing yet, or the end */
    size_t at;  /* the next item of it */
    void *item; /* decoded */
};

int client_list_new(const struct aro_client *c, const struct client_operation *op,
                    const char *const *args, struct client_list **ret, struct error **err)
{
    cleanup_free char *path = NULL;
    if (client_make_path(c, op, args, &path, err) < 0)
        return -1;
    struct client_list *l = xnew(struct client_list);
    l->type = op->reply;
    l->version = c->version->bit;
    l->pages = arm_pages_new(c->arm, path, c->version->name);
    *ret = l;
    return 0;
}

void client_list_free(struct client_list *l)
{
    if (!l)
        return;
    client_free(l->item);
    json_free(l->page);
    arm_pages_free(l->pages);
    free(l);
}

/* Until a page has an item (a page may be empty although others follow) or there is none. */
static int find_item(struct client_list *l, const struct opctx *ctx, struct error **err)
{
    while (!l->page || l->at == json_len(l->page)) {
        json_free(l->page);
        l->page = NULL;
        l->at = 0;
        if (arm_pages_next(l->pages, ctx, &l->page, err) < 0)
            return -1;
        if (!l->page)
            return 0;
    }
    return 0;
}

int client_list_next(struct client_list *l, const struct opctx *ctx, const void **ret,
                     struct error **err)
{
    client_free(l->item);
    l->item = NULL;
    *ret = NULL;
    if (find_item(l, ctx, err) < 0)
        return -1;
    if (!l->page)
        return 0;
    if (client_decode(l->type, l->version, json_at(l->page, l->at), &l->item, err) < 0)
        return error_wrap(err, "value[%zu]", l->at);
    l->at++;
    *ret = l->item;
    return 0;
}
