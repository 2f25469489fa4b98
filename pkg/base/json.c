#include "pkg/base/json.h"

#include <limits.h>
#include <string.h>

#include "pkg/base/json_impl.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

void json_die(const char *what, const char *detail)
{
    (void)fprintf(stderr, "json: %s: %s\n", what, detail);
    abort();
}

/* ---- making ---- */

json *json_new_object(void)
{
    return json_must(json_object_new_object());
}

/* Items that fit into the smallest piece of glibc's heap; json-c's own 32 take 256 bytes in every array. It doubles. */
#define ARRAY_ROOM 3

json *json_new_array(void)
{
    return json_must(json_object_new_array_ext(ARRAY_ROOM));
}

json *json_new_str(const char *s)
{
    return s ? json_new_str_n(s, strlen(s)) : NULL;
}

json *json_new_str_n(const char *s, size_t n)
{
    if (n >= INT_MAX)
        json_die("string too long", "json-c counts in int");
    return json_must(json_object_new_string_len(s, (int)n));
}

json *json_new_int(int64_t v)
{
    return json_must(json_object_new_int64(v));
}

json *json_new_bool(bool v)
{
    return json_must(json_object_new_boolean(v));
}

json *json_new_decimal(const char *spelling)
{
    size_t len = strlen(spelling);
    if (!json_number_is_valid(spelling, len))
        json_die("not a number", spelling);
    return json_number_new(spelling, len);
}

json *json_ref(json *j)
{
    return json_object_get(j);
}

void json_free(json *j)
{
    (void)json_object_put(j);
}

json *json_give_copy(const json *j)
{
    switch (json_kind(j)) {
    case JSON_BOOL:
        return json_new_bool(json_bool(j, false));
    case JSON_INT:
    case JSON_DECIMAL: {
        const char *spelling = json_spelling(j);
        return json_number_new(spelling, strlen(spelling));
    }
    case JSON_STR:
        return json_new_str_n(json_str(j), json_str_len(j));
    case JSON_ARRAY: {
        json *copy = json_new_array();
        for (size_t i = 0; i < json_len(j); i++)
            json_append(copy, json_give_copy(json_at(j, i)));
        return copy;
    }
    case JSON_OBJECT: {
        json *copy = json_new_object();
        for (struct json_iter it = json_each(j); json_next(&it);)
            json_put(copy, it.key, json_give_copy(it.value));
        return copy;
    }
    case JSON_NULL:
        break;
    }
    return NULL;
}

/* ---- reading ---- */

enum json_kind json_kind(const json *j)
{
    switch (json_object_get_type(j)) {
    case json_type_boolean:
        return JSON_BOOL;
    case json_type_int:
        return JSON_INT;
    case json_type_double:
        return strpbrk(json_spelling(j), ".eE") ? JSON_DECIMAL : JSON_INT;
    case json_type_string:
        return JSON_STR;
    case json_type_array:
        return JSON_ARRAY;
    case json_type_object:
        return JSON_OBJECT;
    case json_type_null:
        break;
    }
    return JSON_NULL;
}

const char *json_kind_name(enum json_kind k)
{
    static const char *const names[] = {
        [JSON_NULL] = "null",      [JSON_BOOL] = "boolean", [JSON_INT] = "integer",
        [JSON_DECIMAL] = "number", [JSON_STR] = "string",   [JSON_ARRAY] = "array",
        [JSON_OBJECT] = "object",
    };
    return names[k];
}

bool json_is_zero(const json *j)
{
    int64_t n = 0;
    switch (json_kind(j)) {
    case JSON_NULL:
        return true;
    case JSON_BOOL:
        return !json_bool(j, true);
    case JSON_INT:
        return json_int(j, &n) && n == 0;
    case JSON_DECIMAL:
        return false;
    case JSON_STR:
        return json_str_len(j) == 0;
    default:
        return json_len(j) == 0;
    }
}

bool json_is_object(const json *j)
{
    return json_object_is_type(j, json_type_object);
}

bool json_is_array(const json *j)
{
    return json_object_is_type(j, json_type_array);
}

const char *json_str(const json *j)
{
    if (!json_object_is_type(j, json_type_string))
        return NULL;
    return json_object_get_string(json_unconst(j));
}

size_t json_str_len(const json *j)
{
    if (!json_object_is_type(j, json_type_string))
        return 0;
    return (size_t)json_object_get_string_len(j);
}

bool json_int(const json *j, int64_t *ret)
{
    if (json_object_is_type(j, json_type_int)) {
        *ret = json_object_get_int64(j);
        return true;
    }
    return json_object_is_type(j, json_type_double) && json_number_to_int(json_spelling(j), ret);
}

bool json_bool(const json *j, bool dflt)
{
    return json_object_is_type(j, json_type_boolean) ? json_object_get_boolean(j) : dflt;
}

double json_number(const json *j, double dflt)
{
    bool number = json_object_is_type(j, json_type_int) || json_object_is_type(j, json_type_double);
    return number ? json_object_get_double(j) : dflt;
}

const char *json_spelling(const json *j)
{
    if (json_object_is_type(j, json_type_double))
        return json_object_get_userdata(json_unconst(j));
    if (json_object_is_type(j, json_type_int))
        return json_object_get_string(json_unconst(j)); /* cached in the object, which owns it */
    return NULL;
}

static bool objects_equal(const json *a, const json *b)
{
    for (struct json_iter it = json_each(a); json_next(&it);) {
        json *other;
        if (!json_lookup(b, it.key, &other) || !json_equal(it.value, other))
            return false;
    }
    return true;
}

static bool arrays_equal(const json *a, const json *b)
{
    for (size_t i = 0; i < json_len(a); i++)
        if (!json_equal(json_at(a, i), json_at(b, i)))
            return false;
    return true;
}

bool json_equal(const json *a, const json *b)
{
    if (a == b)
        return true;

    enum json_kind kind = json_kind(a), other = json_kind(b);
    if (kind == JSON_DECIMAL)
        kind = JSON_INT;
    if (other == JSON_DECIMAL)
        other = JSON_INT;
    if (kind != other || json_len(a) != json_len(b))
        return false;

    switch (kind) {
    case JSON_NULL:
        return true;
    case JSON_BOOL:
        return json_bool(a, false) == json_bool(b, false);
    case JSON_INT:
    case JSON_DECIMAL:
        return json_number_equal(json_spelling(a), json_spelling(b));
    case JSON_STR:
        return json_str_len(a) == json_str_len(b) &&
               memcmp(json_str(a), json_str(b), json_str_len(a)) == 0;
    case JSON_ARRAY:
        return arrays_equal(a, b);
    case JSON_OBJECT:
        return objects_equal(a, b);
    }
    return false;
}

int json_depth(const json *j, int limit)
{
    int deepest = 0;
    if (limit == 0)
        return 1;
    for (struct json_iter it = json_each(j); json_next(&it);) {
        int d = json_depth(it.value, limit - 1);
        deepest = d > deepest ? d : deepest;
    }
    for (size_t i = 0; json_is_array(j) && i < json_len(j); i++) {
        int d = json_depth(json_at(j, i), limit - 1);
        deepest = d > deepest ? d : deepest;
    }
    return deepest + 1;
}

bool json_has(const json *object, const char *key)
{
    json *value;
    return json_lookup(object, key, &value);
}

json *json_get(const json *object, const char *key)
{
    json *value;
    return json_lookup(object, key, &value) ? value : NULL;
}

size_t json_len(const json *array_or_object)
{
    if (json_is_array(array_or_object))
        return json_object_array_length(array_or_object);
    if (json_is_object(array_or_object))
        return (size_t)json_object_object_length(array_or_object);
    return 0;
}

json *json_at(const json *array, size_t i)
{
    return json_is_array(array) ? json_object_array_get_idx(array, i) : NULL;
}

struct json_iter json_each(const json *object)
{
    struct json_iter it = { 0 };
    if (json_is_object(object))
        it.entry_ = json_object_get_object(object)->head;
    return it;
}

bool json_next(struct json_iter *it)
{
    struct lh_entry *entry = it->entry_;
    if (!entry)
        return false;
    it->key = lh_entry_k(entry);
    it->value = lh_entry_v(entry);
    it->entry_ = entry->next; /* fetched now: the caller may delete this entry */
    return true;
}

/* ---- editing ---- */

void json_put(json *object, const char *key, json *value)
{
    if (!json_is_object(object))
        json_die("put into something that is no object", key);
    if (json_object_object_add(object, key, value) != 0)
        json_die("cannot add", key);
}

bool json_del(json *object, const char *key)
{
    if (!json_has(object, key))
        return false;
    json_object_object_del(object, key);
    return true;
}

void json_append(json *array, json *value)
{
    if (!json_is_array(array))
        json_die("append to something that is no array", json_kind_name(json_kind(array)));
    if (json_object_array_add(array, value) != 0)
        json_die("cannot append", "out of memory");
}

void json_replace_at(json *array, size_t i, json *value)
{
    if (i >= json_len(array) || !json_is_array(array))
        json_die("replace beyond the end of an array", json_kind_name(json_kind(array)));
    (void)json_object_array_put_idx(array, i, value);
}

void json_put_keyed(json *array, const char *key, json *value)
{
    const char *name = json_str(json_get(value, key));
    for (size_t i = 0; i < json_len(array); i++)
        if (name && str_eq(json_str(json_get(json_at(array, i), key)), name)) {
            json_replace_at(array, i, value);
            return;
        }
    json_append(array, value);
}

void json_insert_at(json *array, size_t i, json *value)
{
    size_t n = json_len(array);
    if (i > n)
        json_die("insert beyond the end of an array", json_kind_name(json_kind(array)));
    json_append(array, NULL);
    for (size_t k = n; k > i; k--)
        json_replace_at(array, k, json_ref(json_at(array, k - 1)));
    json_replace_at(array, i, value);
}

void json_remove_at(json *array, size_t i)
{
    if (i >= json_len(array) || !json_is_array(array))
        json_die("remove beyond the end of an array", json_kind_name(json_kind(array)));
    (void)json_object_array_del_idx(array, i, 1);
}

static int compare_strs(const void *a, const void *b)
{
    const char *x = json_str(*(json *const *)a), *y = json_str(*(json *const *)b);
    if (!x || !y)
        return (x == NULL) - (y == NULL);
    return strcmp(x, y);
}

void json_sort_strs(json *array)
{
    if (json_is_array(array))
        json_object_array_sort(array, compare_strs);
}
