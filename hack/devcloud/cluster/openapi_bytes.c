#include "hack/devcloud/cluster/openapi_bytes.h"

#include <string.h>

#include "hack/devcloud/cluster/wire.h"

enum form {
    FORM_TEXT,  /* a string, or a list of strings: one field each */
    FORM_FLAG,  /* a boolean */
    FORM_VALUE, /* anything, as text */
    FORM_PART,  /* a message, or a list of messages: one field each */
    FORM_MAP    /* named messages */
};

struct message;
struct member {
    const char *key; /* of the JSON object */
    unsigned number;
    enum form form;
    const struct message *of; /* FORM_PART, FORM_MAP */
    const unsigned char
        *wrap; /* numbers of the messages around it, from the outermost; ends with 0 */
};

struct message {
    const struct member *members;
    size_t len;
    unsigned extension; /* of the "x-" members; 0: none */
};

#define MESSAGE(name, number) \
    static const struct message name = { name##_members, ARRAY_LEN(name##_members), number }

static const unsigned char one[] = { 1, 0 };
/* ParametersItem.parameter, Parameter.non_body_parameter, NonBodyParameter.query_parameter_sub_schema */
static const unsigned char query_parameter[] = { 1, 2, 3, 0 };

static const struct message schema;
static const struct member schema_members[] = {
    { "$ref", 1, FORM_TEXT, NULL, NULL },
    { "format", 2, FORM_TEXT, NULL, NULL },
    { "description", 4, FORM_TEXT, NULL, NULL },
    { "default", 5, FORM_VALUE, NULL, NULL },
    { "pattern", 13, FORM_TEXT, NULL, NULL },
    { "required", 19, FORM_TEXT, NULL, NULL },
    { "additionalProperties", 21, FORM_PART, &schema, one },
    { "type", 22, FORM_TEXT, NULL, one },
    { "items", 23, FORM_PART, &schema, one },
    { "properties", 25, FORM_MAP, &schema, one },
};
MESSAGE(schema, 31);

static const struct member parameter_members[] = {
    { "in", 2, FORM_TEXT, NULL, NULL },
    { "name", 4, FORM_TEXT, NULL, NULL },
    { "type", 6, FORM_TEXT, NULL, NULL },
    { "uniqueItems", 20, FORM_FLAG, NULL, NULL },
};
MESSAGE(parameter, 23);

static const struct member operation_members[] = {
    { "parameters", 8, FORM_PART, &parameter, query_parameter },
};
MESSAGE(operation, 13);

static const struct member path_members[] = {
    { "get", 2, FORM_PART, &operation, NULL },   { "put", 3, FORM_PART, &operation, NULL },
    { "post", 4, FORM_PART, &operation, NULL },  { "delete", 5, FORM_PART, &operation, NULL },
    { "patch", 8, FORM_PART, &operation, NULL },
};
MESSAGE(path, 10);

static const struct member info_members[] = {
    { "title", 1, FORM_TEXT, NULL, NULL },
    { "version", 2, FORM_TEXT, NULL, NULL },
};
MESSAGE(info, 7);

/* Paths.path */
static const unsigned char two[] = { 2, 0 };
static const struct member document_members[] = {
    { "swagger", 1, FORM_TEXT, NULL, NULL },
    { "info", 2, FORM_PART, &info, NULL },
    { "paths", 8, FORM_MAP, &path, two },
    { "definitions", 9, FORM_MAP, &schema, one },
};
MESSAGE(document, 16);

static void write_message(struct buf *b, const struct message *m, const json *v);

/* The bytes of a field inside the messages that stand around it. */
static void put_wrapped(struct buf *b, unsigned number, const unsigned char *wrap,
                        const struct buf *in)
{
    if (!wrap || !*wrap) {
        wire_put_bytes(b, number, in->data, in->len);
        return;
    }
    cleanup_buf struct buf inner = BUF_INIT(BUF_UNBOUNDED);
    put_wrapped(&inner, *wrap, wrap + 1, in);
    wire_put_bytes(b, number, inner.data, inner.len);
}

static void put_part(struct buf *b, const struct member *m, const json *v)
{
    cleanup_buf struct buf part = BUF_INIT(BUF_UNBOUNDED);
    if (m->form == FORM_TEXT)
        buf_adds(&part, json_str(v));
    else
        write_message(&part, m->of, v);
    put_wrapped(b, m->number, m->wrap, &part);
}

/* openapi.v2.Any, or a named one. */
static void put_any(struct buf *b, unsigned number, const char *name, const json *v)
{
    cleanup_buf struct buf text = BUF_INIT(BUF_UNBOUNDED), any = BUF_INIT(BUF_UNBOUNDED),
                           named = BUF_INIT(BUF_UNBOUNDED);
    json_write(&text, v);
    wire_put_bytes(&any, 2, text.data, text.len);
    if (name) {
        wire_put_text(&named, 1, name);
        wire_put_bytes(&named, 2, any.data, any.len);
    }
    const struct buf *out = name ? &named : &any;
    wire_put_bytes(b, number, out->data, out->len);
}

/* Every map is one message of named ones, whose number is the wrap. */
static void put_map(struct buf *b, const struct member *m, const json *v)
{
    cleanup_buf struct buf map = BUF_INIT(BUF_UNBOUNDED);
    for (struct json_iter it = json_each(v); json_next(&it);) {
        cleanup_buf struct buf part = BUF_INIT(BUF_UNBOUNDED), named = BUF_INIT(BUF_UNBOUNDED);
        write_message(&part, m->of, it.value);
        wire_put_text(&named, 1, it.key);
        wire_put_bytes(&named, 2, part.data, part.len);
        wire_put_bytes(&map, *m->wrap, named.data, named.len);
    }
    wire_put_bytes(b, m->number, map.data, map.len);
}

static void put_member(struct buf *b, const struct member *m, const json *v)
{
    if (m->form == FORM_FLAG)
        wire_put_int(b, m->number, json_bool(v, false));
    else if (m->form == FORM_VALUE)
        put_any(b, m->number, NULL, v);
    else if (m->form == FORM_MAP)
        put_map(b, m, v);
    else if (json_is_array(v))
        for (size_t i = 0; i < json_len(v); i++)
            put_part(b, m, json_at(v, i));
    else if (json_is_object(v) || json_str(v))
        put_part(b, m, v);
}

static void write_message(struct buf *b, const struct message *m, const json *v)
{
    for (size_t i = 0; i < m->len; i++)
        if (json_get(v, m->members[i].key))
            put_member(b, &m->members[i], json_get(v, m->members[i].key));
    for (struct json_iter it = json_each(v); json_next(&it);)
        if (strncmp(it.key, "x-", 2) == 0)
            put_any(b, m->extension, it.key, it.value);
}

void openapi_write_bytes(struct buf *b, const json *doc)
{
    write_message(b, &document, doc);
}
