#include "pkg/kube/strategic.h"

#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

/* A value's place in what is known of its kind. */
struct at {
    const struct strategic_schema *schema;
    const void *node;
};

static int merge_map(struct at at, json *live, const json *patch, json **ret, struct error **err);

static struct at at_key(struct at at, const char *key)
{
    return (struct at){ at.schema, at.schema->at_key(at.schema, at.node, key) };
}

static struct strategic_way way_of(struct at at)
{
    return at.schema->way_of(at.schema, at.node);
}

/* ---- items of lists ---- */

static const json *key_of(const json *item, const char *key)
{
    return key ? json_get(item, key) : item;
}

/* The place of an item with the same key (or value); the length when absent. */
size_t strategic_index_of(const json *list, const json *item, const char *key)
{
    size_t i = 0, n = json_len(list);
    while (i < n && !json_equal(key_of(json_at(list, i), key), key_of(item, key)))
        i++;
    return i;
}

static bool contains(const json *list, const json *item, const char *key)
{
    return strategic_index_of(list, item, key) < json_len(list);
}

/* Items of list in the order in which `order` names them. */
static json *give_ordered(const json *list, const json *order, const char *key)
{
    json *out = json_new_array();
    for (size_t i = 0; i < json_len(order); i++)
        for (size_t k = 0; k < json_len(list); k++)
            if (json_equal(key_of(json_at(list, k), key), key_of(json_at(order, i), key)) &&
                strategic_index_of(order, json_at(order, i), key) == i)
                json_append(out, json_give_copy(json_at(list, k)));
    return out;
}

/*
 * Merged items that the patch names follow the patch's order, the others the live one; where the two
 * meet, the live order decides and otherwise the patch goes first.
 */
static json *give_interleaved(const json *merged, const json *patch_order, const json *live,
                              const char *key)
{
    cleanup_json json *others = json_new_array();
    cleanup_json json *named = give_ordered(merged, patch_order, key);
    for (size_t i = 0; i < json_len(merged); i++)
        if (!contains(patch_order, json_at(merged, i), key))
            json_append(others, json_give_copy(json_at(merged, i)));
    cleanup_json json *left = give_ordered(others, live, key);

    json *out = json_new_array();
    size_t i = 0, j = 0, n = json_len(live);
    while (i < json_len(left) || j < json_len(named)) {
        bool use_left = j >= json_len(named);
        if (!use_left && i < json_len(left)) {
            size_t l = strategic_index_of(live, json_at(left, i), key);
            size_t r = strategic_index_of(live, json_at(named, j), key);
            use_left = l < n && r < n && l < r;
        }
        json_append(out, json_give_copy(use_left ? json_at(left, i++) : json_at(named, j++)));
    }
    return out;
}

static json *give_without(const json *list, const json *gone)
{
    json *out = json_new_array();
    for (size_t i = 0; i < json_len(list); i++)
        if (!contains(gone, json_at(list, i), NULL))
            json_append(out, json_give_copy(json_at(list, i)));
    return out;
}

/* Takes items with directives out of the patch: deletions act on live, replace empties it. */
static int obey_item_directives(json *live, json *patch, const char *key, bool *ret_replaced,
                                struct error **err)
{
    for (size_t i = 0; i < json_len(patch);) {
        const char *directive = json_path_str(json_at(patch, i), STRATEGIC_DIRECTIVE);
        if (!directive) {
            i++;
            continue;
        }
        if (strcmp(directive, "replace") == 0) {
            *ret_replaced = true;
        } else if (strcmp(directive, "delete") == 0) {
            if (!json_get(json_at(patch, i), key))
                return error_set(err, ERR_INTERNAL, "delete patch type with no merge key defined");
            size_t at;
            while ((at = strategic_index_of(live, json_at(patch, i), key)) < json_len(live))
                json_remove_at(live, at);
        } else {
            return error_set(err, ERR_INTERNAL, "unknown patch type: %s", directive);
        }
        json_remove_at(patch, i);
    }
    return 0;
}

static int merge_items(struct at list, json *live, const json *patch, struct error **err)
{
    const char *key = way_of(list).merge_key;
    struct at of_item = { list.schema, list.schema->item_of(list.schema, list.node) };
    for (size_t i = 0; i < json_len(patch); i++) {
        const json *item = json_at(patch, i);
        if (!json_get(item, key)) {
            cleanup_free char *text = json_give_text(item);
            return error_set(err, ERR_INTERNAL, "map: %s does not contain declared merge key: %s",
                             text, key);
        }
        size_t i_live = strategic_index_of(live, item, key);
        if (i_live == json_len(live)) {
            json_append(live, json_give_copy(item));
            continue;
        }
        json *merged = NULL;
        if (merge_map(of_item, json_at(live, i_live), item, &merged, err) < 0)
            return -1;
        json_replace_at(live, i_live, merged);
    }
    return 0;
}

/* order: of $setElementOrder; NULL: the patch's own. */
static int merge_list(struct at list, const json *live, const json *patch, const json *order,
                      json **ret, struct error **err)
{
    struct strategic_way way = way_of(list);
    if (!way.merges) {
        *ret = json_give_copy(patch);
        return 0;
    }
    cleanup_json json *merged = json_give_copy(live), *items = json_give_copy(patch);
    bool replaced = false;
    if (way.merge_key) {
        if (obey_item_directives(merged, items, way.merge_key, &replaced, err) < 0)
            return -1;
        if (replaced) {
            *ret = take(items);
            return 0;
        }
        if (merge_items(list, merged, items, err) < 0)
            return -1;
    } else {
        for (size_t i = 0; i < json_len(items); i++)
            if (!contains(merged, json_at(items, i), NULL))
                json_append(merged, json_give_copy(json_at(items, i)));
    }
    *ret = give_interleaved(merged, order ? order : items, live, way.merge_key);
    return 0;
}

/* ---- maps ---- */

static int retain_keys(json *live, json *patch, struct error **err)
{
    cleanup_json json *keys = json_give_copy(json_get(patch, STRATEGIC_RETAIN_KEYS));
    if (!json_del(patch, STRATEGIC_RETAIN_KEYS))
        return 0;
    if (!json_is_array(keys))
        return error_set(err, ERR_INVALID, "invalid patch format of retainKeys");
    for (struct json_iter it = json_each(patch); json_next(&it);) {
        cleanup_json json *key = json_new_str(it.key);
        if (it.key[0] != '$' && !contains(keys, key, NULL))
            return error_set(err, ERR_INVALID, "invalid patch format of retainKeys");
    }
    for (struct json_iter it = json_each(live); json_next(&it);) {
        cleanup_json json *key = json_new_str(it.key);
        if (!contains(keys, key, NULL))
            json_del(live, it.key);
    }
    return 0;
}

/* Lists with an order of their own: merged and taken out of the patch. */
static int merge_ordered(struct at at, json *live, json *patch, struct error **err)
{
    for (struct json_iter it = json_each(patch); json_next(&it);) {
        if (!str_starts(it.key, STRATEGIC_SET_ORDER))
            continue;
        cleanup_free char *name = xstrdup(it.key + strlen(STRATEGIC_SET_ORDER));
        cleanup_json json *order = json_give_copy(it.value);
        struct at list = at_key(at, name);
        const json *old = json_get(live, name), *items = json_get(patch, name);
        if (!json_is_array(old) && !json_is_array(items))
            continue;
        cleanup_json json *nothing = json_new_array();
        cleanup_free char *gone_key = xasprintf(STRATEGIC_DELETE_FROM "%s", name);
        cleanup_json json *kept =
            give_without(json_is_array(old) ? old : nothing, json_get(patch, gone_key));
        json *merged = NULL;
        if (merge_list(list, kept, json_is_array(items) ? items : nothing, order, &merged, err) < 0)
            return -1;
        json_put(live, name, merged);
    }
    return 0;
}

static bool is_done(const json *patch, const char *key)
{
    cleanup_free char *order = xasprintf(STRATEGIC_SET_ORDER "%s", key);
    return json_is_array(json_get(patch, order)) &&
           (json_is_array(json_get(patch, key)) || !json_has(patch, key));
}

static int merge_key(struct at of_map, json *live, const json *patch, const char *key,
                     const json *value, struct error **err)
{
    struct at at = at_key(of_map, key);
    const json *old = json_get(live, key);
    json *merged = NULL;
    if (!value) {
        json_del(live, key);
        return 0;
    }
    if (is_done(patch, key))
        return 0;
    if (old && json_is_object(old) && json_is_object(value)) {
        if (merge_map(at, json_get(live, key), value, &merged, err) < 0)
            return -1;
    } else if (old && json_is_array(old) && json_is_array(value)) {
        if (merge_list(at, old, value, NULL, &merged, err) < 0)
            return -1;
    } else {
        merged = json_give_copy(value);
    }
    json_put(live, key, merged);
    return 0;
}

static void delete_from(json *live, const char *key, const json *gone)
{
    const json *old = json_get(live, key);
    if (json_is_array(old))
        json_put(live, key, give_without(old, gone));
}

/* live is changed on the way; the result is a new tree. */
static int merge_map(struct at at, json *live, const json *patch, json **ret, struct error **err)
{
    const char *directive = json_path_str(patch, STRATEGIC_DIRECTIVE);
    cleanup_json json *todo = json_give_copy(patch);
    if (directive) {
        json_del(todo, STRATEGIC_DIRECTIVE);
        if (strcmp(directive, "replace") == 0)
            *ret = take(todo);
        else if (strcmp(directive, "delete") == 0)
            *ret = json_new_object();
        else if (strcmp(directive, "merge") != 0)
            return error_set(err, ERR_INTERNAL, "unknown patch type: %s", directive);
        if (strcmp(directive, "merge") != 0)
            return 0;
    }
    cleanup_json json *out = json_give_copy(live);
    if (retain_keys(out, todo, err) < 0 || merge_ordered(at, out, todo, err) < 0)
        return -1;
    for (struct json_iter it = json_each(todo); json_next(&it);) {
        if (str_starts(it.key, STRATEGIC_SET_ORDER))
            continue;
        if (str_starts(it.key, STRATEGIC_DELETE_FROM)) {
            delete_from(out, it.key + strlen(STRATEGIC_DELETE_FROM), it.value);
            continue;
        }
        if (merge_key(at, out, todo, it.key, it.value, err) < 0)
            return -1;
    }
    *ret = take(out);
    return 0;
}

int strategic_apply(const struct strategic_schema *s, const void *node, const json *live,
                    const json *patch, json **ret, struct error **err)
{
    cleanup_json json *start = json_give_copy(live);
    return merge_map((struct at){ s, node }, start, patch, ret, err);
}
