#include "hack/devcloud/cluster/schema_crd.h"

#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

struct making {
    struct schemas *set;
    const struct schema *object_meta;
};

static struct schema *make(const struct making *m, const json *props);

static const struct {
    const char *word;
    enum schema_type type;
} types[] = {
    { "object", SCHEMA_OBJECT }, { "array", SCHEMA_ARRAY },   { "string", SCHEMA_STRING },
    { "integer", SCHEMA_INT },   { "number", SCHEMA_NUMBER }, { "boolean", SCHEMA_BOOL },
};

static enum schema_type type_of(const json *props)
{
    const char *word = json_path_str(props, "type");
    if (json_path_bool(props, "x-kubernetes-int-or-string", false))
        return SCHEMA_INT_OR_STRING;
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (str_eq(word, types[i].word))
            return types[i].type;
    return SCHEMA_ANY;
}

/* ---- value validations ---- */

static const struct schema **make_all(const struct making *m, const json *list, size_t *ret_len)
{
    size_t n = json_len(list);
    const struct schema **all = schemas_alloc(m->set, (n + 1) * sizeof(*all));
    for (size_t i = 0; i < n; i++)
        all[i] = make(m, json_at(list, i));
    *ret_len = n;
    return all;
}

static void make_enum(const struct making *m, const json *values, struct schema_rules *rules)
{
    size_t n = json_len(values);
    rules->enum_texts = schemas_alloc(m->set, (n + 1) * sizeof(*rules->enum_texts));
    for (size_t i = 0; i < n; i++) {
        cleanup_free char *text = json_give_sorted(json_at(values, i));
        rules->enum_texts[i] = schemas_text(m->set, text);
    }
    rules->enum_len = n;
}

static void make_required(const struct making *m, const json *names, struct schema_rules *rules)
{
    size_t n = json_len(names);
    rules->required = schemas_alloc(m->set, (n + 1) * sizeof(*rules->required));
    for (size_t i = 0; i < n; i++)
        rules->required[i] = schemas_text(m->set, json_str(json_at(names, i)));
    rules->required_len = n;
}

static const struct schema_rules *make_rules(const struct making *m, const json *p)
{
    struct schema_rules *r = schemas_alloc(m->set, sizeof(*r));
    make_enum(m, json_get(p, "enum"), r);
    make_required(m, json_get(p, "required"), r);
    r->pattern = schemas_text(m->set, json_path_str(p, "pattern"));
    r->format = schemas_text(m->set, json_path_str(p, "format"));
    r->has_minimum = json_has(p, "minimum");
    r->has_maximum = json_has(p, "maximum");
    r->minimum = json_number(json_get(p, "minimum"), 0);
    r->maximum = json_number(json_get(p, "maximum"), 0);
    r->exclusive_minimum = json_path_bool(p, "exclusiveMinimum", false);
    r->exclusive_maximum = json_path_bool(p, "exclusiveMaximum", false);
    r->multiple_of = json_number(json_get(p, "multipleOf"), 0);
    r->min_length = json_path_int(p, "minLength", -1);
    r->max_length = json_path_int(p, "maxLength", -1);
    r->min_items = json_path_int(p, "minItems", -1);
    r->max_items = json_path_int(p, "maxItems", -1);
    r->min_properties = json_path_int(p, "minProperties", -1);
    r->max_properties = json_path_int(p, "maxProperties", -1);
    r->unique_items = json_path_bool(p, "uniqueItems", false);
    r->all_of = make_all(m, json_get(p, "allOf"), &r->all_of_len);
    r->any_of = make_all(m, json_get(p, "anyOf"), &r->any_of_len);
    r->one_of = make_all(m, json_get(p, "oneOf"), &r->one_of_len);
    r->not_ = json_get(p, "not") ? make(m, json_get(p, "not")) : NULL;
    return r;
}

/* ---- structure ---- */

static void make_fields(const struct making *m, const json *props, struct schema *s)
{
    const json *properties = json_get(props, "properties");
    s->fields = schemas_alloc(m->set, (json_len(properties) + 4) * sizeof(*s->fields));
    for (struct json_iter it = json_each(properties); json_next(&it);) {
        struct schema_field *f = &s->fields[s->fields_len++];
        f->name = schemas_text(m->set, it.key);
        f->schema = make(m, it.value);
        if (json_has(it.value, "default")) {
            cleanup_free char *text = json_give_text(json_get(it.value, "default"));
            f->dflt = schemas_text(m->set, text);
        }
    }
    schema_sort_fields(s);
}

/* apiVersion, kind and metadata as every object has them, in place of what the schema says. */
static void add_envelope(const struct making *m, struct schema *s)
{
    static const struct schema text = { .type = SCHEMA_STRING };
    const struct schema_field envelope[] = { { .name = "apiVersion", .schema = &text },
                                             { .name = "kind", .schema = &text },
                                             { .name = "metadata", .schema = m->object_meta } };
    for (size_t i = 0; i < ARRAY_LEN(envelope); i++) {
        const struct schema_field *old = schema_field(s, envelope[i].name);
        if (old)
            s->fields[old - s->fields] = envelope[i];
        else
            s->fields[s->fields_len++] = envelope[i];
        schema_sort_fields(s);
    }
}

static void make_list(const struct making *m, const json *props, struct schema *s)
{
    const char *kind = json_path_str(props, "x-kubernetes-list-type");
    const json *keys = json_get(props, "x-kubernetes-list-map-keys");
    s->items = json_get(props, "items") ? make(m, json_get(props, "items")) : NULL;
    s->list = str_eq(kind, "map") ? LIST_MAP : str_eq(kind, "set") ? LIST_SET : LIST_ATOMIC;
    s->keys = schemas_alloc(m->set, (json_len(keys) + 1) * sizeof(*s->keys));
    for (size_t i = 0; i < json_len(keys); i++)
        s->keys[s->keys_len++] = schemas_text(m->set, json_str(json_at(keys, i)));
}

static struct schema *make(const struct making *m, const json *props)
{
    struct schema *s = schemas_add(m->set, type_of(props));
    const json *values = json_get(props, "additionalProperties");
    s->preserve = json_path_bool(props, "x-kubernetes-preserve-unknown-fields", false);
    s->embedded = json_path_bool(props, "x-kubernetes-embedded-resource", false);
    s->nullable = json_path_bool(props, "nullable", false);
    s->atomic = str_eq(json_path_str(props, "x-kubernetes-map-type"), "atomic");
    make_fields(m, props, s);
    if (json_is_object(values))
        s->values = make(m, values);
    else if (json_bool(values, false))
        s->values = schema_any();
    make_list(m, props, s);
    s->rules = make_rules(m, props);
    if (s->embedded)
        add_envelope(m, s);
    return s;
}

const struct schema *schema_from_crd(struct schemas *set, const json *props,
                                     const struct schema *object_meta)
{
    struct making m = { set, object_meta };
    cleanup_json json *anything =
        props ? NULL : json_make("{'type':'object','x-kubernetes-preserve-unknown-fields':true}");
    struct schema *root = make(&m, props ? props : anything);
    add_envelope(&m, root);
    return root;
}

/* ---- is it structural ---- */

static void check_below(const json *props, const char *path, struct invalid *out)
{
    for (struct json_iter it = json_each(json_get(props, "properties")); json_next(&it);) {
        cleanup_free char *below = xasprintf("%s.properties[%s]", path, it.key);
        schema_check_structural(it.value, below, out);
    }
    const char *const single[] = { "items", "additionalProperties" };
    for (size_t i = 0; i < ARRAY_LEN(single); i++)
        if (json_is_object(json_get(props, single[i]))) {
            cleanup_free char *below = xasprintf("%s.%s", path, single[i]);
            schema_check_structural(json_get(props, single[i]), below, out);
        }
}

static void check_type(const json *props, const char *path, struct invalid *out)
{
    bool preserve = json_path_bool(props, "x-kubernetes-preserve-unknown-fields", false);
    bool either = json_path_bool(props, "x-kubernetes-int-or-string", false);
    const char *type = json_path_str(props, "type");
    cleanup_free char *field = xasprintf("%s.type", path);
    if (either && type) {
        invalid_forbidden(out, field, "must be empty if x-kubernetes-int-or-string is true");
    } else if (!either && !preserve && (!type || !*type)) {
        invalid_required(out, field, "must not be empty for specified object fields");
    } else if (type && type_of(props) == SCHEMA_ANY) {
        invalid_unsupported(out, field, json_get(props, "type"),
                            "\"array\", \"boolean\", \"integer\", \"number\", \"object\", "
                            "\"string\"");
    }
}

void schema_check_structural(const json *props, const char *path, struct invalid *out)
{
    check_type(props, path, out);
    if (json_is_array(json_get(props, "items"))) {
        cleanup_free char *field = xasprintf("%s.items", path);
        invalid_forbidden(out, field, "items must be a schema object and not an array");
    }
    if (str_eq(json_path_str(props, "type"), "array") && !json_get(props, "items")) {
        cleanup_free char *field = xasprintf("%s.items", path);
        invalid_required(out, field, "must be specified");
    }
    if (json_len(json_get(props, "properties")) &&
        json_is_object(json_get(props, "additionalProperties"))) {
        cleanup_free char *field = xasprintf("%s.additionalProperties", path);
        invalid_forbidden(out, field, "additionalProperties and properties are mutual exclusive");
    }
    if (json_path_bool(props, "uniqueItems", false)) {
        cleanup_free char *field = xasprintf("%s.uniqueItems", path);
        invalid_forbidden(out, field,
                          "uniqueItems cannot be set to true since the runtime "
                          "complexity becomes quadratic");
    }
    check_below(props, path, out);
}
