/*
 * Writing a request into the internal cluster. Only what differs from the base is written: the base may
 * hold live data that is not in the document and must not get there, and unknown members, values that
 * this version cannot see and sealed text stay byte for byte.
 */
#include <string.h>

#include "pkg/api/api.h"
#include "pkg/api/model.h"
#include "pkg/api/object.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

struct inward {
    uint32_t version;
    bool is_create; /* everything is new */
    const struct api_sealer *sealer;
};

static int write_object(const struct inward *w, const struct api_type *t, const json *ext,
                        const json *base, json *out, struct error **err);

static bool is_changed(const struct inward *w, const struct api_field *f, const json *ext,
                       const json *base)
{
    if (w->is_create)
        return true;
    if (json_is_zero(ext) || json_is_zero(base))
        return !json_is_zero(ext) || !json_is_zero(base);
    if (f->flags & FIELD_NO_CASE)
        return !str_eq_nocase(json_str(ext), json_str(base));
    return !json_equal(ext, base);
}

static int write_secret(const struct inward *w, const char *name, const json *value, json *out,
                        struct error **err)
{
    cleanup_free char *sealed = NULL;
    if (!w->sealer)
        return 0;
    cleanup_secret struct secret *plain = secret_new(json_str(value), json_str_len(value));
    if (w->sealer->seal(w->sealer->arg, plain, &sealed, err) < 0)
        return -1;
    json_put(out, name, json_new_str(sealed));
    return 0;
}

static int write_scalar(const struct inward *w, const struct api_field *f, const json *ext,
                        json *out, struct error **err)
{
    const char *name = api_field_internal(f);
    if (json_is_zero(ext)) {
        (void)json_del(out, name);
        return 0;
    }
    if (f->flags & FIELD_SECRET)
        return write_secret(w, name, ext, out, err);
    if (f->kind != KIND_NUMBERED) {
        json_put(out, name, json_give_copy(ext));
        return 0;
    }
    for (size_t i = 0; i < f->values->len; i++)
        if (str_eq(f->values->values[i].value, json_str(ext)))
            json_put(out, name, json_new_int((int64_t)i));
    return 0;
}

/* The member object, made when it is not there. */
static json *need_object(json *out, const char *name)
{
    json *object = json_get(out, name);
    if (!json_is_object(object)) {
        object = json_new_object();
        json_put(out, name, object);
    }
    return object;
}

static int write_value(const struct inward *w, const struct api_field *f, const json *ext,
                       const json *base, json *out, struct error **err)
{
    const char *name = api_field_internal(f);
    bool was_there = json_get(out, name) != NULL;
    if (write_object(w, f->type, ext, base, need_object(out, name), err) < 0)
        return -1;
    if (!was_there && !json_len(json_get(out, name)))
        (void)json_del(out, name);
    return 0;
}

/* Takes an optional object away; read-only members stay when the field says so. */
static void clear_optional(const struct inward *w, const struct api_field *f, json *out)
{
    json *old = json_get(out, api_field_internal(f));
    json *kept = json_new_object();
    const struct api_field *inner;
    if (f->flags & FIELD_STICKY)
        for (size_t i = 0; (inner = api_field_next(f->type, w->version, &i));)
            if ((inner->read_only & w->version) && json_get(old, inner->name))
                json_put(kept, inner->name, json_ref(json_get(old, inner->name)));
    if (json_len(kept)) {
        json_put(out, api_field_internal(f), kept);
    } else {
        json_free(kept);
        (void)json_del(out, api_field_internal(f));
    }
}

static int write_optional(const struct inward *w, const struct api_field *f, const json *ext,
                          const json *base, json *out, struct error **err)
{
    if (json_is_object(ext)) {
        json *object = need_object(out, api_field_internal(f));
        return write_object(w, f->type, ext, base, object, err);
    }
    if (w->is_create || json_is_object(base))
        clear_optional(w, f, out);
    return 0;
}

/* The entry with this name; without names, at this place. NULL when there is none. */
static json *find_entry(const struct api_type *t, const json *list, size_t place, const json *entry)
{
    const char *name = t->is_named ? json_path_str(entry, "name") : NULL;
    if (!name)
        return place < json_len(list) ? json_at(list, place) : NULL;
    for (size_t i = 0; i < json_len(list); i++)
        if (str_eq(json_path_str(json_at(list, i), "name"), name))
            return json_at(list, i);
    return NULL;
}

/* An entry of a list or map: the old one's members, and what changed. */
static int write_entry(const struct inward *w, const struct api_type *t, const json *ext,
                       const json *base, const json *old, json **ret, struct error **err)
{
    cleanup_json json *entry = json_is_object(old) ? json_give_copy(old) : json_new_object();
    struct inward inner = *w;
    inner.is_create = w->is_create || !json_is_object(old) || !json_is_object(base);
    if (write_object(&inner, t, ext, base, entry, err) < 0)
        return -1;
    *ret = take(entry);
    return 0;
}

static int write_list(const struct inward *w, const struct api_field *f, const json *ext,
                      const json *base, json *out, struct error **err)
{
    const json *old = json_get(out, api_field_internal(f));
    if (!json_len(ext)) {
        (void)json_del(out, api_field_internal(f));
        return 0;
    }
    cleanup_json json *list = json_new_array();
    for (size_t i = 0; i < json_len(ext); i++) {
        const json *entry = json_at(ext, i);
        json *made = NULL;
        if (write_entry(w, f->type, entry, find_entry(f->type, base, i, entry),
                        find_entry(f->type, old, i, entry), &made, err) < 0)
            return -1;
        json_append(list, made);
    }
    json_put(out, api_field_internal(f), take(list));
    return 0;
}

/* What the service found out about an identity is not true of another one. */
static void forget_identity(const struct inward *w, const struct api_type *t, const json *ext,
                            const json *old, json *entry)
{
    const struct api_field *f;
    if (str_eq(json_path_str(ext, "resourceId"), json_path_str(old, "resourceId")))
        return;
    for (size_t i = 0; (f = api_field_next(t, w->version, &i));)
        if (f->read_only & w->version)
            (void)json_del(entry, f->name);
}

static int write_map(const struct inward *w, const struct api_field *f, const json *ext,
                     const json *base, json *out, struct error **err)
{
    const json *old = json_get(out, api_field_internal(f));
    if (!json_len(ext)) {
        (void)json_del(out, api_field_internal(f));
        return 0;
    }
    cleanup_json json *map = json_new_object();
    for (struct json_iter it = json_each(ext); json_next(&it);) {
        const json *old_entry = json_get(old, it.key);
        json *made = NULL;
        if (write_entry(w, f->type, it.value, json_get(base, it.key), old_entry, &made, err) < 0)
            return -1;
        if (f->flags & FIELD_IDENTITIES)
            forget_identity(w, f->type, it.value, old_entry, made);
        json_put(map, it.key, made);
    }
    json_put(out, api_field_internal(f), take(map));
    return 0;
}

static int write_changed(const struct inward *w, const struct api_field *f, const json *ext,
                         const json *base, json *out, struct error **err)
{
    switch (f->kind) {
    case KIND_LIST:
        return write_list(w, f, ext, base, out, err);
    case KIND_MAP:
        return write_map(w, f, ext, base, out, err);
    case KIND_STR_MAP:
    case KIND_STR_LIST:
        if (json_len(ext))
            json_put(out, api_field_internal(f), json_give_copy(ext));
        else
            (void)json_del(out, api_field_internal(f));
        return 0;
    default:
        return write_scalar(w, f, ext, out, err);
    }
}

static int write_object(const struct inward *w, const struct api_type *t, const json *ext,
                        const json *base, json *out, struct error **err)
{
    const struct api_field *f;
    for (size_t i = 0; (f = api_field_next(t, w->version, &i));) {
        const json *value = json_get(ext, f->name), *old = json_get(base, f->name);
        int rc = 0;
        if ((f->read_only & w->version) || (f->flags & FIELD_OUTSIDE))
            continue;
        if (f->kind == KIND_VALUE)
            rc = write_value(w, f, value, old, out, err);
        else if (f->kind == KIND_OPTIONAL)
            rc = write_optional(w, f, value, old, out, err);
        else if (is_changed(w, f, value, old))
            rc = write_changed(w, f, value, old, out, err);
        if (rc < 0)
            return -1;
    }
    return 0;
}

int api_cluster_to_internal(const struct api_version *v, const json *ext, const json *base,
                            json *internal, const struct api_sealer *sealer, struct error **err)
{
    const struct inward w = { .version = v->bit, .is_create = !base, .sealer = sealer };
    if (write_object(&w, &cluster_type, ext, base, internal, err) < 0)
        return error_wrap(err, "sealing the cluster's secrets");
    return 0;
}

void api_object_to_internal(const struct api_type *t, const struct api_version *v, const json *ext,
                            json *internal)
{
    const struct inward w = { .version = v->bit, .is_create = true };
    (void)write_object(&w, t, ext, NULL, internal, NULL); /* only a sealer fails */
}
