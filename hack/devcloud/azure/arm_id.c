#include "hack/devcloud/azure/arm_id.h"

#include <string.h>

#include "pkg/base/buf.h"
#include "pkg/base/mem.h"

static bool is_word(const struct strv *s, size_t i, const char *word)
{
    return i < s->len && str_eq_nocase(s->v[i], word);
}

/* The last "providers" that a namespace follows; s->len: none. */
static size_t find_provider(const struct strv *s)
{
    for (size_t i = s->len; i-- > 0;)
        if (is_word(s, i, "providers") && i % 2 == 0 && i + 1 < s->len)
            return i;
    return s->len;
}

static char *give_scope(const struct strv *s, size_t end)
{
    struct buf b = BUF_INIT(BUF_UNBOUNDED);
    for (size_t i = 0; i < end; i++)
        buf_addf(&b, "/%s", s->v[i]);
    return buf_give(&b);
}

static void read_type(const struct strv *s, size_t at, struct arm_id *ret)
{
    struct buf type = BUF_INIT(BUF_UNBOUNDED);
    buf_adds(&type, s->v[at]);
    for (size_t i = at + 1; i < s->len; i++)
        if ((i - at) % 2 == 1)
            buf_addf(&type, "/%s", s->v[i]);
        else
            strv_add(&ret->names, s->v[i]);
    ret->provider = xstrdup(s->v[at]);
    ret->is_list = s->len > at + 1 && (s->len - at) % 2 == 0;
    ret->type = buf_give(&type);
}

bool arm_id_init(const char *path, struct arm_id *ret)
{
    cleanup_strv struct strv s = STRV_INIT;
    strv_split(&s, path, "/", false);
    *ret = (struct arm_id){ 0 };
    size_t at = find_provider(&s);
    if (!is_word(&s, 0, "subscriptions") && !is_word(&s, 0, "providers") &&
        !is_word(&s, 0, "tenants"))
        return false;
    ret->key = str_give_lower(path);
    if (is_word(&s, 0, "subscriptions") && s.len > 1)
        ret->subscription = xstrdup(s.v[1]);
    if (ret->subscription && is_word(&s, 2, "resourceGroups") && s.len > 3)
        ret->group = xstrdup(s.v[3]);
    ret->scope = give_scope(&s, at);
    if (at < s.len)
        read_type(&s, at + 1, ret);
    return true;
}

void arm_id_release(struct arm_id *id)
{
    free(id->key);
    free(id->subscription);
    free(id->group);
    free(id->scope);
    free(id->provider);
    free(id->type);
    strv_release(&id->names);
    *id = (struct arm_id){ 0 };
}

const char *arm_id_name(const struct arm_id *id)
{
    return id->is_list || id->names.len == 0 ? NULL : id->names.v[id->names.len - 1];
}

bool arm_id_is_type(const struct arm_id *id, const char *type)
{
    return str_eq_nocase(id->type, type);
}

char *arm_id_give_parent(const char *path)
{
    cleanup_strv struct strv s = STRV_INIT;
    strv_split(&s, path, "/", false);
    size_t at = find_provider(&s), depth = s.len - at; /* "providers", namespace, type, name, ... */
    if (at == s.len || depth < 5)
        return NULL;
    return give_scope(&s, depth % 2 == 0 ? s.len - 2 : s.len - 1);
}
