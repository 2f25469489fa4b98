#include "hack/devcloud/cluster/schema_fill.h"

#include <string.h>

#include "pkg/base/mem.h"

json *schema_give_default(const struct schema_field *field)
{
    json *value = NULL;
    if (field->dflt)
        (void)json_parse(field->dflt, strlen(field->dflt), &value, NULL);
    return value;
}

enum fill_mode { FILL_ALL, FILL_CUSTOM, FILL_BLANK };

/* To the server's own types an empty text is an absent one. */
static bool is_given(const struct schema_field *f, const json *object, enum fill_mode mode)
{
    const json *v = json_get(object, f->name);
    bool text = f->schema->type == SCHEMA_STRING;
    return mode == FILL_ALL && text && json_str(v) ? json_str_len(v) > 0 : v != NULL;
}

static void fill(const struct schema *schema, json *value, enum fill_mode mode)
{
    if (!schema || !value || (schema->name && mode == FILL_CUSTOM))
        return;
    if (json_is_array(value)) {
        for (size_t i = 0; schema->items && i < json_len(value); i++)
            fill(schema->items, json_at(value, i), mode);
        return;
    }
    if (!json_is_object(value))
        return;
    for (size_t i = 0; i < schema->fields_len; i++) {
        const struct schema_field *f = &schema->fields[i];
        if (!f->dflt || is_given(f, value, mode) || (!f->always && mode == FILL_BLANK))
            continue;
        if (json_has(value, f->name) && f->schema->nullable)
            continue; /* an explicit null stays */
        json_put(value, f->name, schema_give_default(f));
    }
    for (struct json_iter it = json_each(value); json_next(&it);)
        fill(schema_at_key(schema, it.key), it.value, mode);
}

void schema_fill(const struct schema *schema, json *value)
{
    fill(schema, value, FILL_ALL);
}

void schema_fill_custom(const struct schema *schema, json *value)
{
    fill(schema, value, FILL_CUSTOM);
}

void schema_fill_blank(const struct schema *schema, json *value)
{
    fill(schema, value, FILL_BLANK);
}

/* ---- nulls ---- */

static json *give_zero(const struct schema *schema)
{
    switch (schema->type) {
    case SCHEMA_OBJECT:
        return schema_is_map(schema) ? NULL : json_new_object();
    case SCHEMA_STRING:
    case SCHEMA_BYTES:
        return json_new_str("");
    case SCHEMA_QUANTITY:
        return json_new_str("0");
    case SCHEMA_INT:
    case SCHEMA_NUMBER:
    case SCHEMA_INT_OR_STRING:
        return json_new_int(0);
    case SCHEMA_BOOL:
        return json_new_bool(false);
    default:
        return NULL;
    }
}

void schema_zero_nulls(const struct schema *schema, json *value)
{
    for (size_t i = 0; schema && schema->items && json_is_array(value) && i < json_len(value);
         i++) {
        if (!json_at(value, i))
            json_replace_at(value, i, give_zero(schema->items));
        schema_zero_nulls(schema->items, json_at(value, i));
    }
    for (struct json_iter it = json_each(value); schema && json_next(&it);) {
        const struct schema *at = schema_at_key(schema, it.key);
        if (!it.value && at && !schema_field(schema, it.key))
            json_put(value, it.key, give_zero(at));
        schema_zero_nulls(at, json_get(value, it.key));
    }
}

/* ---- pruning ---- */

/* The path so far, a list from the innermost. */
struct place {
    const struct place *up;
    const char *key; /* NULL: index */
    size_t index;
};

static void add_place(struct buf *b, const struct place *p)
{
    if (!p)
        return;
    add_place(b, p->up);
    if (p->key)
        buf_addf(b, "%s%s", b->len ? "." : "", p->key);
    else
        buf_addf(b, "[%zu]", p->index);
}

static void note(struct strv *dropped, const struct place *place)
{
    if (!dropped)
        return;
    cleanup_buf struct buf b = BUF_INIT(BUF_UNBOUNDED);
    add_place(&b, place);
    strv_take(dropped, buf_give(&b));
}

/* Nulls stay where the schema says so, and where nothing is known. */
static bool keeps_null(const struct schema *schema)
{
    return schema->nullable || schema->type == SCHEMA_ANY || schema->preserve;
}

static bool is_envelope(const char *key)
{
    return strcmp(key, "apiVersion") == 0 || strcmp(key, "kind") == 0 ||
           strcmp(key, "metadata") == 0;
}

static void prune(const struct schema *schema, json *value, const struct place *up,
                  struct strv *dropped)
{
    if (!schema || !value || schema->type == SCHEMA_ANY)
        return;
    if (json_is_array(value)) {
        for (size_t i = 0; schema->items && i < json_len(value); i++) {
            struct place place = { .up = up, .index = i };
            prune(schema->items, json_at(value, i), &place, dropped);
        }
        return;
    }
    for (struct json_iter it = json_each(value); json_next(&it);) {
        struct place place = { .up = up, .key = it.key };
        const struct schema *at = schema_at_key(schema, it.key);
        if (!at && schema->embedded && is_envelope(it.key))
            continue;
        if (!at) {
            note(dropped, &place);
            json_del(value, it.key);
        } else if (!it.value && !keeps_null(at)) {
            json_del(value, it.key);
        } else {
            prune(at, it.value, &place, dropped);
        }
    }
}

void schema_prune(const struct schema *schema, json *value, struct strv *dropped)
{
    prune(schema, value, NULL, dropped);
}

/* ---- tidying ---- */

static bool is_empty(const struct schema *schema, const json *value)
{
    switch (json_kind(value)) {
    case JSON_STR:
        return json_str_len(value) == 0;
    case JSON_ARRAY:
        return json_len(value) == 0;
    case JSON_OBJECT:
        return json_len(value) == 0 && schema_is_map(schema);
    default:
        return false;
    }
}

static bool is_zero(const json *value)
{
    int64_t n;
    return (json_kind(value) == JSON_BOOL && !json_bool(value, true)) ||
           (json_int(value, &n) && n == 0);
}

static bool is_left_out(const struct schema_field *f, const json *value)
{
    if (!value)
        return !f->always && f->schema->type != SCHEMA_ANY;
    if (f->always)
        return false;
    return (f->omit_empty && is_empty(f->schema, value)) || (f->omit_zero && is_zero(value));
}

void schema_tidy(const struct schema *schema, json *value)
{
    if (!schema || !value)
        return;
    if (json_is_array(value)) {
        for (size_t i = 0; schema->items && i < json_len(value); i++)
            schema_tidy(schema->items, json_at(value, i));
        return;
    }
    for (struct json_iter it = json_each(value); json_next(&it);) {
        const struct schema_field *f = schema_field(schema, it.key);
        if (f && is_left_out(f, it.value)) {
            json_del(value, it.key);
            continue;
        }
        const struct schema *at = schema_at_key(schema, it.key);
        if (at && at->type == SCHEMA_QUANTITY && json_spelling(it.value)) {
            json_put(value, it.key, json_new_str(json_spelling(it.value)));
            continue;
        }
        schema_tidy(at, it.value);
    }
}
