#include "hack/devcloud/cluster/reply.h"

#include <string.h>

#include "hack/devcloud/cluster/table.h"
#include "pkg/base/mem.h"
#include "pkg/base/yaml.h"

static void set_yaml(struct api_reply *reply, const json *tree)
{
    cleanup_free char *text = yaml_give_text(tree);
    free(reply->content_type);
    reply->content_type = xstrdup("application/yaml");
    buf_clear(&reply->body);
    buf_adds(&reply->body, text);
}

void reply_add_headers(const struct api_reply *reply, struct http_headers *h)
{
    http_headers_set(h, "Content-Type",
                     reply->content_type ? reply->content_type : "application/json");
    if (reply->status == 429 || reply->status == 504)
        http_headers_set(h, "Retry-After", "1");
    for (size_t i = 0; i < reply->warnings.len; i++) {
        cleanup_json json *quoted = json_new_str(reply->warnings.v[i]);
        cleanup_free char *text = json_give_text(quoted);
        cleanup_free char *value = xasprintf("299 - %s", text);
        http_headers_add(h, "Warning", value);
    }
}

void reply_tree(struct api_reply *reply, const struct media *media, int status, const json *tree)
{
    reply->status = status;
    buf_clear(&reply->body);
    if (media && media->yaml) {
        set_yaml(reply, tree);
        return;
    }
    json_write(&reply->body, tree);
    buf_addc(&reply->body, '\n');
}

/* Text that was written as JSON becomes YAML where that is wanted. */
static void finish(const struct op *op)
{
    struct api_reply *reply = op->reply;
    json *tree = NULL;
    if (!op->media.yaml) {
        buf_addc(&reply->body, '\n');
        return;
    }
    if (json_parse(reply->body.data, reply->body.len, &tree, NULL) == 0)
        set_yaml(reply, tree);
    json_free(tree);
}

void reply_error(struct api_reply *reply, const struct media *media, const struct error *e)
{
    cleanup_json json *status = fail_give_status(e);
    const char *body = error_get_body(e);
    json *details = NULL;
    /* A continue token to go on with stands in the metadata of the Status. */
    if (body && json_parse(body, strlen(body), &details, NULL) == 0 &&
        json_path_str(details, "continue")) {
        json_put(json_get(status, "metadata"), "continue",
                 json_give_copy(json_get(details, "continue")));
        json_del(status, "details");
    }
    json_free(details);
    reply_tree(reply, media, error_get_status(e), status);
}

/* ---- objects ---- */

static void write_quoted(struct buf *b, const char *text)
{
    cleanup_json json *j = json_new_str(text);
    json_write(b, j);
}

/* apiVersion and kind, then what the record holds. */
static void write_whole(struct buf *b, const struct op *op, const struct record *r, bool envelope)
{
    if (!envelope) {
        buf_add(b, r->text->data, r->text->len);
        return;
    }
    buf_adds(b, "{\"kind\":");
    write_quoted(b, op->r->kind);
    buf_adds(b, ",\"apiVersion\":");
    write_quoted(b, op->api_version);
    buf_addc(b, ',');
    buf_add(b, r->text->data + 1, r->text->len - 1);
}

static json *give_partial(const struct op *op, const json *tree)
{
    cleanup_free char *version = xasprintf("meta.k8s.io/%s", op->media.version);
    return json_make("{'kind':'PartialObjectMetadata','apiVersion':%s,'metadata':%j}", version,
                     json_give_copy(json_get(tree, "metadata")));
}

static void write_partial(struct buf *b, const struct op *op, const struct record *r)
{
    cleanup_json json *tree = record_give_tree(r), *partial = give_partial(op, tree);
    json_write(b, partial);
}

static void write_table(struct buf *b, const struct op *op, const struct record *const *v,
                        size_t len, const struct list_page *page, bool columns)
{
    cleanup_free char *version = xasprintf("meta.k8s.io/%s", op->media.version);
    json *metadata = json_new_object();
    cleanup_free char *revision = xasprintf("%lld", (long long)page->revision);
    json_put(metadata, "resourceVersion", json_new_str(revision));
    if (page->next)
        json_put(metadata, "continue", json_new_str(page->next));
    cleanup_json json *table =
        json_make("{'kind':'Table','apiVersion':%s,'metadata':%j,'columnDefinitions':%j,"
                  "'rows':[]}",
                  version, metadata, columns ? table_give_columns(op) : NULL);
    for (size_t i = 0; i < len; i++) {
        cleanup_json json *tree = record_give_tree(v[i]);
        json_append(json_get(table, "rows"), table_give_row(op, tree));
    }
    json_write(b, table);
}

void reply_record(const struct op *op, int status, const struct record *r)
{
    const struct record *one[] = { r };
    struct list_page page = { .revision = r->revision };
    op->reply->status = status;
    if (op->media.shape == SHAPE_TABLE)
        write_table(&op->reply->body, op, one, 1, &page, true);
    else if (op->media.shape == SHAPE_PARTIAL)
        write_partial(&op->reply->body, op, r);
    else
        write_whole(&op->reply->body, op, r, true);
    finish(op);
}

void reply_object(const struct op *op, int status, const json *obj)
{
    cleanup_json json *partial = NULL;
    op->reply->status = status;
    if (op->media.shape == SHAPE_TABLE) {
        cleanup_free char *version = xasprintf("meta.k8s.io/%s", op->media.version);
        partial = json_make("{'kind':'Table','apiVersion':%s,'metadata':{},"
                            "'columnDefinitions':%j,'rows':[%j]}",
                            version, table_give_columns(op), table_give_row(op, obj));
    } else if (op->media.shape == SHAPE_PARTIAL) {
        partial = give_partial(op, obj);
    }
    json_write(&op->reply->body, partial ? partial : obj);
    finish(op);
}

/* ---- lists ---- */

static void write_list_head(struct buf *b, const struct op *op, const struct list_page *page)
{
    bool partial = op->media.shape == SHAPE_PARTIAL;
    cleanup_free char *of_meta = xasprintf("meta.k8s.io/%s", op->media.version);
    buf_adds(b, "{\"kind\":");
    write_quoted(b, partial ? "PartialObjectMetadataList" : op->r->list_kind);
    buf_adds(b, ",\"apiVersion\":");
    write_quoted(b, partial ? of_meta : op->api_version);
    buf_addf(b, ",\"metadata\":{\"resourceVersion\":\"%lld\"", (long long)page->revision);
    if (page->next || (op->r->custom && !partial)) {
        buf_adds(b, ",\"continue\":");
        write_quoted(b, page->next ? page->next : "");
    }
    if (page->next && page->remaining)
        buf_addf(b, ",\"remainingItemCount\":%lld", (long long)page->remaining);
    buf_adds(b, "},\"items\":[");
}

void reply_list(const struct op *op, const struct list_page *page)
{
    struct buf *b = &op->reply->body;
    if (op->media.shape == SHAPE_TABLE) {
        write_table(b, op, page->v, page->len, page, true);
        finish(op);
        return;
    }
    write_list_head(b, op, page);
    for (size_t i = 0; i < page->len; i++) {
        if (i)
            buf_addc(b, ',');
        if (op->media.shape == SHAPE_PARTIAL)
            write_partial(b, op, page->v[i]);
        else
            write_whole(b, op, page->v[i], op->r->custom);
    }
    buf_adds(b, "]}");
    finish(op);
}

void reply_write_event_object(struct buf *b, const struct op *op, const struct record *r,
                              bool with_columns)
{
    const struct record *one[] = { r };
    struct list_page page = { .revision = r->revision };
    if (op->media.shape == SHAPE_TABLE)
        write_table(b, op, one, 1, &page, with_columns);
    else if (op->media.shape == SHAPE_PARTIAL)
        write_partial(b, op, r);
    else
        write_whole(b, op, r, true);
}
