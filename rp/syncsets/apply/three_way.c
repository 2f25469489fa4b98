/*
 * One walk for both kinds of patch: a JSON merge patch is a strategic one of a kind of which nothing is known.
 *
 * A value is settled when applying modified over current, with original's leftovers removed, leaves current as it is. For
 * objects and merged lists the patch holds what is not settled; other lists go as a whole when one of their items is not.
 */
#include "rp/syncsets/apply/three_way.h"

#include <string.h>

#include "pkg/base/mem.h"

/* A place in the three trees. original is NULL where it has nothing of modified's type. */
struct place {
    const struct strategic_schema *schema; /* NULL: JSON merge patch */
    const void *node;
    const json *original, *modified, *current;
};

static json *diff_objects(const struct place *p);

static struct strategic_way way_of(const struct place *p)
{
    return p->schema ? p->schema->way_of(p->schema, p->node) : (struct strategic_way){ 0 };
}

static struct place below(const struct place *p, const char *key)
{
    return (struct place){ .schema = p->schema,
                           .node = p->schema ? p->schema->at_key(p->schema, p->node, key) : NULL,
                           .original = json_get(p->original, key),
                           .modified = json_get(p->modified, key),
                           .current = json_get(p->current, key) };
}

static struct place item(const struct place *list, const json *original, const json *modified,
                         const json *current)
{
    const void *node =
        list->schema && list->node ? list->schema->item_of(list->schema, list->node) : NULL;
    return (struct place){ list->schema, node, original, modified, current };
}

/* ---- lists that are replaced ---- */

static bool is_settled(const struct place *p);

/* Item by item, so that what the server filled in makes no difference. */
static bool is_list_settled(const struct place *p)
{
    size_t n = json_len(p->modified);
    if (json_len(p->current) != n)
        return false;
    bool paired = json_is_array(p->original) && json_len(p->original) == n;
    for (size_t i = 0; i < n; i++) {
        struct place at = item(p, paired ? json_at(p->original, i) : NULL, json_at(p->modified, i),
                               json_at(p->current, i));
        if (!is_settled(&at))
            return false;
    }
    return true;
}

static bool is_settled(const struct place *p)
{
    if (json_is_object(p->modified) && json_is_object(p->current)) {
        struct place whole = *p;
        whole.schema =
            NULL; /* whether there is a difference does not depend on how it is written */
        cleanup_json json *patch = diff_objects(&whole);
        return patch == NULL;
    }
    if (json_is_array(p->modified) && json_is_array(p->current))
        return is_list_settled(p);
    return json_equal(p->modified, p->current);
}

/* ---- lists that are merged ---- */

static const json *key_of(const json *one, const char *key)
{
    return key ? json_get(one, key) : one;
}

static bool has_unique_keys(const json *list, const char *key)
{
    for (size_t i = 0; i < json_len(list); i++)
        if (!key_of(json_at(list, i), key) || strategic_index_of(list, json_at(list, i), key) != i)
            return false;
    return true;
}

static const json *find(const json *list, const json *one, const char *key)
{
    return json_is_array(list) ? json_at(list, strategic_index_of(list, one, key)) : NULL;
}

static json *give_key_alone(const json *one, const char *key)
{
    if (!key)
        return json_give_copy(one);
    json *alone = json_new_object();
    json_put(alone, key, json_give_copy(json_get(one, key)));
    return alone;
}

/* Whether the wanted items stand in current in their order, whatever is between them. */
static bool is_in_order(const struct place *p, const char *key)
{
    size_t before = 0, n = json_len(p->current);
    for (size_t i = 0; i < json_len(p->modified); i++) {
        size_t at = strategic_index_of(p->current, json_at(p->modified, i), key);
        if (at < n && at < before)
            return false;
        before = at < n ? at : before;
    }
    return true;
}

static json *diff_items(const struct place *p, const char *key)
{
    json *changes = json_new_array();
    for (size_t i = 0; i < json_len(p->modified); i++) {
        const json *wanted = json_at(p->modified, i);
        const json *there = find(p->current, wanted, key);
        if (!there) {
            json_append(changes, json_give_copy(wanted));
        } else if (key) {
            struct place at = item(p, find(p->original, wanted, key), wanted, there);
            json *patch = diff_objects(&at);
            if (!patch)
                continue;
            json_put(patch, key, json_give_copy(json_get(wanted, key)));
            json_append(changes, patch);
        }
    }
    return changes;
}

static json *give_gone(const struct place *p, const char *key)
{
    json *gone = json_new_array();
    for (size_t i = 0; json_is_array(p->original) && i < json_len(p->original); i++) {
        const json *one = json_at(p->original, i);
        if (find(p->modified, one, key) || !find(p->current, one, key))
            continue;
        json *alone = give_key_alone(one, key);
        if (key)
            json_put(alone, STRATEGIC_DIRECTIVE, json_new_str("delete"));
        json_append(gone, alone);
    }
    return gone;
}

static void put_list(json *patch, const char *prefix, const char *name, json *list)
{
    cleanup_free char *key = xasprintf("%s%s", prefix, name);
    json_put(patch, key, list);
}

static void merge_list(json *patch, const char *name, const struct place *p, const char *key)
{
    cleanup_json json *changes = diff_items(p, key), *gone = give_gone(p, key);
    bool ordered = is_in_order(p, key);
    if (json_len(changes) == 0 && json_len(gone) == 0 && ordered)
        return;
    json *order = json_new_array();
    for (size_t i = 0; i < json_len(p->modified); i++)
        json_append(order, give_key_alone(json_at(p->modified, i), key));
    put_list(patch, STRATEGIC_SET_ORDER, name, order);
    if (key)
        for (size_t i = 0; i < json_len(gone); i++)
            json_append(changes, json_give_copy(json_at(gone, i)));
    else if (json_len(gone) > 0)
        put_list(patch, STRATEGIC_DELETE_FROM, name, take(gone));
    if (json_len(changes) > 0)
        json_put(patch, name, take(changes));
}

static void replace_list(json *patch, const char *name, const struct place *p)
{
    if (is_list_settled(p))
        return;
    struct strategic_way way = way_of(p);
    json *list = json_give_copy(p->modified);
    if (way.merges && way.merge_key)
        json_append(list, json_make("{'" STRATEGIC_DIRECTIVE "':'replace'}"));
    json_put(patch, name, list);
}

static void diff_lists(json *patch, const char *name, const struct place *p)
{
    struct strategic_way way = way_of(p);
    const char *key = way.merge_key;
    if (way.merges && has_unique_keys(p->modified, key) && has_unique_keys(p->current, key) &&
        (!json_is_array(p->original) || has_unique_keys(p->original, key)))
        merge_list(patch, name, p, key);
    else
        replace_list(patch, name, p);
}

/* ---- objects ---- */

/* A new value as a patch: null members are directives there, and mean "absent" here. */
static json *give_without_nulls(const json *value)
{
    if (json_is_array(value)) {
        json *list = json_new_array();
        for (size_t i = 0; i < json_len(value); i++)
            json_append(list, give_without_nulls(json_at(value, i)));
        return list;
    }
    if (!json_is_object(value))
        return json_give_copy(value);
    json *object = json_new_object();
    for (struct json_iter it = json_each(value); json_next(&it);)
        if (it.value)
            json_put(object, it.key, give_without_nulls(it.value));
    return object;
}

static void diff_member(json *patch, const char *key, const struct place *p)
{
    if (!p->modified) { /* null: not wanted */
        if (p->current)
            json_put(patch, key, NULL);
    } else if (json_is_object(p->modified) && json_is_object(p->current)) {
        json *inner = diff_objects(p);
        if (inner)
            json_put(patch, key, inner);
    } else if (json_is_array(p->modified) && json_is_array(p->current)) {
        diff_lists(patch, key, p);
    } else if (!json_equal(p->modified, p->current)) {
        bool dropped_by_server =
            !p->current && json_is_zero(p->modified) && json_equal(p->original, p->modified);
        if (!dropped_by_server)
            json_put(patch, key, give_without_nulls(p->modified));
    }
}

/* Of a union only the wanted member may stay: without the directive the server would keep the former one, too. */
static void retain_keys(json *patch, const json *modified)
{
    json *keys = json_new_array();
    for (struct json_iter it = json_each(modified); json_next(&it);)
        if (it.value)
            json_append(keys, json_new_str(it.key));
    json_sort_strs(keys);
    for (struct json_iter it = json_each(patch); json_next(&it);)
        if (!it.value)
            json_del(patch, it.key); /* implied, and refused beside the directive by some servers */
    json_put(patch, STRATEGIC_RETAIN_KEYS, keys);
}

static json *diff_objects(const struct place *p)
{
    cleanup_json json *patch = json_new_object();
    for (struct json_iter it = json_each(p->modified); json_next(&it);) {
        struct place at = below(p, it.key);
        diff_member(patch, it.key, &at);
    }
    for (struct json_iter it = json_each(p->original); json_next(&it);)
        if (!json_has(p->modified, it.key) && json_get(p->current, it.key))
            json_put(patch, it.key, NULL);
    if (json_len(patch) == 0)
        return NULL;
    if (way_of(p).retains_keys)
        retain_keys(patch, p->modified);
    return take(patch);
}

json *three_way_strategic(const struct strategic_schema *schema, const void *node,
                          const json *original, const json *modified, const json *current)
{
    return diff_objects(&(struct place){ schema, node, original, modified, current });
}

json *three_way_merge(const json *original, const json *modified, const json *current)
{
    return three_way_strategic(NULL, NULL, original, modified, current);
}
