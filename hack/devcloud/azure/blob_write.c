/* Blobs written whole, changed and deleted. */
#include <string.h>

#include "hack/devcloud/azure/blob.h"
#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

/* Headers that a blob keeps; the service's own name of each wins. */
static const struct {
    const char *plain, *own;
} kept[] = {
    { "Content-Type", "x-ms-blob-content-type" },
    { "Content-Encoding", "x-ms-blob-content-encoding" },
    { "Content-Language", "x-ms-blob-content-language" },
    { "Content-MD5", "x-ms-blob-content-md5" },
    { "Cache-Control", "x-ms-blob-cache-control" },
    { "Content-Disposition", "x-ms-blob-content-disposition" },
};

const char *blob_content_header(const struct blob_call *b, const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(kept); i++)
        if (str_eq_nocase(kept[i].plain, name) && blob_header(b, kept[i].own))
            return blob_header(b, kept[i].own);
    return blob_header(b, name);
}

/* plain: whether headers of the request itself speak of the blob, too. */
static json *give_headers(const struct blob_call *b, bool plain)
{
    json *out = json_new_object();
    for (size_t i = 0; i < ARRAY_LEN(kept); i++) {
        const char *value =
            plain ? blob_content_header(b, kept[i].plain) : blob_header(b, kept[i].own);
        if (value && *value)
            json_put(out, kept[i].plain, json_new_str(value));
    }
    if (!json_get(out, "Content-Type"))
        json_put(out, "Content-Type", json_new_str("application/octet-stream"));
    return out;
}

void blob_store(struct blob_call *b, const char *data, size_t len, json *blocks)
{
    json *blobs = json_get(b->in, "blobs");
    cleanup_free char *text = base64_give(data, len);
    char now[TIME_TEXT_MAX];
    time_http(clock_wall_ns(b->sim->cfg.clock), now);
    const char *created = json_path_str(b->entry, "created");
    json *entry = json_make("{'data':%s,'size':%ld,'created':%s,'headers':%j,'metadata':%j,"
                            "'blocks':%j}",
                            text, (int64_t)len, created ? created : now,
                            give_headers(b, !blob_query_is(b, "comp", "blocklist")),
                            blob_give_metadata(b), blocks);
    blob_touch(b, entry);
    json_put(blobs, b->blob, entry);
    b->entry = entry;
    blob_set_version(b, entry);
    blob_set(b, "x-ms-request-server-encrypted", "true");
    blob_reply(b, 201);
}

void blob_put(struct blob_call *b)
{
    const char *type = blob_header(b, "x-ms-blob-type");
    if (!b->blob)
        blob_refuse(b, 400, "InvalidResourceName", "A blob needs a container and a name.");
    else if (!type)
        blob_refuse(b, 400, "MissingRequiredHeader",
                    "An HTTP header that's mandatory for this request is not specified: "
                    "x-ms-blob-type.");
    else if (!str_eq(type, "BlockBlob"))
        blob_refuse(b, 400, "InvalidHeaderValue",
                    "x-ms-blob-type: this service has block blobs alone.");
    else if (b->body_len > BLOB_BYTES_MAX)
        blob_refuse(b, 413, "RequestBodyTooLarge",
                    "The request body is too large and exceeds the maximum permissible limit.");
    else if (blob_condition_holds(b, b->entry) && (!b->entry || blob_may_overwrite(b)))
        blob_store(b, b->body, b->body_len, json_new_array());
}

static bool entry_exists(struct blob_call *b)
{
    if (b->entry)
        return true;
    blob_refuse(b, 404, "BlobNotFound", "The specified blob does not exist.");
    return false;
}

void blob_delete(struct blob_call *b)
{
    if (!entry_exists(b) || !blob_condition_holds(b, b->entry))
        return;
    json_del(json_get(b->in, "blobs"), b->blob);
    b->entry = NULL;
    blob_set(b, "x-ms-delete-type-permanent", "true");
    blob_reply(b, 202);
}

void blob_change_metadata(struct blob_call *b)
{
    if (!entry_exists(b) || !blob_condition_holds(b, b->entry))
        return;
    json_put(b->entry, "metadata", blob_give_metadata(b));
    blob_touch(b, b->entry);
    blob_set_version(b, b->entry);
    blob_set(b, "x-ms-request-server-encrypted", "true");
    blob_reply(b, 200);
}

/* All of them at once: what is not given is gone. */
void blob_change_properties(struct blob_call *b)
{
    if (!entry_exists(b) || !blob_condition_holds(b, b->entry))
        return;
    json_put(b->entry, "headers", give_headers(b, false));
    blob_touch(b, b->entry);
    blob_set_version(b, b->entry);
    blob_reply(b, 200);
}
