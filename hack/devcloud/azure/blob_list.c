/* Lists of containers and of blobs, in pages, sorted by name. */
#include <string.h>

#include "hack/devcloud/azure/blob.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/net/url.h"

#define PAGE_MAX 5000

struct listing {
    char *prefix, *marker, *delimiter, *include; /* NULL: not given */
    long long max;
    struct strv names; /* of the page; what stands for many ends with the delimiter */
    char *next;        /* NULL: this is the last page */
};

static void release(struct listing *l)
{
    free(l->prefix);
    free(l->marker);
    free(l->delimiter);
    free(l->include);
    free(l->next);
    strv_release(&l->names);
}

static bool init(struct blob_call *b, struct listing *l)
{
    cleanup_free char *max = query_give(b->query, "maxresults");
    *l = (struct listing){ .prefix = query_give(b->query, "prefix"),
                           .marker = query_give(b->query, "marker"),
                           .delimiter = query_give(b->query, "delimiter"),
                           .include = query_give(b->query, "include"),
                           .max = PAGE_MAX };
    if (!max || (str_to_int(max, 1, INT64_MAX, &l->max)))
        return true;
    blob_refuse(b, 400, "OutOfRangeQueryParameterValue",
                "One of the query parameters specified in the request URI is outside the "
                "permissible range.");
    return false;
}

/* The name, or what it is hidden behind. Owned by the caller. */
static char *give_shown(const struct listing *l, const char *name)
{
    size_t skip = l->prefix ? strlen(l->prefix) : 0;
    const char *cut = l->delimiter && *l->delimiter ? strstr(name + skip, l->delimiter) : NULL;
    return cut ? xstrndup(name, (size_t)(cut - name) + strlen(l->delimiter)) : xstrdup(name);
}

static void choose(struct listing *l, const json *table)
{
    cleanup_strv struct strv all = STRV_INIT;
    for (struct json_iter it = json_each(table); json_next(&it);)
        if ((!l->prefix || str_starts(it.key, l->prefix)) &&
            !json_path_bool(it.value, "fresh", false)) {
            cleanup_free char *shown = give_shown(l, it.key);
            strv_add_unique(&all, shown);
        }
    strv_sort(&all);
    for (size_t i = 0; i < all.len && !l->next; i++) {
        if (l->marker && *l->marker && strcmp(all.v[i], l->marker) < 0)
            continue;
        if ((long long)l->names.len == (l->max < PAGE_MAX ? l->max : PAGE_MAX))
            l->next = xstrdup(all.v[i]);
        else
            strv_add(&l->names, all.v[i]);
    }
}

/* ---- XML ---- */

static void add_unless_null(struct buf *xml, const char *name, const char *text)
{
    if (text)
        blob_xml(xml, name, text);
}

static void begin(const struct blob_call *b, const struct listing *l, struct buf *xml)
{
    buf_addf(xml, "<EnumerationResults ServiceEndpoint=\"https://%s/\"", b->host);
    if (b->container)
        buf_addf(xml, " ContainerName=\"%s\"", b->container);
    buf_adds(xml, ">");
    add_unless_null(xml, "Prefix", l->prefix);
    add_unless_null(xml, "Marker", l->marker);
    add_unless_null(xml, "Delimiter", l->delimiter);
}

static void add_metadata(struct buf *xml, const struct listing *l, const json *object)
{
    if (!l->include || !strstr(l->include, "metadata"))
        return;
    buf_adds(xml, "<Metadata>");
    for (struct json_iter it = json_each(json_get(object, "metadata")); json_next(&it);)
        blob_xml(xml, it.key, json_str(it.value));
    buf_adds(xml, "</Metadata>");
}

/* Lists show etags without their quotes. */
static void add_version(struct buf *xml, const json *object)
{
    const char *etag = json_path_str(object, "etag");
    cleanup_free char *bare = xstrndup(etag + 1, strlen(etag) - 2);
    blob_xml(xml, "Last-Modified", json_path_str(object, "lastModified"));
    blob_xml(xml, "Etag", bare);
}

static void add_container(struct buf *xml, const struct listing *l, const char *name,
                          const json *container)
{
    buf_adds(xml, "<Container>");
    blob_xml(xml, "Name", name);
    buf_adds(xml, "<Properties>");
    add_version(xml, container);
    buf_adds(xml, "<LeaseStatus>unlocked</LeaseStatus><LeaseState>available</LeaseState>");
    add_unless_null(xml, "PublicAccess", json_path_str(container, "access"));
    buf_adds(xml, "</Properties>");
    add_metadata(xml, l, container);
    buf_adds(xml, "</Container>");
}

static void add_blob(struct buf *xml, const struct listing *l, const char *name, const json *blob)
{
    static const char *const headers[] = {
        "Content-Type", "Content-Encoding", "Content-Language",
        "Content-MD5",  "Cache-Control",    "Content-Disposition"
    };
    buf_adds(xml, "<Blob>");
    blob_xml(xml, "Name", name);
    buf_adds(xml, "<Properties>");
    blob_xml(xml, "Creation-Time", json_path_str(blob, "created"));
    add_version(xml, blob);
    buf_addf(xml, "<Content-Length>%lld</Content-Length>",
             (long long)json_path_int(blob, "size", 0));
    for (size_t i = 0; i < ARRAY_LEN(headers); i++) {
        const char *value = json_str(json_get(json_get(blob, "headers"), headers[i]));
        blob_xml(xml, headers[i], value ? value : "");
    }
    buf_adds(xml, "<BlobType>BlockBlob</BlobType><AccessTier>Hot</AccessTier>"
                  "<AccessTierInferred>true</AccessTierInferred><LeaseStatus>unlocked</LeaseStatus>"
                  "<LeaseState>available</LeaseState><ServerEncrypted>true</ServerEncrypted>"
                  "</Properties>");
    add_metadata(xml, l, blob);
    buf_adds(xml, "</Blob>");
}

static void end(struct blob_call *b, const struct listing *l, struct buf *xml)
{
    blob_xml(xml, "NextMarker", l->next ? l->next : "");
    buf_adds(xml, "</EnumerationResults>");
    blob_reply_xml(b, xml);
}

/* ---- routes ---- */

void blob_list_containers(struct blob_call *b)
{
    struct listing l;
    struct buf xml = BUF_INIT(BUF_UNBOUNDED);
    if (init(b, &l)) {
        choose(&l, b->containers);
        begin(b, &l, &xml);
        buf_adds(&xml, "<Containers>");
        for (size_t i = 0; i < l.names.len; i++)
            add_container(&xml, &l, l.names.v[i], json_get(b->containers, l.names.v[i]));
        buf_adds(&xml, "</Containers>");
        end(b, &l, &xml);
    }
    release(&l);
}

void blob_list_blobs(struct blob_call *b)
{
    struct listing l;
    struct buf xml = BUF_INIT(BUF_UNBOUNDED);
    json *blobs = json_get(b->in, "blobs");
    if (init(b, &l)) {
        choose(&l, blobs);
        begin(b, &l, &xml);
        buf_adds(&xml, "<Blobs>");
        for (size_t i = 0; i < l.names.len; i++) {
            const json *blob = json_get(blobs, l.names.v[i]);
            if (blob) {
                add_blob(&xml, &l, l.names.v[i], blob);
                continue;
            }
            buf_adds(&xml, "<BlobPrefix>");
            blob_xml(&xml, "Name", l.names.v[i]);
            buf_adds(&xml, "</BlobPrefix>");
        }
        buf_adds(&xml, "</Blobs>");
        end(b, &l, &xml);
    }
    release(&l);
}
