#include <string.h>

#include "pkg/azure/azure.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

/* Value of the segment that follows a keyword, letter case ignored; NULL when absent. */
static const char *after(const struct strv *segments, const char *keyword)
{
    for (size_t i = 0; i + 1 < segments->len; i += 2)
        if (str_eq_nocase(segments->v[i], keyword))
            return segments->v[i + 1];
    return NULL;
}

/* /subscriptions/S[/resourceGroups/G[/providers/NS/type/name[/type/name...]]] */
static bool has_shape(const struct strv *s)
{
    if (s->len < 2 || s->len % 2 || !str_eq_nocase(s->v[0], "subscriptions"))
        return false;
    if (s->len >= 4 && !str_eq_nocase(s->v[2], "resourceGroups"))
        return false;
    if (s->len >= 6 && (!str_eq_nocase(s->v[4], "providers") || s->len < 8))
        return false;
    for (size_t i = 0; i < s->len; i++)
        if (!*s->v[i])
            return false;
    return true;
}

int arm_id_parse(const char *id, struct arm_id *ret, struct error **err)
{
    cleanup_strv struct strv s = STRV_INIT;
    if (!id || id[0] != '/')
        return error_set(err, ERR_INVALID,
                         "'%s' is not a resource ID: it does not begin with a slash", id ? id : "");
    strv_split(&s, id + 1, "/", true);
    if (!has_shape(&s))
        return error_set(err, ERR_INVALID,
                         "'%s' is not a resource ID: it should read "
                         "/subscriptions/ID/resourceGroups/GROUP/providers/NAMESPACE/TYPE/NAME",
                         id);
    *ret = (struct arm_id){
        .subscription_id = xstrdup(s.v[1]),
        .resource_group = xstrdup(after(&s, "resourceGroups")),
        .provider = s.len >= 8 ? xstrdup(s.v[5]) : NULL,
        .type = s.len >= 8 ? xstrdup(s.v[s.len - 2]) : NULL,
        .name = s.len >= 8 ? xstrdup(s.v[s.len - 1]) : NULL,
    };
    return 0;
}

void arm_id_release(struct arm_id *id)
{
    free(id->subscription_id);
    free(id->resource_group);
    free(id->provider);
    free(id->type);
    free(id->name);
    *id = (struct arm_id){ 0 };
}

char *arm_id_give_parent(const char *id)
{
    const char *name = strrchr(id, '/');
    if (!name || name == id)
        return xstrdup("");
    const char *type = memrchr(id, '/', (size_t)(name - id));
    return type ? xstrndup(id, (size_t)(type - id)) : xstrdup("");
}

const char *arm_id_last(const char *id)
{
    const char *slash = id ? strrchr(id, '/') : NULL;
    return slash ? slash + 1 : id;
}

json *arm_find_named(const json *list, const char *name)
{
    for (size_t i = 0; i < json_len(list); i++)
        if (str_eq_nocase(json_path_str(json_at(list, i), "name"), name))
            return json_at(list, i);
    return NULL;
}
