#include "hack/devcloud/cluster/typed.h"

#include <string.h>

#include "hack/devcloud/cluster/schema_fill.h"
#include "pkg/base/mem.h"

/* Absent and null are different. */
struct value {
    bool present;
    const json *v;
};

static struct value value_of(const json *v)
{
    return (struct value){ .present = true, .v = v };
}

/* Where a value stands: the elements from the innermost. */
struct place {
    const struct place *up;
    const char *element;
};

static struct fieldset *node_at(struct fieldset *root, const struct place *place)
{
    return place ? fieldset_make(node_at(root, place->up), place->element) : root;
}

static void insert(struct fieldset *root, const struct place *place)
{
    node_at(root, place)->member = true;
}

/* ---- shapes ---- */

enum shape { SHAPE_LEAF, SHAPE_MAP, SHAPE_LIST };

static bool is_filled(struct value a, bool (*is_kind)(const json *))
{
    return a.present && is_kind(a.v) && json_len(a.v) > 0;
}

static bool may_be(struct value a, bool (*is_kind)(const json *))
{
    return !a.present || !a.v || is_kind(a.v);
}

/* How two values are walked together. Two empty ones are a leaf, so that empty and null differ. */
static enum shape shape_of(const struct schema *schema, struct value a, struct value b)
{
    bool maps = (is_filled(a, json_is_object) || is_filled(b, json_is_object)) &&
                may_be(a, json_is_object) && may_be(b, json_is_object);
    if (maps && !schema->atomic)
        return SHAPE_MAP;
    bool lists = (is_filled(a, json_is_array) || is_filled(b, json_is_array)) &&
                 may_be(a, json_is_array) && may_be(b, json_is_array);
    return lists && schema->list != LIST_ATOMIC ? SHAPE_LIST : SHAPE_LEAF;
}

static const struct schema *at_key(const struct schema *schema, const char *key)
{
    const struct schema *at = schema_at_key(schema, key);
    return at ? at : schema_any();
}

static const struct schema *items_of(const struct schema *list)
{
    return list->items ? list->items : schema_any();
}

char *typed_give_element(const struct schema *list, const json *item)
{
    if (list->list == LIST_SET) {
        cleanup_free char *text = json_give_text(item);
        return xasprintf("v:%s", text);
    }
    cleanup_json json *keys = json_new_object();
    for (size_t i = 0; i < list->keys_len; i++) {
        const json *value = json_get(item, list->keys[i]);
        const struct schema_field *field = schema_field(items_of(list), list->keys[i]);
        if (value)
            json_put(keys, list->keys[i], json_give_copy(value));
        else if (field && field->dflt && !field->always)
            json_put(keys, list->keys[i], schema_give_default(field));
    }
    if (!json_is_object(item) || json_len(keys) == 0)
        return NULL;
    cleanup_free char *text = json_give_sorted(keys);
    return xasprintf("k:%s", text);
}

/* The item of a list with that element; index in *ret_index. */
static bool find_item(const struct schema *list, const json *items, const char *element,
                      size_t *ret_index)
{
    for (size_t i = 0; i < json_len(items); i++) {
        cleanup_free char *other = typed_give_element(list, json_at(items, i));
        if (str_eq(other, element)) {
            *ret_index = i;
            return true;
        }
    }
    return false;
}

static struct value member(const json *object, const char *key)
{
    return (struct value){ .present = json_has(object, key), .v = json_get(object, key) };
}

/* ---- the fields of a value ---- */

static int collect(const struct schema *schema, const json *v, const struct place *place,
                   struct fieldset *out, struct error **err);

static int collect_map(const struct schema *schema, const json *v, const struct place *up,
                       struct fieldset *out, struct error **err)
{
    for (struct json_iter it = json_each(v); json_next(&it);) {
        cleanup_free char *element = xasprintf("f:%s", it.key);
        struct place place = { .up = up, .element = element };
        if (collect(at_key(schema, it.key), it.value, &place, out, err) < 0)
            return -1;
        if (!schema_field(schema, it.key))
            insert(out, &place);
    }
    return 0;
}

static int collect_list(const struct schema *schema, const json *v, const struct place *up,
                        struct fieldset *out, struct error **err)
{
    for (size_t i = 0; i < json_len(v); i++) {
        cleanup_free char *element = typed_give_element(schema, json_at(v, i));
        if (!element)
            return error_set(err, ERR_INVALID,
                             "element %zu: associative list with keys has an "
                             "element that omits key field \"%s\"",
                             i, schema->keys[0]);
        struct place place = { .up = up, .element = element };
        struct fieldset *node = node_at(out, &place);
        if (node->member)
            return error_set(err, ERR_INVALID, "duplicate entries for key [%s]", element + 2);
        node->member = true;
        if (schema->list == LIST_MAP &&
            collect(items_of(schema), json_at(v, i), &place, out, err) < 0)
            return -1;
    }
    return 0;
}

/* An empty or null container that would be walked if it held something sets no field of its own. */
static bool is_hollow(const struct schema *schema, const json *v)
{
    bool object = json_is_object(v) || (!v && schema->type == SCHEMA_OBJECT);
    bool array = json_is_array(v) || (!v && schema->type == SCHEMA_ARRAY);
    return (object && !schema->atomic) || (array && schema->list != LIST_ATOMIC);
}

static int collect(const struct schema *schema, const json *v, const struct place *place,
                   struct fieldset *out, struct error **err)
{
    struct value none = { .present = false };
    switch (shape_of(schema, value_of(v), none)) {
    case SHAPE_MAP:
        return collect_map(schema, v, place, out, err);
    case SHAPE_LIST:
        return collect_list(schema, v, place, out, err);
    default:
        if (place && !is_hollow(schema, v))
            insert(out, place);
        return 0;
    }
}

int typed_give_fields(const struct schema *schema, const json *value, struct fieldset **ret,
                      struct error **err)
{
    cleanup_fieldset struct fieldset *out = fieldset_new();
    if (collect(schema, value, NULL, out, err) < 0)
        return -1;
    *ret = take(out);
    return 0;
}

/* ---- comparing ---- */

void typed_diff_init(struct typed_diff *d)
{
    d->added = fieldset_new();
    d->modified = fieldset_new();
    d->removed = fieldset_new();
}

void typed_diff_release(struct typed_diff *d)
{
    fieldset_free(d->added);
    fieldset_free(d->modified);
    fieldset_free(d->removed);
}

bool typed_diff_is_empty(const struct typed_diff *d)
{
    return fieldset_is_empty(d->added) && fieldset_is_empty(d->modified) &&
           fieldset_is_empty(d->removed);
}

static void compare(const struct schema *schema, struct value a, struct value b,
                    const struct place *place, struct typed_diff *d);

static void compare_key(const struct schema *schema, struct value a, struct value b,
                        const char *key, const struct place *up, struct typed_diff *d)
{
    cleanup_free char *element = xasprintf("f:%s", key);
    struct place place = { .up = up, .element = element };
    compare(at_key(schema, key), member(a.v, key), member(b.v, key), &place, d);
}

static void compare_maps(const struct schema *schema, struct value a, struct value b,
                         const struct place *place, struct typed_diff *d)
{
    for (struct json_iter it = json_each(a.v); json_next(&it);)
        compare_key(schema, a, b, it.key, place, d);
    for (struct json_iter it = json_each(b.v); json_next(&it);)
        if (!json_has(a.v, it.key))
            compare_key(schema, a, b, it.key, place, d);
}

static void compare_lists(const struct schema *schema, struct value a, struct value b,
                          const struct place *up, struct typed_diff *d)
{
    struct value none = { .present = false };
    size_t at;
    for (size_t i = 0; i < json_len(a.v); i++) {
        cleanup_free char *element = typed_give_element(schema, json_at(a.v, i));
        struct place place = { .up = up, .element = element };
        if (element)
            compare(items_of(schema), value_of(json_at(a.v, i)),
                    find_item(schema, b.v, element, &at) ? value_of(json_at(b.v, at)) : none,
                    &place, d);
    }
    for (size_t i = 0; i < json_len(b.v); i++) {
        cleanup_free char *element = typed_give_element(schema, json_at(b.v, i));
        struct place place = { .up = up, .element = element };
        if (element && !find_item(schema, a.v, element, &at))
            compare(items_of(schema), none, value_of(json_at(b.v, i)), &place, d);
    }
}

static void compare(const struct schema *schema, struct value a, struct value b,
                    const struct place *place, struct typed_diff *d)
{
    enum shape shape = shape_of(schema, a, b);
    if (shape == SHAPE_MAP)
        compare_maps(schema, a, b, place, d);
    else if (shape == SHAPE_LIST)
        compare_lists(schema, a, b, place, d);
    if (!place)
        return;
    if (!a.present)
        insert(d->added, place);
    else if (!b.present)
        insert(d->removed, place);
    else if (shape == SHAPE_LEAF && !json_equal(a.v, b.v))
        insert(d->modified, place);
}

void typed_compare(const struct schema *schema, const json *before, const json *after,
                   struct typed_diff *ret)
{
    compare(schema, value_of(before), value_of(after), NULL, ret);
}

/* ---- merging ---- */

static json *merge(const struct schema *schema, struct value live, struct value config);

static json *merge_maps(const struct schema *schema, const json *live, const json *config)
{
    json *out = json_new_object();
    for (struct json_iter it = json_each(live); json_next(&it);)
        json_put(out, it.key,
                 merge(at_key(schema, it.key), value_of(it.value), member(config, it.key)));
    for (struct json_iter it = json_each(config); json_next(&it);)
        if (!json_has(live, it.key))
            json_put(out, it.key, json_give_copy(it.value));
    return out;
}

static json *merge_lists(const struct schema *schema, const json *live, const json *config)
{
    json *out = json_new_array();
    struct value none = { .present = false };
    size_t at;
    for (size_t i = 0; i < json_len(live); i++) {
        cleanup_free char *element = typed_give_element(schema, json_at(live, i));
        bool both = element && find_item(schema, config, element, &at);
        json_append(out, merge(items_of(schema), value_of(json_at(live, i)),
                               both ? value_of(json_at(config, at)) : none));
    }
    for (size_t i = 0; i < json_len(config); i++) {
        cleanup_free char *element = typed_give_element(schema, json_at(config, i));
        if (!element || !find_item(schema, live, element, &at))
            json_append(out, json_give_copy(json_at(config, i)));
    }
    return out;
}

static json *merge(const struct schema *schema, struct value live, struct value config)
{
    if (!config.present)
        return json_give_copy(live.v);
    switch (shape_of(schema, live, config)) {
    case SHAPE_MAP:
        return merge_maps(schema, live.v, config.v);
    case SHAPE_LIST:
        return merge_lists(schema, live.v, config.v);
    default:
        return json_give_copy(config.v);
    }
}

json *typed_give_merged(const struct schema *schema, const json *live, const json *config)
{
    return merge(schema, value_of(live), value_of(config));
}

/* ---- cutting ---- */

static json *cut_map(const struct schema *schema, const json *v, const struct fieldset *gone)
{
    json *out = json_new_object();
    for (struct json_iter it = json_each(v); json_next(&it);) {
        cleanup_free char *element = xasprintf("f:%s", it.key);
        const struct fieldset *node = fieldset_find(gone, element);
        if (node && node->member)
            continue;
        json_put(out, it.key, typed_give_without(at_key(schema, it.key), it.value, node));
    }
    return out;
}

static json *cut_list(const struct schema *schema, const json *v, const struct fieldset *gone)
{
    json *out = json_new_array();
    for (size_t i = 0; i < json_len(v); i++) {
        cleanup_free char *element = typed_give_element(schema, json_at(v, i));
        const struct fieldset *node = element ? fieldset_find(gone, element) : NULL;
        if (node && node->member)
            continue;
        json_append(out, typed_give_without(items_of(schema), json_at(v, i), node));
    }
    return out;
}

json *typed_give_without(const struct schema *schema, const json *value,
                         const struct fieldset *gone)
{
    struct value none = { .present = false };
    if (!gone || fieldset_is_empty(gone))
        return json_give_copy(value);
    enum shape shape = shape_of(schema, value_of(value), none);
    if (shape == SHAPE_LEAF)
        return json_give_copy(value);
    json *out = shape == SHAPE_MAP ? cut_map(schema, value, gone) : cut_list(schema, value, gone);
    if (json_len(out) > 0)
        return out;
    json_free(out); /* a container that lost all becomes null */
    return NULL;
}
