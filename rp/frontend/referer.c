#include "rp/frontend/referer.h"

#include <string.h>

#include "pkg/base/buf.h"
#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

/* Where the path begins: behind scheme and authority. Behind that, "://" is text like any other. */
static size_t path_at(const char *url)
{
    size_t at = strcspn(url, "/?#");
    if (at == 0 || url[at - 1] != ':' || !str_starts(url + at, "//"))
        return at;
    return at + 2 + strcspn(url + at + 2, "/?#");
}

char *referer_give_with_path(const char *referer, const char *path)
{
    size_t at = path_at(referer);
    size_t query = at + strcspn(referer + at, "?#");
    size_t query_len = referer[query] == '?' ? strcspn(referer + query, "#") : 0;
    return xasprintf("%.*s%s%.*s", (int)at, referer, path, (int)query_len, referer + query);
}

static bool is_parameter(const char *part, const char *name)
{
    cleanup_free char *raw = xstrndup(part, strcspn(part, "="));
    cleanup_free char *decoded = NULL;
    return str_eq(percent_parse(raw, &decoded) ? decoded : raw, name);
}

char *referer_give_with_parameter(const char *referer, const char *name, const char *value)
{
    size_t query = strcspn(referer, "?#");
    cleanup_buf struct buf out = BUF_INIT(BUF_UNBOUNDED);
    cleanup_strv struct strv parts = STRV_INIT;
    cleanup_free char *escaped_name = percent_give_keeping(name, "$");
    cleanup_free char *escaped = percent_give(value);

    buf_add(&out, referer, query);
    if (referer[query] == '?') {
        cleanup_free char *raw = xstrndup(referer + query + 1, strcspn(referer + query + 1, "#"));
        strv_split(&parts, raw, "&", false);
    }
    buf_addc(&out, '?');
    for (size_t i = 0; i < parts.len; i++)
        if (!is_parameter(parts.v[i], name))
            buf_addf(&out, "%s&", parts.v[i]);
    buf_addf(&out, "%s=%s", escaped_name, escaped);
    return buf_give(&out);
}
