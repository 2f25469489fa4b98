/* Shared Key: what the key of an account signs of a request. */
#include <string.h>

#include "hack/devcloud/azure/blob.h"
#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

/* x-ms-* in lower case, sorted, each with its value; values of one name are joined. */
static void add_headers(const struct blob_call *b, struct buf *text)
{
    cleanup_strv struct strv names = STRV_INIT;
    for (size_t i = 0; b->headers && i < b->headers->len; i++) {
        cleanup_free char *name = str_give_lower(b->headers->v[i].name);
        if (str_starts(name, "x-ms-"))
            strv_add_unique(&names, name);
    }
    strv_sort(&names);
    for (size_t n = 0; n < names.len; n++) {
        buf_addf(text, "%s:", names.v[n]);
        bool first = true;
        for (size_t i = 0; i < b->headers->len; i++) {
            if (!str_eq_nocase(b->headers->v[i].name, names.v[n]))
                continue;
            cleanup_free char *value = str_give_trimmed(b->headers->v[i].value);
            buf_addf(text, "%s%s", first ? "" : ",", value);
            first = false;
        }
        buf_addc(text, '\n');
    }
}

/* "name:value" of each parameter, decoded, the name in lower case. */
static void list_parameters(const char *query, struct strv *out)
{
    cleanup_strv struct strv parts = STRV_INIT;
    strv_split(&parts, query ? query : "", "&", false);
    for (size_t i = 0; i < parts.len; i++) {
        size_t len = strcspn(parts.v[i], "=");
        cleanup_free char *raw_name = xstrndup(parts.v[i], len), *name = NULL, *value = NULL;
        const char *raw_value = parts.v[i][len] ? parts.v[i] + len + 1 : "";
        if (!percent_parse(raw_name, &name) || !percent_parse(raw_value, &value))
            continue;
        cleanup_free char *lower = str_give_lower(name);
        strv_addf(out, "%s:%s", lower, value);
    }
    strv_sort(out);
}

/* The path as it was sent, then the parameters; values of one name are joined. */
static void add_resource(const struct blob_call *b, struct buf *text)
{
    cleanup_strv struct strv all = STRV_INIT;
    list_parameters(b->query, &all);
    buf_addf(text, "/%s%s", b->account, b->path);
    for (size_t i = 0; i < all.len; i++) {
        size_t name = strcspn(all.v[i], ":") + 1;
        if (i > 0 && strncmp(all.v[i], all.v[i - 1], name) == 0)
            buf_addf(text, ",%s", all.v[i] + name);
        else
            buf_addf(text, "\n%s", all.v[i]);
    }
}

char *blob_give_key_text(const struct blob_call *b)
{
    static const char *const signed_headers[] = {
        "Content-Encoding",
        "Content-Language",
        "Content-Length",
        "Content-MD5",
        "Content-Type",
        "Date",
        "If-Modified-Since",
        "If-Match",
        "If-None-Match",
        "If-Unmodified-Since",
        "Range",
    };
    struct buf text = BUF_INIT(BUF_UNBOUNDED);
    buf_addf(&text, "%s\n", b->method);
    for (size_t i = 0; i < ARRAY_LEN(signed_headers); i++) {
        const char *value = blob_header(b, signed_headers[i]);
        bool empty = !value ||
                     (str_eq(signed_headers[i], "Content-Length") && str_eq(value, "0")) ||
                     (str_eq(signed_headers[i], "Date") && blob_header(b, "x-ms-date"));
        buf_addf(&text, "%s\n", empty ? "" : value);
    }
    add_headers(b, &text);
    add_resource(b, &text);
    return buf_give(&text);
}
