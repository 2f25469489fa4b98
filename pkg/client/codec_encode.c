#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/client/codec.h"

struct encoder {
    uint32_t version;
    uint32_t skipped; /* a member that is read-only in one of these is left out */
    struct error **err;
};

static int encode_object(const struct encoder *e, const struct client_type *t, const char *from,
                         const struct client_path *at, json **ret);

static const void *get_pointer(const char *slot)
{
    const void *p;
    memcpy(&p, slot, sizeof(p));
    return p;
}

static size_t get_len(const struct client_field *f, const char *object)
{
    size_t len;
    memcpy(&len, object + f->len_offset, sizeof(len));
    return len;
}

/* ---- one value: p is what the member points to ---- */

typedef int (*encode_value)(const struct encoder *e, const struct client_field *f, const void *p,
                            size_t len, const struct client_path *at, json **ret);

static int encode_text(const struct encoder *e, const struct client_field *f, const void *p,
                       size_t len, const struct client_path *at, json **ret)
{
    (void)e;
    (void)f;
    (void)len;
    (void)at;
    *ret = json_new_str(p);
    return 0;
}

static int encode_secret(const struct encoder *e, const struct client_field *f, const void *p,
                         size_t len, const struct client_path *at, json **ret)
{
    (void)e;
    (void)f;
    (void)at;
    const char *text = secret_reveal(p, &len);
    *ret = json_new_str_n(text, len);
    return 0;
}

static int encode_inner(const struct encoder *e, const struct client_field *f, const void *p,
                        size_t len, const struct client_path *at, json **ret)
{
    (void)len;
    return encode_object(e, f->type, p, at, ret);
}

static int encode_list(const struct encoder *e, const struct client_field *f, const void *p,
                       size_t len, const struct client_path *at, json **ret)
{
    cleanup_json_wiped json *list = json_new_array();
    for (size_t i = 0; i < len; i++) {
        const struct client_path item = { .parent = at, .index = i };
        json *made = NULL;
        if (encode_object(e, f->type, (const char *)p + i * f->type->size, &item, &made) < 0)
            return -1;
        json_append(list, made);
    }
    *ret = take(list);
    return 0;
}

static int encode_map(const struct encoder *e, const struct client_field *f, const void *p,
                      size_t len, const struct client_path *at, json **ret)
{
    const struct client_entry *entries = p;
    cleanup_json_wiped json *map = json_new_object();
    for (size_t i = 0; i < len; i++) {
        const struct client_path item = { .parent = at, .index = i };
        if (!entries[i].key || !entries[i].value)
            return client_fail_at(&item, e->err, "an entry has a key and a value");
        const struct client_path entry = { .parent = at, .key = entries[i].key };
        json *made = NULL;
        if (f->kind == CLIENT_TEXT_MAP)
            made = json_new_str(entries[i].value);
        else if (encode_object(e, f->type, entries[i].value, &entry, &made) < 0)
            return -1;
        json_put(map, entries[i].key, made);
    }
    *ret = take(map);
    return 0;
}

static int encode_pointer(const struct encoder *e, const struct client_field *f, const char *object,
                          const struct client_path *at, json **ret)
{
    static const encode_value by_kind[] = {
        [CLIENT_TEXT] = encode_text,    [CLIENT_SECRET] = encode_secret,
        [CLIENT_OBJECT] = encode_inner, [CLIENT_LIST] = encode_list,
        [CLIENT_TEXT_MAP] = encode_map, [CLIENT_MAP] = encode_map,
    };
    const void *p = get_pointer(object + f->offset);
    bool has_len = f->kind >= CLIENT_LIST;
    if (p == &aro_null_mark)
        return 0;
    if (p == &aro_empty_mark && !has_len && f->kind != CLIENT_TEXT)
        return client_fail_at(at, e->err, "cannot be ARO_EMPTY");
    return by_kind[f->kind](e, f, p, has_len ? get_len(f, object) : 0, at, ret);
}

static int encode_enum(const struct encoder *e, const struct client_field *f, int value,
                       const struct client_path *at, json **ret)
{
    const char *text = client_enum_text(f->values, value);
    if (!text)
        return client_fail_at(at, e->err, "%d is no %s that can be sent", value, f->values->name);
    if (!(f->values->values[value - CLIENT_ENUM_FIRST].versions & e->version))
        return client_fail_at(at, e->err, "'%s' is no %s in this API version", text,
                              f->values->name);
    *ret = json_new_str(text);
    return 0;
}

/* ---- objects ---- */

static int get_enum(const char *slot)
{
    int value;
    memcpy(&value, slot, sizeof(value));
    return value;
}

static struct aro_int get_int(const char *slot)
{
    struct aro_int value;
    memcpy(&value, slot, sizeof(value));
    return value;
}

static bool is_set(const struct client_field *f, const char *object)
{
    const char *slot = object + f->offset;
    return f->kind == CLIENT_ENUM  ? get_enum(slot) != 0
           : f->kind == CLIENT_INT ? get_int(slot).is_set
                                   : get_pointer(slot) != NULL;
}

/* Of a member that is set. *ret stays NULL for null. */
static int encode_member(const struct encoder *e, const struct client_field *f, const char *object,
                         const struct client_path *at, json **ret)
{
    if (!(f->versions & e->version))
        return client_fail_at(at, e->err, "this API version has no such member");
    if (f->kind == CLIENT_ENUM)
        return encode_enum(e, f, get_enum(object + f->offset), at, ret);
    if (f->kind != CLIENT_INT)
        return encode_pointer(e, f, object, at, ret);
    *ret = json_new_int(get_int(object + f->offset).value);
    return 0;
}

static int encode_object(const struct encoder *e, const struct client_type *t, const char *from,
                         const struct client_path *at, json **ret)
{
    cleanup_json_wiped json *object = json_new_object();
    for (size_t i = 0; i < t->len; i++) {
        const struct client_field *f = &t->fields[i];
        const struct client_path inner = { .parent = at, .name = f->name };
        json *value = NULL;
        if (!is_set(f, from) || (f->read_only & e->skipped))
            continue;
        if (encode_member(e, f, from, &inner, &value) < 0)
            return -1;
        json_put(object, f->name, value);
    }
    *ret = take(object);
    return 0;
}

int client_encode(const struct client_type *t, uint32_t version, const void *from, json **ret,
                  struct error **err)
{
    const struct encoder e = { version, 0, err };
    return encode_object(&e, t, from, NULL, ret);
}

int client_encode_request(const struct client_type *t, uint32_t version, const void *from,
                          json **ret, struct error **err)
{
    const struct encoder e = { version, version, err };
    return encode_object(&e, t, from, NULL, ret);
}
