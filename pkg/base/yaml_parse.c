#include <string.h>
#include <yaml.h>

#include "pkg/base/json_impl.h"
#include "pkg/base/mem.h"
#include "pkg/base/yaml.h"
#include "pkg/base/yaml_impl.h"

struct reader {
    yaml_parser_t parser;
    json *anchors; /* of this document: name to the finished node, which the document owns, too */
    size_t alias_cost; /* spent on copies of aliased nodes so far */
};

/* A string's bytes count as well, lest one long string be copied by many short aliases. */
#define BYTES_PER_NODE 64

static void reader_release(struct reader *r)
{
    json_free(r->anchors);
    yaml_parser_delete(&r->parser);
}
#define cleanup_reader CLEANUP_WITH(reader_release)

static void event_release(yaml_event_t *e)
{
    yaml_event_delete(e);
}
#define cleanup_event CLEANUP_WITH(event_release)

static int refuse(const yaml_event_t *e, struct error **err, const char *what, const char *detail)
{
    return error_set(err, ERR_INVALID, "YAML text: line %zu, column %zu: %s%s",
                     e->start_mark.line + 1, e->start_mark.column + 1, what, detail);
}

/* e is not initialised before, and needs no release after a failure. */
static int next_event(struct reader *r, yaml_event_t *e, struct error **err)
{
    yaml_parser_t *p = &r->parser;
    memset(e, 0, sizeof(*e));
    if (yaml_parser_parse(p, e))
        return 0;
    if (p->error == YAML_MEMORY_ERROR)
        json_die("out of memory", "libyaml");
    if (p->error == YAML_READER_ERROR)
        return error_set(err, ERR_INVALID, "YAML text: byte %zu: %s", p->problem_offset,
                         p->problem);
    return error_set(err, ERR_INVALID, "YAML text: line %zu, column %zu: %s%s%s",
                     p->problem_mark.line + 1, p->problem_mark.column + 1,
                     p->context ? p->context : "", p->context ? ": " : "", p->problem);
}

static const char *chars(const yaml_char_t *s)
{
    return (const char *)s;
}

static bool tag_is(const yaml_char_t *tag, const char *want)
{
    return strcmp(chars(tag), want) == 0;
}

/* ---- scalars ---- */

static int read_scalar(const yaml_event_t *e, json **ret, struct error **err)
{
    const char *text = chars(e->data.scalar.value);
    const yaml_char_t *tag = e->data.scalar.tag;
    size_t len = e->data.scalar.length;
    bool plain =
        !tag && e->data.scalar.plain_implicit && e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    if ((!tag && !plain) || (tag && (tag_is(tag, YAML_STR_TAG) || tag_is(tag, "!")))) {
        *ret = json_new_str_n(text, len);
        return 0;
    }

    json *value = NULL;
    enum yaml_plain type = yaml_resolve(text, len, &value);
    if (type == YAML_PLAIN_NO_JSON)
        return refuse(e, err, "JSON has no such number: ", text);
    if (type == YAML_PLAIN_STR && plain)
        value = json_new_str_n(text, len);
    enum json_kind kind = json_kind(value);
    if (plain || (tag_is(tag, YAML_NULL_TAG) && type == YAML_PLAIN_VALUE && kind == JSON_NULL) ||
        (tag_is(tag, YAML_BOOL_TAG) && kind == JSON_BOOL) ||
        (tag_is(tag, YAML_INT_TAG) && kind == JSON_INT) ||
        (tag_is(tag, YAML_FLOAT_TAG) && (kind == JSON_INT || kind == JSON_DECIMAL))) {
        *ret = value;
        return 0;
    }
    json_free(value);
    return refuse(e, err, "tag that does not fit or is not supported: ", chars(tag));
}

/* ---- aliases ---- */

/* Adds the cost of copying j; false beyond the limits. depth is that of the container round j. */
static bool add_cost(struct reader *r, const json *j, size_t depth)
{
    r->alias_cost += 1 + json_str_len(j) / BYTES_PER_NODE;
    if (r->alias_cost > YAML_ALIAS_NODES_MAX)
        return false;
    if (!json_is_array(j) && !json_is_object(j))
        return true;
    if (depth >= JSON_DEPTH_MAX)
        return false;
    for (size_t i = 0; json_is_array(j) && i < json_len(j); i++)
        if (!add_cost(r, json_at(j, i), depth + 1))
            return false;
    for (struct json_iter it = json_each(j); json_next(&it);)
        if (!add_cost(r, it.value, depth + 1))
            return false;
    return true;
}

/* A copy: two places of one tree must not change together. */
static int read_alias(struct reader *r, const yaml_event_t *e, size_t depth, json **ret,
                      struct error **err)
{
    const char *name = chars(e->data.alias.anchor);
    json *node;
    if (!json_lookup(r->anchors, name, &node))
        return refuse(e, err, "unknown anchor: ", name);
    if (!add_cost(r, node, depth))
        return refuse(e, err, "aliases expand to too many nodes, or too deeply: ", name);
    *ret = json_give_copy(node);
    return 0;
}

/* ---- collections ---- */

static int read_node(struct reader *r, const yaml_event_t *e, size_t depth, json **ret,
                     struct error **err);

static int read_sequence(struct reader *r, size_t depth, json **ret, struct error **err)
{
    cleanup_json json *array = json_new_array();
    for (;;) {
        cleanup_event yaml_event_t e;
        if (next_event(r, &e, err) < 0)
            return -1;
        if (e.type == YAML_SEQUENCE_END_EVENT)
            break;
        json *item = NULL;
        if (read_node(r, &e, depth, &item, err) < 0)
            return -1;
        json_append(array, item);
    }
    *ret = take(array);
    return 0;
}

static int read_key(struct reader *r, const yaml_event_t *e, size_t depth, char **ret,
                    struct error **err)
{
    cleanup_json json *key = NULL;
    if (e->type != YAML_SCALAR_EVENT && e->type != YAML_ALIAS_EVENT)
        return refuse(e, err, "a key must be a scalar", "");
    if (read_node(r, e, depth, &key, err) < 0)
        return -1;
    switch (json_kind(key)) {
    case JSON_STR:
        if (strlen(json_str(key)) != json_str_len(key))
            return refuse(e, err, "NUL in a key", "");
        *ret = xstrdup(json_str(key));
        return 0;
    case JSON_BOOL:
    case JSON_INT:
    case JSON_DECIMAL:
        *ret = json_give_text(key);
        return 0;
    default:
        return refuse(e, err, "a key must be a scalar other than null", "");
    }
}

static bool is_merge(const yaml_event_t *e)
{
    if (e->type != YAML_SCALAR_EVENT || strcmp(chars(e->data.scalar.value), "<<") != 0)
        return false;
    return e->data.scalar.tag ? tag_is(e->data.scalar.tag, "tag:yaml.org,2002:merge")
                              : e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
}

/* Members that the object has itself win; of several sources the first wins. */
static bool merge_from(json *object, const json *source)
{
    for (size_t i = 0; json_is_array(source) && i < json_len(source); i++)
        if (!json_is_object(json_at(source, i)) || !merge_from(object, json_at(source, i)))
            return false;
    for (struct json_iter it = json_each(source); json_next(&it);)
        if (!json_has(object, it.key))
            json_put(object, it.key, json_ref(it.value)); /* source is a copy of ours, soon gone */
    return json_is_object(source) || json_is_array(source);
}

/* One key and its value; 1 at the end of the mapping. */
static int read_member(struct reader *r, size_t depth, json *object, json **sources,
                       struct error **err)
{
    cleanup_event yaml_event_t key_event;
    if (next_event(r, &key_event, err) < 0)
        return -1;
    if (key_event.type == YAML_MAPPING_END_EVENT)
        return 1;

    cleanup_free char *key = NULL;
    bool merge = is_merge(&key_event);
    if (!merge && read_key(r, &key_event, depth, &key, err) < 0)
        return -1;
    if (merge ? *sources != NULL : json_has(object, key))
        return refuse(&key_event, err, "duplicate key: ", merge ? "<<" : key);

    cleanup_event yaml_event_t value_event;
    cleanup_json json *value = NULL;
    if (next_event(r, &value_event, err) < 0 || read_node(r, &value_event, depth, &value, err) < 0)
        return -1;
    if (!merge) {
        json_put(object, key, take(value));
        return 0;
    }
    cleanup_json json *probe = json_new_object();
    if (!merge_from(probe, value))
        return refuse(&value_event, err, "only mappings can be merged", "");
    *sources = take(value);
    return 0;
}

static int read_mapping(struct reader *r, size_t depth, json **ret, struct error **err)
{
    cleanup_json json *object = json_new_object(), *sources = NULL;
    int end;
    do
        end = read_member(r, depth, object, &sources, err);
    while (end == 0);
    if (end < 0)
        return -1;
    if (sources)
        (void)merge_from(object, sources);
    *ret = take(object);
    return 0;
}

/* depth is that of the container round the node. */
static int read_collection(struct reader *r, const yaml_event_t *e, size_t depth, json **ret,
                           struct error **err)
{
    bool mapping = e->type == YAML_MAPPING_START_EVENT;
    const yaml_char_t *tag = mapping ? e->data.mapping_start.tag : e->data.sequence_start.tag;
    if (tag && !tag_is(tag, mapping ? YAML_MAP_TAG : YAML_SEQ_TAG) && !tag_is(tag, "!"))
        return refuse(e, err, "tag that does not fit or is not supported: ", chars(tag));
    if (depth >= JSON_DEPTH_MAX)
        return refuse(e, err, "nested too deeply", "");
    return mapping ? read_mapping(r, depth + 1, ret, err) : read_sequence(r, depth + 1, ret, err);
}

static int read_node(struct reader *r, const yaml_event_t *e, size_t depth, json **ret,
                     struct error **err)
{
    const yaml_char_t *anchor = NULL;
    switch (e->type) {
    case YAML_ALIAS_EVENT:
        return read_alias(r, e, depth, ret, err);
    case YAML_SCALAR_EVENT:
        anchor = e->data.scalar.anchor;
        if (read_scalar(e, ret, err) < 0)
            return -1;
        break;
    case YAML_SEQUENCE_START_EVENT:
    case YAML_MAPPING_START_EVENT:
        anchor = e->type == YAML_MAPPING_START_EVENT ? e->data.mapping_start.anchor
                                                     : e->data.sequence_start.anchor;
        if (read_collection(r, e, depth, ret, err) < 0)
            return -1;
        break;
    default:
        return refuse(e, err, "unexpected event", "");
    }
    /* Only now: an alias inside its own anchor must find nothing. */
    if (anchor)
        json_put(r->anchors, chars(anchor), json_ref(*ret));
    return 0;
}

/* ---- documents ---- */

/* 1: *ret is a document (may be NULL: null); 0: the stream ended. */
static int read_document(struct reader *r, json **ret, struct error **err)
{
    for (;;) {
        cleanup_event yaml_event_t e;
        if (next_event(r, &e, err) < 0)
            return -1;
        switch (e.type) {
        case YAML_STREAM_START_EVENT:
        case YAML_DOCUMENT_END_EVENT:
            continue;
        case YAML_DOCUMENT_START_EVENT:
            json_free(r->anchors);
            r->anchors = json_new_object();
            continue;
        case YAML_STREAM_END_EVENT:
            return 0;
        default:
            return read_node(r, &e, 0, ret, err) < 0 ? -1 : 1;
        }
    }
}

/* What is JSON is read as JSON: surrogate pairs, long keys and some characters are no YAML. */
static bool read_json(const char *text, size_t len, json **ret)
{
    size_t i = 0;
    while (i < len && (text[i] == ' ' || text[i] == '\n' || text[i] == '\r' || text[i] == '\t'))
        i++;
    return i < len && (text[i] == '{' || text[i] == '[') &&
           json_parse_unique(text, len, ret, NULL) == 0;
}

static int read_stream(const char *text, size_t len, json *documents, struct error **err)
{
    json *document = NULL;
    if (read_json(text, len, &document)) {
        json_append(documents, document);
        return 0;
    }

    cleanup_reader struct reader r = { 0 };
    if (!yaml_parser_initialize(&r.parser))
        json_die("out of memory", "libyaml");
    yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&r.parser, (const unsigned char *)text, len);
    int more;
    while ((more = read_document(&r, &document, err)) > 0)
        if (document)
            json_append(documents, take(document));
    return more;
}

int yaml_parse_all(const char *text, size_t len, json **ret, struct error **err)
{
    cleanup_json json *documents = json_new_array();
    if (read_stream(text, len, documents, err) < 0)
        return -1;
    *ret = take(documents);
    return 0;
}

int yaml_parse(const char *text, size_t len, json **ret, struct error **err)
{
    cleanup_json json *documents = json_new_array();
    if (read_stream(text, len, documents, err) < 0)
        return -1;
    if (json_len(documents) > 1)
        return error_set(err, ERR_INVALID, "YAML text: one document is expected, not %zu",
                         json_len(documents));
    *ret = json_ref(json_at(documents, 0));
    return 0;
}
