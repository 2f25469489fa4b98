#include <string.h>

#include "pkg/api/api.h"
#include "pkg/api/model.h"
#include "pkg/api/object.h"
#include "pkg/base/mem.h"

/* What all steps of one conversion share. */
struct outward {
    uint32_t version;
    const struct api_sealer *sealer; /* NULL: a reply */
};

static int convert_object(const struct outward *o, const struct api_type *t, const json *in,
                          json *out, struct error **err);

static int convert_secret(const struct outward *o, const json *in, json **ret, struct error **err)
{
    cleanup_secret struct secret *plain = NULL;
    const char *sealed = json_str(in);
    if (!o->sealer || !sealed || !*sealed)
        return 0;
    if (o->sealer->open(o->sealer->arg, sealed, &plain, err) < 0)
        return -1;
    size_t len = 0;
    const char *text = secret_reveal(plain, &len);
    *ret = json_new_str_n(text, len);
    return 0;
}

static int convert_list(const struct outward *o, const struct api_type *t, const json *in,
                        json **ret, struct error **err)
{
    cleanup_json json *list = json_new_array();
    for (size_t i = 0; i < json_len(in); i++) {
        json *entry = json_new_object();
        json_append(list, entry);
        if (convert_object(o, t, json_at(in, i), entry, err) < 0)
            return -1;
    }
    *ret = take(list);
    return 0;
}

static int convert_map(const struct outward *o, const struct api_type *t, const json *in,
                       json **ret, struct error **err)
{
    cleanup_json json *map = json_new_object();
    for (struct json_iter it = json_each(in); json_next(&it);) {
        json *entry = json_new_object();
        json_put(map, it.key, entry);
        if (convert_object(o, t, it.value, entry, err) < 0)
            return -1;
    }
    *ret = take(map);
    return 0;
}

/* *ret stays NULL for what is absent or empty. */
static int convert_scalar(const struct outward *o, const struct api_field *f, const json *in,
                          json **ret, struct error **err)
{
    int64_t number = 0;
    switch (f->kind) {
    case KIND_STR:
    case KIND_TIME:
        if (f->flags & FIELD_SECRET)
            return convert_secret(o, in, ret, err);
        if (json_str_len(in))
            *ret = json_give_copy(in);
        return 0;
    case KIND_INT:
        if ((json_int(in, &number) && number) || (f->flags & FIELD_ALWAYS))
            *ret = json_new_int(number);
        return 0;
    case KIND_BOOL:
        if (json_bool(in, false) || (f->flags & FIELD_ALWAYS))
            *ret = json_new_bool(json_bool(in, false));
        return 0;
    default: /* KIND_NUMBERED */
        (void)json_int(in, &number);
        if (number >= 0 && (uint64_t)number < f->values->len)
            *ret = json_new_str(f->values->values[number].value);
        return 0;
    }
}

static int convert_container(const struct outward *o, const struct api_field *f, const json *in,
                             json **ret, struct error **err)
{
    switch (f->kind) {
    case KIND_VALUE:
    case KIND_OPTIONAL: {
        if (f->kind == KIND_OPTIONAL && !json_is_object(in))
            return 0;
        cleanup_json json *object = json_new_object();
        if (convert_object(o, f->type, in, object, err) < 0)
            return -1;
        *ret = take(object);
        return 0;
    }
    case KIND_LIST:
        return json_len(in) ? convert_list(o, f->type, in, ret, err) : 0;
    case KIND_MAP:
        return json_len(in) ? convert_map(o, f->type, in, ret, err) : 0;
    default: /* KIND_STR_MAP, KIND_STR_LIST */
        if (json_is_array(in) == (f->kind == KIND_STR_LIST) && json_len(in))
            *ret = json_give_copy(in);
        return 0;
    }
}

static bool is_container(enum api_kind kind)
{
    return kind >= KIND_VALUE;
}

/* Old versions have no field for the workers as they are now: they show them as the workers. */
static const json *source_of(const struct outward *o, const struct api_field *f, const json *in)
{
    const json *live = json_get(in, "workerProfilesStatus");
    bool scales = o->sealer && (o->version & V_A);
    if ((f->flags & FIELD_LIVE) && (o->version & V_UPTO(V_G)) && !scales && json_len(live))
        return live;
    return json_get(in, api_field_internal(f));
}

static int convert_object(const struct outward *o, const struct api_type *t, const json *in,
                          json *out, struct error **err)
{
    const struct api_field *f;
    for (size_t i = 0; (f = api_field_next(t, o->version, &i));) {
        if (f->flags & FIELD_OUTSIDE)
            continue;
        const json *source = source_of(o, f, in);
        json *made = NULL;
        if ((is_container(f->kind) ? convert_container : convert_scalar)(o, f, source, &made, err) <
            0)
            return -1;
        if (made && o->version == V_K && json_is_object(made) && !json_len(made)) {
            json_free(made); /* this version leaves out what is empty */
            made = NULL;
        }
        if (made)
            json_put(out, f->name, made);
    }
    return 0;
}

int api_cluster_to_external(const struct api_version *v, const json *internal,
                            const struct api_sealer *sealer, json **ret, struct error **err)
{
    const struct outward o = { .version = v->bit, .sealer = sealer };
    cleanup_json json *ext = json_new_object();
    if (convert_object(&o, &cluster_type, internal, ext, err) < 0)
        return error_wrap(err, "opening the cluster's secrets");
    *ret = take(ext);
    return 0;
}

json *api_object_to_external(const struct api_type *t, const struct api_version *v,
                             const json *internal)
{
    const struct outward o = { .version = v->bit };
    json *ext = json_new_object();
    (void)convert_object(&o, t, internal, ext, NULL); /* only a sealer fails */
    return ext;
}

/* ---- what requests are decoded over ---- */

/* The members that a PUT may leave out; NULL when there are none. */
static json *give_kept(uint32_t version, const struct api_type *t, const json *base)
{
    cleanup_json json *kept = json_new_object();
    const struct api_field *f;
    for (size_t i = 0; (f = api_field_next(t, version, &i));) {
        const json *value = json_get(base, f->name);
        if (!value)
            continue;
        if (f->flags & FIELD_IN_SKELETON) {
            json_put(kept, f->name, json_give_copy(value));
        } else if (f->kind == KIND_VALUE || f->kind == KIND_OPTIONAL) {
            json *inner = give_kept(version, f->type, value);
            if (inner)
                json_put(kept, f->name, inner);
        }
    }
    return json_len(kept) ? take(kept) : NULL;
}

json *api_cluster_give_skeleton(const struct api_version *v, const json *base)
{
    json *kept = give_kept(v->bit, &cluster_type, base);
    return kept ? kept : json_new_object();
}

static void drop_read_only(uint32_t version, const struct api_type *t, json *ext)
{
    const struct api_field *f;
    for (size_t i = 0; (f = api_field_next(t, version, &i));) {
        json *value = json_get(ext, f->name);
        if (f->read_only & version)
            (void)json_del(ext, f->name);
        else if (f->kind == KIND_LIST)
            for (size_t k = 0; k < json_len(value); k++)
                drop_read_only(version, f->type, json_at(value, k));
        else if (f->kind == KIND_MAP)
            for (struct json_iter it = json_each(value); json_next(&it);)
                drop_read_only(version, f->type, it.value);
        else if (f->type)
            drop_read_only(version, f->type, value);
    }
}

void api_cluster_drop_read_only(const struct api_version *v, json *ext)
{
    drop_read_only(v->bit, &cluster_type, ext);
}
