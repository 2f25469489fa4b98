/* Parameters of a deployment: types, allowed values, bounds. */
#include <string.h>

#include "hack/devcloud/azure/template_plan.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

static const struct {
    const char *name;
    enum json_kind kind;
    bool secret;
} types[] = {
    { "string", JSON_STR, false },
    { "secureString", JSON_STR, true },
    { "int", JSON_INT, false },
    { "bool", JSON_BOOL, false },
    { "array", JSON_ARRAY, false },
    { "object", JSON_OBJECT, false },
    { "secureObject", JSON_OBJECT, true },
};

static size_t find_type(const json *declared)
{
    size_t i = 0;
    while (i < ARRAY_LEN(types) && !str_eq_nocase(types[i].name, json_path_str(declared, "type")))
        i++;
    return i;
}

static bool is_allowed(const json *declared, const json *value)
{
    const json *allowed = json_get(declared, "allowedValues");
    for (size_t i = 0; json_is_array(allowed) && i < json_len(allowed); i++)
        if (json_equal(json_at(allowed, i), value))
            return true;
    return !json_is_array(allowed);
}

static bool is_within(const json *declared, const json *value)
{
    int64_t number = 0, len = (int64_t)(json_str(value) ? json_str_len(value) : json_len(value));
    (void)json_int(value, &number);
    return len >= json_path_int(declared, "minLength", 0) &&
           len <= json_path_int(declared, "maxLength", INT64_MAX) &&
           number >= json_path_int(declared, "minValue", INT64_MIN) &&
           number <= json_path_int(declared, "maxValue", INT64_MAX);
}

static int check_value(const char *name, const json *declared, const json *value,
                       struct error **err)
{
    size_t type = find_type(declared);
    if (type == ARRAY_LEN(types))
        return error_set(err, ERR_INVALID, "The template parameter '%s' has no type that is known",
                         name);
    if (json_kind(value) != types[type].kind)
        return error_set(
            err, ERR_INVALID,
            "The provided value for the template parameter '%s' is not valid. Expected "
            "a value of type '%s', but received %s",
            name, types[type].name, json_kind_name(json_kind(value)));
    if (!is_allowed(declared, value))
        return error_set(err, ERR_INVALID,
                         "The provided value for the template parameter '%s' is not valid: it is "
                         "not part of the allowed value(s)",
                         name);
    if (!is_within(declared, value))
        return error_set(err, ERR_INVALID,
                         "The provided value for the template parameter '%s' is not valid: its "
                         "length or value is out of bounds",
                         name);
    return 0;
}

static const json *find_declared(const json *template, const char *name)
{
    for (struct json_iter it = json_each(json_get(template, "parameters")); json_next(&it);)
        if (str_eq_nocase(it.key, name))
            return it.value;
    return NULL;
}

static bool is_given(const json *values, const char *name)
{
    for (struct json_iter it = json_each(values); json_next(&it);)
        if (str_eq_nocase(it.key, name))
            return true;
    return false;
}

int template_take_parameters(const json *template, const json *given, json **ret,
                             struct error **err)
{
    cleanup_json json *values = json_new_object();
    for (struct json_iter it = json_each(given); json_next(&it);) {
        const json *declared = find_declared(template, it.key);
        json *value = json_get(it.value, "value");
        if (!declared)
            return error_set(err, ERR_INVALID,
                             "The following parameters were supplied, but do not correspond to any "
                             "parameters defined in the template: '%s'",
                             it.key);
        if (!json_is_object(it.value) || !json_has(it.value, "value"))
            return error_set(err, ERR_INVALID, "The parameter '%s' has no value", it.key);
        if (check_value(it.key, declared, value, err) < 0)
            return -1;
        json_put(values, it.key, json_give_copy(value));
    }
    for (struct json_iter it = json_each(json_get(template, "parameters")); json_next(&it);)
        if (!json_has(it.value, "defaultValue") && !is_given(values, it.key))
            return error_set(err, ERR_INVALID,
                             "The value for the template parameter '%s' is not provided", it.key);
    *ret = take(values);
    return 0;
}

json *template_give_parameters(const struct template_scope *s)
{
    cleanup_json json *out = json_new_object();
    for (struct json_iter it = json_each(json_get(s->template, "parameters")); json_next(&it);) {
        size_t type = find_type(it.value);
        if (type == ARRAY_LEN(types))
            return NULL;
        json *shown = json_make("{'type':%s}", types[type].name);
        json_put(out, it.key, shown);
        if (types[type].secret)
            continue;
        cleanup_json json *call = NULL;
        cleanup_free char *text = xasprintf("[parameters('%s')]", it.key);
        json *value = NULL;
        call = json_new_str(text);
        if (template_evaluate(s, call, &value, NULL) < 0)
            return NULL;
        json_put(shown, "value", value);
    }
    return take(out);
}
