#include "pkg/api/resource_id.h"

#include <ctype.h>
#include <string.h>

#include "pkg/base/buf.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

/* subscriptions/S/resourceGroups/G[/providers/NS/TYPE/NAME[/TYPE/NAME...]] */
static bool has_shape(const struct strv *s)
{
    if (s->len != 4 && (s->len < 8 || s->len % 2))
        return false;
    for (size_t i = 0; i < s->len; i++)
        if (!*s->v[i])
            return false;
    return str_eq_nocase(s->v[0], "subscriptions") && str_eq_nocase(s->v[2], "resourceGroups") &&
           (s->len == 4 || str_eq_nocase(s->v[4], "providers"));
}

static char *give_type(const struct strv *s)
{
    cleanup_buf struct buf type = BUF_INIT(RESOURCE_ID_MAX);
    for (size_t i = 6; i < s->len; i += 2)
        buf_addf(&type, "%s%s", i > 6 ? "/" : "", s->v[i]);
    return xstrdup(buf_str(&type));
}

int resource_id_parse(const char *text, struct resource_id *ret, struct error **err)
{
    cleanup_strv struct strv s = STRV_INIT;
    if (!text || text[0] != '/' || strlen(text) > RESOURCE_ID_MAX)
        return error_set(err, ERR_INVALID,
                         "not a resource ID: it must begin with a slash and have at most %d bytes",
                         RESOURCE_ID_MAX);
    strv_split(&s, text + 1, "/", true);
    if (!has_shape(&s))
        return error_set(err, ERR_INVALID,
                         "'%s' is not a resource ID: it should read "
                         "/subscriptions/ID/resourceGroups/GROUP/providers/NAMESPACE/TYPE/NAME",
                         text);
    bool resource = s.len >= 8;
    *ret = (struct resource_id){
        .subscription_id = xstrdup(s.v[1]),
        .resource_group = xstrdup(s.v[3]),
        .provider = resource ? xstrdup(s.v[5]) : NULL,
        .type = resource ? give_type(&s) : NULL,
        .name = resource ? xstrdup(s.v[s.len - 1]) : NULL,
        .parent_name = s.len > 8 ? xstrdup(s.v[7]) : NULL,
    };
    return 0;
}

void resource_id_release(struct resource_id *id)
{
    free(id->subscription_id);
    free(id->resource_group);
    free(id->provider);
    free(id->type);
    free(id->name);
    free(id->parent_name);
    *id = (struct resource_id){ 0 };
}

bool resource_id_is_type(const struct resource_id *id, const char *provider, const char *type)
{
    return str_eq_nocase(id->provider, provider) && str_eq_nocase(id->type, type);
}

char *resource_id_give_parent(const char *text)
{
    cleanup_strv struct strv s = STRV_INIT;
    cleanup_buf struct buf parent = BUF_INIT(BUF_UNBOUNDED);
    if (*text == '/')
        text++;
    strv_split(&s, text, "/", true);
    /* The parent of a resource that is not nested is its group: the provider goes, too. */
    size_t keep = s.len > 8 ? s.len - 2 : s.len == 8 ? 4 : 0;
    for (size_t i = 0; i < keep; i++)
        buf_addf(&parent, "/%s", s.v[i]);
    return buf_give(&parent);
}

bool uuid_is_valid(const char *text)
{
    if (!text || strlen(text) != 36)
        return false;
    for (size_t i = 0; i < 36; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text[i] != '-' : !isxdigit((unsigned char)text[i]))
            return false;
    }
    return true;
}
