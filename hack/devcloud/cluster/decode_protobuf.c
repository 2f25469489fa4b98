#include "hack/devcloud/cluster/decode_protobuf.h"

#include <string.h>

#include "hack/devcloud/cluster/builtin.h"
#include "hack/devcloud/cluster/wire.h"
#include "pkg/base/clock.h"
#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define MAGIC "k8s"  /* and the NUL behind it */
#define DEPTH_MAX 64 /* of messages in messages */

struct span { /* borrowed */
    const char *data;
    size_t len;
};

/* ---- the table ---- */

static int compare_types(const void *key, const void *row)
{
    return strcmp(key, ((const struct builtin_numbers *)row)->type);
}

static const char *find_fields(const char *type)
{
    const struct builtin_numbers *row =
        type ? bsearch(type, builtin_numbers, builtin_numbers_len, sizeof(*row), compare_types)
             : NULL;
    return row ? row->fields : NULL;
}

/* The name that has the number among " NAME=NUMBER ... "; NULL: none. Owned by the caller. */
static char *give_name(const char *fields, unsigned number)
{
    cleanup_free char *what = xasprintf("=%u ", number);
    const char *end = strstr(fields, what), *begin = end;
    if (!end)
        return NULL;
    while (begin[-1] != ' ')
        begin--;
    return xasprintf("%.*s", (int)(end - begin), begin);
}

/* ---- values ---- */

static int read_message(const char *fields, const struct schema *s, struct span in, int depth,
                        json *out, struct error **err);
static int read_value(const struct schema *s, const struct wire_field *f, int depth, json **ret,
                      struct error **err);

static int fail(struct error **err, const char *what)
{
    return error_set(err, ERR_INVALID, "broken protobuf: %s", what);
}

/* The field of that number (the last one), absent: all zero. */
static int find_field(struct span in, unsigned number, struct wire_field *ret, struct error **err)
{
    struct wire_reader r = wire_read(in.data, in.len);
    struct wire_field f;
    int rc;
    *ret = (struct wire_field){ .data = "" };
    while ((rc = wire_next(&r, &f, err)) > 0)
        if (f.number == number)
            *ret = f;
    if (!ret->data)
        ret->data = "";
    return rc;
}

/* meta.v1.Time and MicroTime: seconds and nanoseconds. The zero time is none. */
static int read_time(struct span in, json **ret, struct error **err)
{
    struct wire_field s, ns;
    char text[TIME_TEXT_MAX];
    if (find_field(in, 1, &s, err) < 0 || find_field(in, 2, &ns, err) < 0)
        return -1;
    if (s.v >= INT64_MAX / NS_PER_S || ns.v >= NS_PER_S)
        return fail(err, "a time out of range");
    if (!s.v && !ns.v)
        return 0;
    (ns.v ? time_rfc3339_micro : time_rfc3339)((int64_t)s.v * NS_PER_S + (int64_t)ns.v, text);
    *ret = json_new_str(text);
    return 0;
}

static int read_text(struct span in, json **ret, struct error **err)
{
    if (!utf8_is_valid(in.data, in.len))
        return fail(err, "a text that is not UTF-8");
    *ret = json_new_str_n(in.data, in.len);
    return 0;
}

static int read_int_or_string(struct span in, json **ret, struct error **err)
{
    struct wire_field type, number, text;
    if (find_field(in, 1, &type, err) < 0 || find_field(in, 2, &number, err) < 0 ||
        find_field(in, 3, &text, err) < 0)
        return -1;
    if (type.v)
        return read_text((struct span){ text.data, text.len }, ret, err);
    *ret = json_new_int((int64_t)number.v);
    return 0;
}

/* RawExtension, FieldsV1: JSON inside. */
static int read_raw(struct span in, json **ret, struct error **err)
{
    struct wire_field raw;
    if (find_field(in, 1, &raw, err) < 0)
        return -1;
    return raw.len ? json_parse(raw.data, raw.len, ret, err) : 0;
}

static int read_quantity(struct span in, json **ret, struct error **err)
{
    struct wire_field text;
    if (find_field(in, 1, &text, err) < 0)
        return -1;
    return read_text((struct span){ text.data, text.len }, ret, err);
}

static int read_object(const struct schema *s, struct span in, int depth, json **ret,
                       struct error **err)
{
    const char *fields = find_fields(s->name);
    cleanup_json json *object = json_new_object();
    if (fields && read_message(fields, s, in, depth, object, err) < 0)
        return -1;
    *ret = take(object);
    return 0;
}

static int read_bytes(const struct schema *s, struct span in, int depth, json **ret,
                      struct error **err)
{
    cleanup_free char *text = NULL;
    switch (s->type) {
    case SCHEMA_STRING:
        return read_text(in, ret, err);
    case SCHEMA_BYTES:
        text = base64_give(in.data, in.len);
        *ret = json_new_str(text);
        return 0;
    case SCHEMA_TIME:
        return read_time(in, ret, err);
    case SCHEMA_QUANTITY:
        return read_quantity(in, ret, err);
    case SCHEMA_INT_OR_STRING:
        return read_int_or_string(in, ret, err);
    case SCHEMA_ANY:
        return read_raw(in, ret, err);
    case SCHEMA_OBJECT:
        return read_object(s, in, depth, ret, err);
    default:
        return fail(err, "bytes where a number is expected");
    }
}

/* A list that is the value of a map is a message of its own. */
static int read_list(const struct schema *s, struct span in, int depth, json **ret,
                     struct error **err)
{
    cleanup_json json *list = json_new_array();
    struct wire_reader r = wire_read(in.data, in.len);
    struct wire_field f;
    int rc;
    while ((rc = wire_next(&r, &f, err)) > 0) {
        json *item = NULL;
        if (read_value(s->items, &f, depth, &item, err) < 0)
            return -1;
        if (item)
            json_append(list, item);
    }
    *ret = rc == 0 ? take(list) : NULL;
    return rc;
}

/* *ret stays NULL for what JSON has no value for. */
static int read_value(const struct schema *s, const struct wire_field *f, int depth, json **ret,
                      struct error **err)
{
    if (!s || depth > DEPTH_MAX)
        return fail(err, "messages too deep");
    if (f->type == WIRE_BYTES) {
        struct span in = { f->data, f->len };
        return s->type == SCHEMA_ARRAY ? read_list(s, in, depth, ret, err)
                                       : read_bytes(s, in, depth, ret, err);
    }
    if (f->type == WIRE_VARINT && s->type == SCHEMA_BOOL)
        *ret = json_new_bool(f->v != 0);
    else if (f->type == WIRE_VARINT && s->type == SCHEMA_INT)
        *ret = json_new_int((int64_t)f->v);
    else
        return fail(err, "a number where none is expected");
    return 0;
}

/* ---- messages ---- */

static json *member(json *out, const char *name, json *(*give)(void))
{
    if (!json_get(out, name))
        json_put(out, name, give());
    return json_get(out, name);
}

static int read_entry(const struct schema *s, const struct wire_field *f, int depth, json *map,
                      struct error **err)
{
    struct span in = { f->data, f->len };
    struct wire_field key, value;
    json *v = NULL;
    if (f->type != WIRE_BYTES)
        return fail(err, "a number where a map is expected");
    if (find_field(in, 1, &key, err) < 0 || find_field(in, 2, &value, err) < 0)
        return -1;
    if (value.number == 0) /* an empty one is not written */
        value.type = WIRE_BYTES;
    if (memchr(key.data, '\0', key.len) || !utf8_is_valid(key.data, key.len))
        return fail(err, "a key that is no text");
    if (read_value(s->values, &value, depth + 1, &v, err) < 0)
        return -1;
    cleanup_free char *name = xasprintf("%.*s", (int)key.len, key.data);
    json_put(map, name, v);
    return 0;
}

static int read_field(const struct schema *s, const char *name, const struct wire_field *f,
                      int depth, json *out, struct error **err)
{
    const struct schema_field *field = schema_field(s, name);
    json *value = NULL;
    if (*name == '+') {
        const char *fields = find_fields(name + 1);
        struct span in = { f->data, f->len };
        return fields && f->type == WIRE_BYTES && depth < DEPTH_MAX
                   ? read_message(fields, s, in, depth + 1, out, err)
                   : fail(err, name);
    }
    if (!field)
        return 0;
    if (field->schema->type == SCHEMA_OBJECT && field->schema->values)
        return read_entry(field->schema, f, depth, member(out, name, json_new_object), err);
    if (field->schema->type == SCHEMA_ARRAY) {
        if (read_value(field->schema->items, f, depth + 1, &value, err) < 0)
            return -1;
        json_append(member(out, name, json_new_array), value);
        return 0;
    }
    if (read_value(field->schema, f, depth + 1, &value, err) < 0)
        return error_wrap(err, "%s", name);
    if (value)
        json_put(out, name, value);
    return 0;
}

static int read_message(const char *fields, const struct schema *s, struct span in, int depth,
                        json *out, struct error **err)
{
    struct wire_reader r = wire_read(in.data, in.len);
    struct wire_field f;
    int rc;
    while ((rc = wire_next(&r, &f, err)) > 0) {
        cleanup_free char *name = give_name(fields, f.number);
        if (name && read_field(s, name, &f, depth, out, err) < 0)
            return -1;
    }
    return rc;
}

/* ---- the envelope ---- */

/* "rbac.v1.Role" for rbac.authorization.k8s.io/v1, Role. */
static char *give_type(const char *api_version, const char *kind)
{
    const char *slash = strchr(api_version, '/');
    if (strcmp(kind, "DeleteOptions") == 0)
        return xasprintf("meta.v1.%s", kind);
    return slash ? xasprintf("%.*s.%s.%s", (int)strcspn(api_version, "./"), api_version, slash + 1,
                             kind)
                 : xasprintf("core.%s.%s", api_version, kind);
}

static int read_texts(struct span in, char **ret_version, char **ret_kind, struct error **err)
{
    struct wire_field version, kind;
    if (find_field(in, 1, &version, err) < 0 || find_field(in, 2, &kind, err) < 0)
        return -1;
    *ret_version = xasprintf("%.*s", (int)version.len, version.data);
    *ret_kind = xasprintf("%.*s", (int)kind.len, kind.data);
    return 0;
}

int decode_protobuf(const struct catalog *catalog, const char *body, size_t len, json **ret,
                    struct error **err)
{
    cleanup_free char *version = NULL, *kind = NULL;
    struct wire_field type, raw;
    if (len < sizeof(MAGIC) || memcmp(body, MAGIC, sizeof(MAGIC)) != 0)
        return error_set(err, ERR_INVALID,
                         "provided data does not appear to be a protobuf message");
    struct span in = { body + sizeof(MAGIC), len - sizeof(MAGIC) };
    if (find_field(in, 1, &type, err) < 0 || find_field(in, 2, &raw, err) < 0 ||
        read_texts((struct span){ type.data, type.len }, &version, &kind, err) < 0)
        return -1;
    cleanup_free char *name = give_type(version, kind);
    const struct schema *schema = catalog_type(catalog, name);
    const char *fields = find_fields(name);
    if (!schema || !fields)
        return error_set(err, ERR_UNSUPPORTED, "there is no protobuf of %s %s", version, kind);
    cleanup_json json *object = json_new_object();
    if (read_message(fields, schema, (struct span){ raw.data, raw.len }, 0, object, err) < 0)
        return -1;
    json_put(object, "apiVersion", json_new_str(version));
    json_put(object, "kind", json_new_str(kind));
    *ret = take(object);
    return 0;
}
