/* A blob, or a range of it. */
#include <string.h>

#include "hack/devcloud/azure/blob.h"
#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

/* "bytes=1-5", "bytes=1-". false: not of this form. */
static bool parse_range(const char *text, size_t len, size_t *ret_first, size_t *ret_last)
{
    long long first, last = (long long)len - 1;
    if (!str_starts(text, "bytes="))
        return false;
    text += strlen("bytes=");
    size_t cut = strcspn(text, "-");
    cleanup_free char *low = xstrndup(text, cut);
    if (!text[cut] || !str_to_int(low, 0, INT64_MAX, &first) ||
        (text[cut + 1] && !str_to_int(text + cut + 1, first, INT64_MAX, &last)))
        return false;
    *ret_first = (size_t)first;
    *ret_last = last < (long long)len ? (size_t)last : len - 1;
    return true;
}

static void show_properties(struct blob_call *b)
{
    blob_set_version(b, b->entry);
    blob_set_metadata(b, b->entry);
    for (struct json_iter it = json_each(json_get(b->entry, "headers")); json_next(&it);)
        blob_set(b, it.key, json_str(it.value));
    blob_set(b, "Accept-Ranges", "bytes");
    blob_set(b, "x-ms-blob-type", "BlockBlob");
    blob_set(b, "x-ms-creation-time", json_path_str(b->entry, "created"));
    blob_set(b, "x-ms-lease-status", "unlocked");
    blob_set(b, "x-ms-lease-state", "available");
    blob_set(b, "x-ms-server-encrypted", "true");
}

static void refuse_range(struct blob_call *b, size_t len)
{
    cleanup_free char *whole = xasprintf("bytes */%zu", len);
    blob_set(b, "Content-Range", whole);
    blob_refuse(b, 416, "InvalidRange",
                "The range specified is invalid for the current size of the resource.");
}

void blob_get(struct blob_call *b)
{
    const char *range = blob_header(b, "x-ms-range");
    if (!range)
        range = blob_header(b, "Range");
    if (!b->entry) {
        blob_refuse(b, 404, "BlobNotFound", "The specified blob does not exist.");
        return;
    }
    if (!blob_condition_holds(b, b->entry))
        return;
    const char *text = json_path_str(b->entry, "data");
    cleanup_free char *data = NULL;
    size_t len = 0, first = 0, last = 0;
    (void)base64_parse(text, strlen(text), &data, &len, NULL);
    bool part = range && blob_is(b, "GET") && parse_range(range, len, &first, &last);
    if (part && first >= len) {
        refuse_range(b, len);
        return;
    }
    show_properties(b);
    if (part) {
        cleanup_free char *shown = xasprintf("bytes %zu-%zu/%zu", first, last, len);
        blob_set(b, "Content-Range", shown);
    }
    if (!blob_query_is(b, "comp", "metadata"))
        buf_add(&b->text, data + first, part ? last - first + 1 : len);
    blob_reply(b, part ? 206 : 200);
}
