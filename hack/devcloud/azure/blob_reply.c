/* Answers of the blob service: its headers, and XML. */
#include <stdarg.h>
#include <string.h>

#include "hack/devcloud/azure/blob.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/net/url.h"

#define META "x-ms-meta-"
#define XML "<?xml version=\"1.0\" encoding=\"utf-8\"?>"

const char *blob_header(const struct blob_call *b, const char *name)
{
    return b->headers ? http_headers_get(b->headers, name) : NULL;
}

bool blob_is(const struct blob_call *b, const char *method)
{
    return strcmp(b->method, method) == 0;
}

bool blob_query_is(const struct blob_call *b, const char *name, const char *value)
{
    cleanup_free char *given = query_give(b->query, name);
    return str_eq_nocase(given, value);
}

void blob_set(struct blob_call *b, const char *name, const char *value)
{
    if (value)
        http_headers_set(&b->out, name, value);
}

void blob_reply(struct blob_call *b, int status)
{
    static const char own_version[] = "2021-08-06";
    char id[UUID_LEN + 1];
    const char *version = blob_header(b, "x-ms-version");
    rng_uuid(b->sim->cfg.rng, id);
    b->status = status;
    blob_set(b, "Server", "Windows-Azure-Blob/1.0 Microsoft-HTTPAPI/2.0");
    blob_set(b, "x-ms-request-id", id);
    blob_set(b, "x-ms-version", version ? version : b->sas.version ? b->sas.version : own_version);
    blob_set(b, "x-ms-client-request-id", blob_header(b, "x-ms-client-request-id"));
}

/* ---- XML ---- */

static void add_escaped(struct buf *b, const char *text)
{
    static const char *const names[] = {
        ['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;", ['"'] = "&quot;"
    };
    for (const unsigned char *p = (const unsigned char *)text; *p; p++)
        if (*p < ARRAY_LEN(names) && names[*p])
            buf_adds(b, names[*p]);
        else
            buf_addc(b, (char)*p);
}

void blob_xml(struct buf *b, const char *name, const char *text)
{
    buf_addf(b, "<%s>", name);
    add_escaped(b, text);
    buf_addf(b, "</%s>", name);
}

void blob_reply_xml(struct blob_call *b, struct buf *xml)
{
    buf_release(&b->text);
    b->text = (struct buf)BUF_INIT(BUF_UNBOUNDED);
    buf_adds(&b->text, "\xEF\xBB\xBF" XML); /* with a byte order mark, as the service does */
    buf_add(&b->text, xml->data, xml->len);
    buf_release(xml);
    blob_set(b, "Content-Type", "application/xml");
    blob_reply(b, 200);
}

static void refuse(struct blob_call *b, int status, const char *code, const char *message,
                   const char *detail)
{
    struct buf xml = BUF_INIT(BUF_UNBOUNDED);
    char now[TIME_TEXT_MAX];
    blob_reply(b, status);
    time_rfc3339_micro(clock_wall_ns(b->sim->cfg.clock), now);
    cleanup_free char *text = xasprintf("%s\nRequestId:%s\nTime:%s", message,
                                        http_headers_get(&b->out, "x-ms-request-id"), now);
    buf_adds(&xml, "<Error>");
    blob_xml(&xml, "Code", code);
    blob_xml(&xml, "Message", text);
    if (detail)
        blob_xml(&xml, "AuthenticationErrorDetail", detail);
    buf_adds(&xml, "</Error>");
    blob_reply_xml(b, &xml);
    b->status = status;
    blob_set(b, "x-ms-error-code", code);
    if (blob_is(b, "HEAD") || status == 304) /* the header has to do */
        buf_clear(&b->text);
}

void blob_refuse(struct blob_call *b, int status, const char *code, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    cleanup_free char *message = xvasprintf(fmt, ap);
    va_end(ap);
    refuse(b, status, code, message, NULL);
}

void blob_refuse_proof(struct blob_call *b, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    cleanup_free char *detail = xvasprintf(fmt, ap);
    va_end(ap);
    refuse(b, 403, "AuthenticationFailed",
           "Server failed to authenticate the request. Make sure the value of Authorization header "
           "is formed correctly including the signature.",
           detail);
}

/* ---- what containers and blobs have in common ---- */

void blob_set_version(struct blob_call *b, const json *object)
{
    blob_set(b, "ETag", json_path_str(object, "etag"));
    blob_set(b, "Last-Modified", json_path_str(object, "lastModified"));
}

void blob_set_metadata(struct blob_call *b, const json *object)
{
    for (struct json_iter it = json_each(json_get(object, "metadata")); json_next(&it);) {
        cleanup_free char *name = xasprintf(META "%s", it.key);
        blob_set(b, name, json_str(it.value));
    }
}

void blob_touch(struct blob_call *b, json *object)
{
    cleanup_json json *fresh = storage_give_container(b->sim);
    static const char *const members[] = { "etag", "lastModified" };
    for (size_t i = 0; i < ARRAY_LEN(members); i++)
        json_put(object, members[i], json_ref(json_get(fresh, members[i])));
}

json *blob_give_metadata(const struct blob_call *b)
{
    json *out = json_new_object();
    for (size_t i = 0; b->headers && i < b->headers->len; i++)
        if (strncasecmp(b->headers->v[i].name, META, strlen(META)) == 0)
            json_put(out, b->headers->v[i].name + strlen(META),
                     json_new_str(b->headers->v[i].value));
    return out;
}
