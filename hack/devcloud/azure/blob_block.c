/* Blobs written in blocks: each waits until a list of blocks makes them the blob. */
#include <string.h>

#include "hack/devcloud/azure/blob.h"
#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/net/url.h"

#define BLOCKS_MAX 50000
#define WAITING_MAX 100000

/* The entry of the blob's name, also one that only holds blocks. */
static json *find_any(const struct blob_call *b)
{
    return json_get(json_get(b->in, "blobs"), b->blob);
}

static json *pending(json *entry)
{
    if (!json_get(entry, "pending"))
        json_put(entry, "pending", json_new_object());
    return json_get(entry, "pending");
}

/* All IDs of a blob are base64 of one length. */
static bool id_is_good(struct blob_call *b, const char *id, const json *waiting)
{
    cleanup_free char *bytes = NULL;
    size_t len;
    bool good = id && *id && base64_parse(id, strlen(id), &bytes, &len, NULL) == 0 && len <= 64;
    for (struct json_iter it = json_each(waiting); good && json_next(&it);)
        good = strlen(it.key) == strlen(id);
    if (!good)
        blob_refuse(b, 400, id ? "InvalidBlobOrBlock" : "InvalidQueryParameterValue",
                    "The specified blob or block content is invalid.");
    return good;
}

static size_t size_of(const char *base64)
{
    size_t len = strlen(base64), padding = strcspn(base64, "=");
    return len / 4 * 3 - (len - padding);
}

/* What waits takes memory although no blob is there yet: as many blocks as the service allows, and no more bytes than a blob. */
static bool has_room(struct blob_call *b, const char *id, const json *waiting)
{
    size_t bytes = 0;
    for (struct json_iter it = json_each(waiting); json_next(&it);)
        if (!str_eq(it.key, id))
            bytes += size_of(json_str(it.value));
    if (!json_has(waiting, id) && json_len(waiting) >= WAITING_MAX)
        blob_refuse(b, 409, "BlockCountExceedsLimit",
                    "The uncommitted block count cannot exceed the maximum limit of %d blocks.",
                    WAITING_MAX);
    else if (bytes + b->body_len > BLOB_BYTES_MAX)
        blob_refuse(b, 413, "RequestBodyTooLarge",
                    "The waiting blocks are larger than this service keeps.");
    else
        return true;
    return false;
}

void blob_put_block(struct blob_call *b)
{
    cleanup_free char *id = query_give(b->query, "blockid");
    json *entry = b->blob ? find_any(b) : NULL;
    if (!b->blob || !id_is_good(b, id, json_get(entry, "pending")) ||
        !has_room(b, id, json_get(entry, "pending")) || (b->entry && !blob_may_overwrite(b)))
        return;
    if (!entry) {
        entry = json_make("{'fresh':true}");
        json_put(json_get(b->in, "blobs"), b->blob, entry);
    }
    cleanup_free char *text = base64_give(b->body, b->body_len);
    json_put(pending(entry), id, json_new_str(text));
    blob_set(b, "x-ms-request-server-encrypted", "true");
    blob_reply(b, 201);
}

/* ---- the list ---- */

/* Bytes of a block that the blob already has. */
static bool add_committed(const json *entry, const char *id, struct buf *out, int64_t *ret_size)
{
    const json *blocks = json_get(entry, "blocks");
    int64_t offset = 0;
    for (size_t i = 0; i < json_len(blocks); i++) {
        int64_t size = json_path_int(json_at(blocks, i), "size", 0);
        if (str_eq(json_path_str(json_at(blocks, i), "id"), id)) {
            const char *text = json_path_str(entry, "data");
            cleanup_free char *data = NULL;
            size_t len;
            if (base64_parse(text, strlen(text), &data, &len, NULL) == 0)
                buf_add(out, data + offset, (size_t)size);
            *ret_size = size;
            return true;
        }
        offset += size;
    }
    return false;
}

static bool add_waiting(const json *entry, const char *id, struct buf *out, int64_t *ret_size)
{
    const char *text = json_str(json_get(json_get(entry, "pending"), id));
    cleanup_free char *data = NULL;
    size_t len;
    if (!text || base64_parse(text, strlen(text), &data, &len, NULL) < 0)
        return false;
    buf_add(out, data, len);
    *ret_size = (int64_t)len;
    return true;
}

static bool add_block(const json *entry, const char *kind, const char *id, struct buf *out,
                      int64_t *ret_size)
{
    bool committed = str_eq(kind, "Committed");
    if (!committed && add_waiting(entry, id, out, ret_size))
        return true;
    return !str_eq(kind, "Uncommitted") && add_committed(entry, id, out, ret_size);
}

/* <Latest>ID</Latest>...; other tags are the document's frame. false: not of this form, or a block is not there. */
static bool assemble(const struct blob_call *b, const json *entry, struct buf *out, json *blocks)
{
    cleanup_free char *xml = xstrndup(b->body, b->body_len);
    for (const char *at = strchr(xml, '<'); at; at = strchr(at, '<')) {
        size_t len = strcspn(++at, "> \t\r\n/");
        cleanup_free char *tag = xstrndup(at, len);
        at += strcspn(at, ">");
        if (!*at)
            return false;
        at++;
        if (!str_eq(tag, "Latest") && !str_eq(tag, "Committed") && !str_eq(tag, "Uncommitted"))
            continue;
        cleanup_free char *raw = xstrndup(at, strcspn(at, "<"));
        cleanup_free char *id = str_give_trimmed(raw);
        int64_t size = 0;
        if (json_len(blocks) >= BLOCKS_MAX || !add_block(entry, tag, id, out, &size))
            return false;
        json_append(blocks, json_make("{'id':%s,'size':%ld}", id, size));
        at = strchr(at, '>'); /* of its end */
        if (!at)
            return false;
    }
    return true;
}

void blob_put_blocks(struct blob_call *b)
{
    if (!blob_condition_holds(b, b->entry) || (b->entry && !blob_may_overwrite(b)))
        return;
    cleanup_buf struct buf data = BUF_INIT(BLOB_BYTES_MAX);
    json *blocks = json_new_array();
    if (!assemble(b, find_any(b), &data, blocks)) {
        json_free(blocks);
        blob_refuse(b, 400, "InvalidBlockList", "The specified block list is invalid.");
    } else if (buf_check(&data, NULL) < 0) {
        json_free(blocks);
        blob_refuse(b, 413, "RequestBodyTooLarge", "The blob is larger than this service keeps.");
    } else {
        blob_store(b, data.data ? data.data : "", data.len, blocks);
    }
}

/* ---- what is there ---- */

static void add_line(struct buf *xml, const char *id, int64_t size)
{
    buf_adds(xml, "<Block>");
    blob_xml(xml, "Name", id);
    buf_addf(xml, "<Size>%lld</Size></Block>", (long long)size);
}

static void add_all_waiting(struct buf *xml, const json *entry)
{
    for (struct json_iter it = json_each(json_get(entry, "pending")); json_next(&it);) {
        cleanup_free char *data = NULL;
        size_t len = 0;
        (void)base64_parse(json_str(it.value), json_str_len(it.value), &data, &len, NULL);
        add_line(xml, it.key, (int64_t)len);
    }
}

void blob_list_blocks(struct blob_call *b)
{
    const json *entry = b->blob ? find_any(b) : NULL, *blocks = json_get(entry, "blocks");
    bool all = blob_query_is(b, "blocklisttype", "all");
    if (!entry) {
        blob_refuse(b, 404, "BlobNotFound", "The specified blob does not exist.");
        return;
    }
    struct buf xml = BUF_INIT(BUF_UNBOUNDED);
    buf_adds(&xml, "<BlockList>");
    if (!blob_query_is(b, "blocklisttype", "uncommitted")) {
        buf_adds(&xml, "<CommittedBlocks>");
        for (size_t i = 0; i < json_len(blocks); i++)
            add_line(&xml, json_path_str(json_at(blocks, i), "id"),
                     json_path_int(json_at(blocks, i), "size", 0));
        buf_adds(&xml, "</CommittedBlocks>");
    }
    if (all || blob_query_is(b, "blocklisttype", "uncommitted")) {
        buf_adds(&xml, "<UncommittedBlocks>");
        add_all_waiting(&xml, entry);
        buf_adds(&xml, "</UncommittedBlocks>");
    }
    buf_adds(&xml, "</BlockList>");
    if (b->entry)
        blob_set_version(b, b->entry);
    blob_reply_xml(b, &xml);
}
