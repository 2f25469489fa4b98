/* Functions of templates that compare, count and collect. */
#include <string.h>

#include "hack/devcloud/azure/template.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define FUNCTION(name) \
    static int name(const struct template_scope *s, json *const *args, size_t len, json **ret, \
                    struct error **err)
#define UNUSED_SCOPE ((void)s, (void)len)

static int need_bool(const char *function, const json *arg, bool *ret, struct error **err)
{
    if (json_kind(arg) != JSON_BOOL)
        return error_set(err, ERR_INVALID,
                         "The template language function '%s' expects true or false, but was given "
                         "%s",
                         function, json_kind_name(json_kind(arg)));
    *ret = json_bool(arg, false);
    return 0;
}

/* ---- truth ---- */

FUNCTION(do_equals)
{
    UNUSED_SCOPE;
    (void)err;
    *ret = json_new_bool(json_equal(args[0], args[1]));
    return 0;
}

FUNCTION(do_not)
{
    UNUSED_SCOPE;
    bool value;
    if (need_bool("not", args[0], &value, err) < 0)
        return -1;
    *ret = json_new_bool(!value);
    return 0;
}

static int fold(const char *name, json *const *args, size_t len, bool all, json **ret,
                struct error **err)
{
    bool result = all, value;
    for (size_t i = 0; i < len; i++) {
        if (need_bool(name, args[i], &value, err) < 0)
            return -1;
        result = all ? result && value : result || value;
    }
    *ret = json_new_bool(result);
    return 0;
}

FUNCTION(do_and)
{
    (void)s;
    return fold("and", args, len, true, ret, err);
}

FUNCTION(do_or)
{
    (void)s;
    return fold("or", args, len, false, ret, err);
}

FUNCTION(do_true)
{
    UNUSED_SCOPE;
    (void)args;
    (void)err;
    *ret = json_new_bool(true);
    return 0;
}

FUNCTION(do_false)
{
    UNUSED_SCOPE;
    (void)args;
    (void)err;
    *ret = json_new_bool(false);
    return 0;
}

FUNCTION(do_null)
{
    UNUSED_SCOPE;
    (void)args;
    (void)err;
    *ret = NULL;
    return 0;
}

FUNCTION(do_bool)
{
    UNUSED_SCOPE;
    const char *text = json_str(args[0]);
    int64_t number;
    if (str_eq_nocase(text, "true") || str_eq_nocase(text, "false"))
        *ret = json_new_bool(str_eq_nocase(text, "true"));
    else if (json_int(args[0], &number))
        *ret = json_new_bool(number != 0);
    else if (json_kind(args[0]) == JSON_BOOL)
        *ret = json_ref(args[0]);
    else
        return error_set(err, ERR_INVALID, "bool: neither true nor false");
    return 0;
}

FUNCTION(do_empty)
{
    UNUSED_SCOPE;
    (void)err;
    bool text = json_str(args[0]) != NULL;
    *ret = json_new_bool(!args[0] || (text ? json_str_len(args[0]) == 0
                                           : (json_is_array(args[0]) || json_is_object(args[0])) &&
                                                 json_len(args[0]) == 0));
    return 0;
}

FUNCTION(do_coalesce)
{
    (void)s;
    (void)err;
    size_t i = 0;
    while (i < len && !args[i])
        i++;
    *ret = i < len ? json_ref(args[i]) : NULL;
    return 0;
}

/* Texts and elements in their letter case, keys of objects in any. */
FUNCTION(do_contains)
{
    UNUSED_SCOPE;
    bool found = false;
    const char *part = json_str(args[1]);
    cleanup_free char *key = template_give_text(args[1]);
    if (json_str(args[0]))
        found = part && strstr(json_str(args[0]), part);
    else if (!json_is_array(args[0]) && !json_is_object(args[0]))
        return error_set(err, ERR_INVALID, "contains: neither a text nor an array nor an object");
    for (size_t i = 0; json_is_array(args[0]) && i < json_len(args[0]); i++)
        found = found || json_equal(json_at(args[0], i), args[1]);
    for (struct json_iter it = json_each(args[0]); json_next(&it);)
        found = found || str_eq_nocase(it.key, key);
    *ret = json_new_bool(found);
    return 0;
}

/* ---- numbers ---- */

static int read_pair(const char *name, json *const *args, int64_t *ret_a, int64_t *ret_b,
                     struct error **err)
{
    if (template_need_int(name, args[0], ret_a, err) < 0)
        return -1;
    return template_need_int(name, args[1], ret_b, err);
}

/* The name of the function stands behind its arguments. */
FUNCTION(do_arithmetic)
{
    (void)s;
    const char *name = json_str(args[len]);
    int64_t a, b, out = 0;
    if (read_pair(name, args, &a, &b, err) < 0)
        return -1;
    bool divides = str_eq_nocase(name, "div") || str_eq_nocase(name, "mod");
    bool overflow = divides && (b == 0 || (a == INT64_MIN && b == -1));
    if (str_eq_nocase(name, "add"))
        overflow = __builtin_add_overflow(a, b, &out);
    else if (str_eq_nocase(name, "sub"))
        overflow = __builtin_sub_overflow(a, b, &out);
    else if (str_eq_nocase(name, "mul"))
        overflow = __builtin_mul_overflow(a, b, &out);
    else if (!overflow)
        out = str_eq_nocase(name, "div") ? a / b : a % b;
    if (overflow)
        return error_set(err, ERR_INVALID, "%s: the result is no integer", name);
    *ret = json_new_int(out);
    return 0;
}

FUNCTION(do_compare)
{
    (void)s;
    const char *name = json_str(args[len]);
    int64_t a = 0, b = 0;
    int order = 0;
    if (json_str(args[0]) && json_str(args[1]))
        order = strcmp(json_str(args[0]), json_str(args[1]));
    else if (read_pair(name, args, &a, &b, err) < 0)
        return -1;
    else
        order = (a > b) - (a < b);
    bool result = str_eq_nocase(name, "less")           ? order < 0
                  : str_eq_nocase(name, "lessOrEquals") ? order <= 0
                  : str_eq_nocase(name, "greater")      ? order > 0
                                                        : order >= 0;
    *ret = json_new_bool(result);
    return 0;
}

FUNCTION(do_int)
{
    UNUSED_SCOPE;
    const char *text = json_str(args[0]);
    long long number;
    int64_t value;
    if (text && str_to_int(text, INT64_MIN, INT64_MAX, &number))
        value = number;
    else if (template_need_int("int", args[0], &value, err) < 0)
        return -1;
    *ret = json_new_int(value);
    return 0;
}

/* ---- collections ---- */

FUNCTION(do_length)
{
    UNUSED_SCOPE;
    const char *text = json_str(args[0]);
    if (!text && !json_is_array(args[0]) && !json_is_object(args[0]))
        return error_set(err, ERR_INVALID, "length: neither a text nor an array nor an object");
    *ret = json_new_int((int64_t)(text ? json_str_len(args[0]) : json_len(args[0])));
    return 0;
}

static int pick_end(const char *name, const json *from, bool last, json **ret, struct error **err)
{
    size_t len = json_str(from) ? json_str_len(from) : json_len(from);
    if (!json_str(from) && !json_is_array(from))
        return error_set(err, ERR_INVALID, "%s: neither a text nor an array", name);
    size_t at = last && len > 0 ? len - 1 : 0;
    if (json_str(from))
        *ret = json_new_str_n(json_str(from) + at, len > 0);
    else
        *ret = json_ref(json_at(from, at));
    return 0;
}

FUNCTION(do_first)
{
    UNUSED_SCOPE;
    return pick_end("first", args[0], false, ret, err);
}

FUNCTION(do_last)
{
    UNUSED_SCOPE;
    return pick_end("last", args[0], true, ret, err);
}

FUNCTION(do_create_array)
{
    (void)s;
    (void)err;
    *ret = json_new_array();
    for (size_t i = 0; i < len; i++)
        json_append(*ret, json_ref(args[i]));
    return 0;
}

FUNCTION(do_create_object)
{
    (void)s;
    cleanup_json json *out = json_new_object();
    if (len % 2)
        return error_set(err, ERR_INVALID, "createObject: a key without a value");
    for (size_t i = 0; i < len; i += 2) {
        const char *key;
        if (template_need_str("createObject", args[i], &key, err) < 0)
            return -1;
        json_put(out, key, json_ref(args[i + 1]));
    }
    *ret = take(out);
    return 0;
}

/* Elements that are equal come once; members of later objects win, objects in them are united, too. */
static void add_new(json *out, const json *list)
{
    for (size_t i = 0; i < json_len(list); i++) {
        bool known = false;
        for (size_t j = 0; j < json_len(out); j++)
            known = known || json_equal(json_at(out, j), json_at(list, i));
        if (!known)
            json_append(out, json_ref(json_at(list, i)));
    }
}

FUNCTION(do_union)
{
    (void)s;
    bool arrays = json_is_array(args[0]);
    json *out = arrays ? json_new_array() : json_new_object();
    for (size_t i = 0; i < len; i++) {
        if (arrays ? !json_is_array(args[i]) : !json_is_object(args[i])) {
            json_free(out);
            return error_set(err, ERR_INVALID, "union: not all are arrays, or not all are objects");
        }
        if (arrays)
            add_new(out, args[i]);
        else
            out = json_give_merged(out, args[i]);
    }
    *ret = out;
    return 0;
}

const struct template_function template_logic_functions[] = {
    { "add", 2, 2, false, do_arithmetic },
    { "and", 2, TEMPLATE_ANY, false, do_and },
    { "array", 1, 1, false, do_create_array },
    { "bool", 1, 1, false, do_bool },
    { "coalesce", 1, TEMPLATE_ANY, false, do_coalesce },
    { "contains", 2, 2, false, do_contains },
    { "createArray", 0, TEMPLATE_ANY, false, do_create_array },
    { "createObject", 0, TEMPLATE_ANY, false, do_create_object },
    { "div", 2, 2, false, do_arithmetic },
    { "empty", 1, 1, false, do_empty },
    { "equals", 2, 2, false, do_equals },
    { "false", 0, 0, false, do_false },
    { "first", 1, 1, false, do_first },
    { "greater", 2, 2, false, do_compare },
    { "greaterOrEquals", 2, 2, false, do_compare },
    { "int", 1, 1, false, do_int },
    { "last", 1, 1, false, do_last },
    { "length", 1, 1, false, do_length },
    { "less", 2, 2, false, do_compare },
    { "lessOrEquals", 2, 2, false, do_compare },
    { "mod", 2, 2, false, do_arithmetic },
    { "mul", 2, 2, false, do_arithmetic },
    { "not", 1, 1, false, do_not },
    { "null", 0, 0, false, do_null },
    { "or", 2, TEMPLATE_ANY, false, do_or },
    { "sub", 2, 2, false, do_arithmetic },
    { "true", 0, 0, false, do_true },
    { "union", 1, TEMPLATE_ANY, false, do_union },
    { 0 },
};
