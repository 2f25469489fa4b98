/* What both directions share. */
#include "pkg/client/codec.h"

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

const char aro_null_mark, aro_empty_mark;

const char *client_enum_text(const struct client_enum *e, int value)
{
    size_t i = (size_t)value - CLIENT_ENUM_FIRST;
    return value >= CLIENT_ENUM_FIRST && i < e->len ? e->values[i].text : NULL;
}

static void add_path(struct buf *b, const struct client_path *path)
{
    if (!path)
        return;
    add_path(b, path->parent);
    if (path->key)
        buf_addf(b, "[\"%s\"]", path->key);
    else if (path->name)
        buf_addf(b, "%s%s", b->len ? "." : "", path->name);
    else
        buf_addf(b, "[%zu]", path->index);
}

int client_fail_at(const struct client_path *path, struct error **err, const char *fmt, ...)
{
    cleanup_buf struct buf where = BUF_INIT(BUF_UNBOUNDED);
    add_path(&where, path);
    va_list ap;
    va_start(ap, fmt);
    cleanup_free char *what = xvasprintf(fmt, ap);
    va_end(ap);
    error_set(err, ERR_INVALID, "%s%s%s", buf_str(&where), where.len ? ": " : "", what);
    if (where.len)
        error_target(err, buf_str(&where));
    return -1;
}

/* ---- text ---- */

int client_version_find(const char *name, const struct api_version **ret, struct error **err)
{
    const struct api_version *found = NULL;
    for (size_t i = 0; i < api_versions_len; i++)
        if ((api_versions[i].bit & V_PUBLIC) && (!name || str_eq(api_versions[i].name, name)))
            found = &api_versions[i];
    if (!found)
        return error_set(err, ERR_INVALID, "'%s' is no API version", name);
    *ret = found;
    return 0;
}

int client_decode_text(const struct client_type *t, const char *version, const char *text,
                       size_t len, void **ret, struct error **err)
{
    const struct api_version *v = NULL;
    cleanup_json_wiped json *tree = NULL;
    if (client_version_find(version, &v, err) < 0 || json_parse_object(text, len, &tree, err) < 0)
        return -1;
    return client_decode(t, v->bit, tree, ret, err);
}

int client_encode_text(const struct client_type *t, const char *version, const void *from,
                       char **ret, struct error **err)
{
    const struct api_version *v = NULL;
    cleanup_json_wiped json *tree = NULL;
    if (client_version_find(version, &v, err) < 0 || client_encode(t, v->bit, from, &tree, err) < 0)
        return -1;
    *ret = json_give_text(tree);
    return 0;
}
