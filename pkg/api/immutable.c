#include "pkg/api/immutable.h"

#include <string.h>

#include "pkg/api/model.h"
#include "pkg/api/refuse.h"
#include "pkg/base/clock.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

/* One object of both clusters and where it is. */
struct place {
    uint32_t version;
    const char *path;
    bool compares; /* false below what may change: only read-only fields are looked for */
    struct error **err;
};

static int check_object(const struct place *p, const struct api_type *t, const json *ext,
                        const json *base);

static int refuse_change(const struct place *p, const char *path)
{
    return api_refuse(p->err, CODE_PROPERTY_CHANGE, path, "Changing property '%s' is not allowed.",
                      path);
}

static bool is_same(const struct api_field *f, const json *a, const json *b)
{
    int64_t at = 0, bt = 0;
    if (json_is_zero(a) || json_is_zero(b))
        return json_is_zero(a) && json_is_zero(b);
    if (f->kind == KIND_TIME && json_str(a) && json_str(b) &&
        time_parse_rfc3339(json_str(a), &at) && time_parse_rfc3339(json_str(b), &bt))
        return at == bt;
    if (f->flags & FIELD_NO_CASE)
        return str_eq_nocase(json_str(a), json_str(b));
    return json_equal(a, b);
}

static int check_entry(const struct place *outer, const char *path, const struct api_type *t,
                       const json *ext, const json *base)
{
    struct place p = *outer;
    p.path = path;
    return check_object(&p, t, ext, base);
}

static int check_list(const struct place *p, const struct api_field *f, const json *ext,
                      const json *base)
{
    if (p->compares &&
        (json_is_array(ext) != json_is_array(base) || json_len(ext) != json_len(base)))
        return refuse_change(p, p->path);
    for (size_t i = 0; i < json_len(ext); i++) {
        const json *entry = json_at(ext, i);
        const json *old = i < json_len(base) ? json_at(base, i) : NULL;
        const char *name = json_path_str(entry, "name");
        cleanup_free char *path = f->type->is_named && name && *name
                                      ? xasprintf("%s['%s']", p->path, name)
                                      : xasprintf("%s[%zu]", p->path, i);
        if (check_entry(p, path, f->type, entry, old) < 0)
            return -1;
    }
    return 0;
}

static int check_map(const struct place *p, const struct api_field *f, const json *ext,
                     const json *base)
{
    if (p->compares &&
        (json_is_object(ext) != json_is_object(base) || json_len(ext) != json_len(base)))
        return refuse_change(p, p->path);
    for (struct json_iter it = json_each(ext); json_next(&it);) {
        cleanup_free char *path = xasprintf("%s[\"%s\"]", p->path, it.key);
        const json *old = json_get(base, it.key);
        bool differs = f->type ? !json_has(base, it.key) : !json_equal(it.value, old);
        if (p->compares && differs)
            return refuse_change(p, path);
        if (f->type && check_entry(p, path, f->type, it.value, old) < 0)
            return -1;
    }
    return 0;
}

static int check_field(const struct place *p, const struct api_field *f, const json *ext,
                       const json *base)
{
    switch (f->kind) {
    case KIND_VALUE:
        return check_object(p, f->type, ext, base);
    case KIND_OPTIONAL:
        if (p->compares && json_is_object(ext) != json_is_object(base))
            return refuse_change(p, p->path);
        return check_object(p, f->type, ext, base);
    case KIND_LIST:
        return check_list(p, f, ext, base);
    case KIND_STR_MAP:
    case KIND_MAP:
        return check_map(p, f, ext, base);
    default:
        return p->compares && !is_same(f, ext, base) ? refuse_change(p, p->path) : 0;
    }
}

static int check_object(const struct place *p, const struct api_type *t, const json *ext,
                        const json *base)
{
    const struct api_field *f;
    for (size_t i = 0; (f = api_field_next(t, p->version, &i));) {
        cleanup_free char *path = xasprintf("%s%s%s", p->path, *p->path ? "." : "", f->name);
        const json *value = json_get(ext, f->name);
        const struct place inner = { .version = p->version,
                                     .path = path,
                                     .compares = p->compares && !(f->is_mutable & p->version),
                                     .err = p->err };
        if (f->read_only & p->version) {
            if (!json_is_zero(value))
                return refuse_change(p, path);
        } else if (check_field(&inner, f, value, json_get(base, f->name)) < 0) {
            return -1;
        }
    }
    return 0;
}

int api_immutable_check(const struct api_version *v, const json *ext, const json *base,
                        struct error **err)
{
    const struct place p = { .version = v->bit, .path = "", .compares = true, .err = err };
    return check_object(&p, &cluster_type, ext, base);
}
