#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/client/arena.h"
#include "pkg/client/codec.h"

/* A decoded resource and, before it, the memory of all that it points to. */
struct root {
    struct arena arena;
    max_align_t value[];
};

struct decoder {
    struct arena *arena;
    uint32_t version;
    struct error **err;
};

static int decode_object(const struct decoder *d, const struct client_type *t, const json *from,
                         const struct client_path *at, char *to);

static int expect(const struct decoder *d, const json *value, enum json_kind kind,
                  const struct client_path *at)
{
    if (json_kind(value) == kind)
        return 0;
    return client_fail_at(at, d->err, "is of type %s, not %s", json_kind_name(json_kind(value)),
                          json_kind_name(kind));
}

/* Members are written as bytes: their types differ only in what they point to. */
static void put_pointer(char *slot, const void *p)
{
    memcpy(slot, &p, sizeof(p));
}

/* ---- one value ---- */

typedef int (*decode_value)(const struct decoder *d, const struct client_field *f,
                            const json *value, const struct client_path *at, char *object);

static int decode_text(const struct decoder *d, const struct client_field *f, const json *value,
                       const struct client_path *at, char *object)
{
    if (expect(d, value, JSON_STR, at) < 0)
        return -1;
    if (strlen(json_str(value)) != json_str_len(value))
        return client_fail_at(at, d->err, "holds a zero byte");
    put_pointer(object + f->offset,
                arena_copy_text(d->arena, json_str(value), json_str_len(value)));
    return 0;
}

static int decode_secret(const struct decoder *d, const struct client_field *f, const json *value,
                         const struct client_path *at, char *object)
{
    if (expect(d, value, JSON_STR, at) < 0)
        return -1;
    struct secret *secret = secret_new(json_str(value), json_str_len(value));
    put_pointer(object + f->offset, arena_take_secret(d->arena, secret));
    return 0;
}

static int decode_int(const struct decoder *d, const struct client_field *f, const json *value,
                      const struct client_path *at, char *object)
{
    struct aro_int got = { .is_set = true };
    if (json_kind(value) != JSON_DECIMAL && expect(d, value, JSON_INT, at) < 0)
        return -1;
    if (!json_int(value, &got.value))
        return client_fail_at(at, d->err, "%s is no integer of 64 bits", json_spelling(value));
    memcpy(object + f->offset, &got, sizeof(got));
    return 0;
}

/* A server that is newer may know more values. */
static int decode_enum(const struct decoder *d, const struct client_field *f, const json *value,
                       const struct client_path *at, char *object)
{
    int got = CLIENT_ENUM_UNKNOWN;
    if (expect(d, value, JSON_STR, at) < 0)
        return -1;
    for (size_t i = 0; i < f->values->len; i++)
        if (str_eq(f->values->values[i].text, json_str(value)))
            got = (int)i + CLIENT_ENUM_FIRST;
    memcpy(object + f->offset, &got, sizeof(got));
    return 0;
}

static int decode_inner(const struct decoder *d, const struct client_field *f, const json *value,
                        const struct client_path *at, char *object)
{
    char *inner = arena_alloc(d->arena, f->type->size);
    put_pointer(object + f->offset, inner);
    return decode_object(d, f->type, value, at, inner);
}

static int decode_list(const struct decoder *d, const struct client_field *f, const json *value,
                       const struct client_path *at, char *object)
{
    if (expect(d, value, JSON_ARRAY, at) < 0)
        return -1;
    size_t len = json_len(value);
    char *list = arena_alloc(d->arena, len * f->type->size);
    put_pointer(object + f->offset, list);
    memcpy(object + f->len_offset, &len, sizeof(len));
    for (size_t i = 0; i < len; i++) {
        const struct client_path item = { .parent = at, .index = i };
        if (decode_object(d, f->type, json_at(value, i), &item, list + i * f->type->size) < 0)
            return -1;
    }
    return 0;
}

static int decode_entry(const struct decoder *d, const struct client_field *f, const json *value,
                        const struct client_path *at, struct client_entry *to)
{
    to->key = arena_copy_text(d->arena, at->key, strlen(at->key));
    if (f->kind == CLIENT_MAP) {
        char *inner = arena_alloc(d->arena, f->type->size);
        to->value = inner;
        return decode_object(d, f->type, value, at, inner);
    }
    if (expect(d, value, JSON_STR, at) < 0)
        return -1;
    to->value = arena_copy_text(d->arena, json_str(value), json_str_len(value));
    return 0;
}

static int decode_map(const struct decoder *d, const struct client_field *f, const json *value,
                      const struct client_path *at, char *object)
{
    if (expect(d, value, JSON_OBJECT, at) < 0)
        return -1;
    size_t len = json_len(value);
    struct client_entry *map = arena_alloc(d->arena, len * sizeof(*map));
    put_pointer(object + f->offset, map);
    memcpy(object + f->len_offset, &len, sizeof(len));
    for (struct json_iter it = json_each(value); json_next(&it);) {
        const struct client_path entry = { .parent = at, .key = it.key };
        if (decode_entry(d, f, it.value, &entry, map++) < 0)
            return -1;
    }
    return 0;
}

/* ---- objects ---- */

static int decode_object(const struct decoder *d, const struct client_type *t, const json *from,
                         const struct client_path *at, char *to)
{
    static const decode_value by_kind[] = {
        [CLIENT_TEXT] = decode_text,    [CLIENT_SECRET] = decode_secret,
        [CLIENT_INT] = decode_int,      [CLIENT_ENUM] = decode_enum,
        [CLIENT_OBJECT] = decode_inner, [CLIENT_LIST] = decode_list,
        [CLIENT_TEXT_MAP] = decode_map, [CLIENT_MAP] = decode_map,
    };
    if (expect(d, from, JSON_OBJECT, at) < 0)
        return -1;
    for (size_t i = 0; i < t->len; i++) {
        const struct client_field *f = &t->fields[i];
        const json *value = f->versions & d->version ? json_get(from, f->name) : NULL;
        const struct client_path inner = { .parent = at, .name = f->name };
        if (value && by_kind[f->kind](d, f, value, &inner, to) < 0)
            return -1;
    }
    return 0;
}

void client_free(void *decoded)
{
    if (!decoded)
        return;
    struct root *root = container_of(decoded, struct root, value);
    arena_release(&root->arena);
    free(root);
}

int client_decode(const struct client_type *t, uint32_t version, const json *from, void **ret,
                  struct error **err)
{
    struct root *root = xcalloc(1, sizeof(*root) + t->size);
    const struct decoder d = { &root->arena, version, err };
    if (decode_object(&d, t, from, NULL, (char *)root->value) < 0) {
        client_free(root->value);
        return -1;
    }
    *ret = root->value;
    return 0;
}
