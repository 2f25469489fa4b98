#include "rp/cluster/template.h"

#include <string.h>

#include "pkg/base/buf.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "staticresources/embedded.h"

#define WHEN "$when"
#define EACH "$each"

/* Of the build, sorted by name (hack/embed.sh). */
extern const struct embedded_file cluster_templates[];
extern const size_t cluster_templates_len;

static const char *const names[CLUSTER_TEMPLATES] = {
    [TEMPLATE_V1_STORAGE] = "v1-storage.json", [TEMPLATE_V1_RESOURCES] = "v1-resources.json",
    [TEMPLATE_V2_BASE] = "v2-base.json",       [TEMPLATE_V2_RESOURCES] = "v2-resources.json",
    [TEMPLATE_RIGHTS] = "rights.json",
};

/* ---- texts ---- */

static bool is_name_char(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* The length of "${name}" at text; 0: there is none. */
static size_t reference_len(const char *text)
{
    size_t end = 2;
    if (text[0] != '$' || text[1] != '{')
        return 0;
    while (is_name_char(text[end]))
        end++;
    return end > 2 && text[end] == '}' ? end + 1 : 0;
}

static int find_value(const json *values, const char *reference, size_t len, json **ret,
                      struct error **err)
{
    cleanup_free char *name = xstrndup(reference + 2, len - 3);
    if (!json_has(values, name))
        return error_set(err, ERR_INTERNAL, "${%s} has no value", name);
    *ret = json_get(values, name);
    return 0;
}

static int add_value(const json *values, const char *reference, size_t len, struct buf *out,
                     struct error **err)
{
    json *value;
    int64_t number;
    if (find_value(values, reference, len, &value, err) < 0)
        return -1;
    if (json_str(value))
        buf_adds(out, json_str(value));
    else if (json_int(value, &number))
        buf_add_int(out, number);
    else
        return error_set(err, ERR_INTERNAL, "%.*s is no text", (int)len, reference);
    return 0;
}

static int fill_text(const char *text, const json *values, json **ret, struct error **err)
{
    size_t whole = reference_len(text);
    json *value = NULL;
    if (whole && text[whole] == '\0') {
        if (find_value(values, text, whole, &value, err) < 0)
            return -1;
        *ret = value ? json_give_copy(value) : NULL;
        return 0;
    }
    cleanup_buf struct buf out = BUF_INIT(BUF_UNBOUNDED);
    while (*text) {
        size_t len = reference_len(text);
        if (len == 0)
            buf_addc(&out, *text++);
        else if (add_value(values, text, len, &out, err) < 0)
            return -1;
        else
            text += len;
    }
    *ret = json_new_str_n(buf_str(&out), out.len);
    return 0;
}

/* ---- conditions ---- */

static int has_place(const json *object, const json *values, bool *ret, struct error **err)
{
    cleanup_strv struct strv flags = STRV_INIT;
    const char *when = json_path_str(object, WHEN);
    *ret = true;
    if (when)
        strv_split(&flags, when, " ", false);
    for (size_t i = 0; i < flags.len; i++) {
        bool wanted = flags.v[i][0] != '!';
        const char *name = flags.v[i] + !wanted;
        if (!json_has(values, name))
            return error_set(err, ERR_INTERNAL, WHEN " %s has no value", name);
        if (json_bool(json_get(values, name), false) != wanted)
            *ret = false;
    }
    return 0;
}

/* ---- trees ---- */

/* *ret stays NULL for what has no place. */
static int fill_value(const json *in, const json *values, json **ret, struct error **err);

static int fill_object(const json *in, const json *values, json **ret, struct error **err)
{
    cleanup_json json *out = json_new_object();
    bool place;
    if (has_place(in, values, &place, err) < 0)
        return -1;
    if (!place)
        return 0;
    for (struct json_iter it = json_each(in); json_next(&it);) {
        json *value = NULL;
        if (str_eq(it.key, WHEN) || str_eq(it.key, EACH))
            continue;
        if (fill_value(it.value, values, &value, err) < 0)
            return error_wrap(err, "%s", it.key);
        if (value)
            json_put(out, it.key, value);
    }
    *ret = take(out);
    return 0;
}

static int append_filled(json *out, const json *in, const json *values, struct error **err)
{
    json *value = NULL;
    if (fill_value(in, values, &value, err) < 0)
        return -1;
    if (value)
        json_append(out, value);
    return 0;
}

/* What the element of a list adds to the values. */
static json *give_scope(const json *values, json *item)
{
    json *scope = json_give_copy(values);
    if (!json_is_object(item))
        json_put(scope, "item", json_ref(item));
    for (struct json_iter it = json_each(item); json_next(&it);)
        json_put(scope, it.key, json_ref(it.value));
    return scope;
}

static int append_each(json *out, const json *in, const char *list_name, const json *values,
                       struct error **err)
{
    const json *list = json_get(values, list_name);
    if (!json_is_array(list))
        return error_set(err, ERR_INTERNAL, EACH " %s has no list", list_name);
    for (size_t i = 0; i < json_len(list); i++) {
        cleanup_json json *scope = give_scope(values, json_at(list, i));
        if (append_filled(out, in, scope, err) < 0)
            return -1;
    }
    return 0;
}

static int fill_array(const json *in, const json *values, json **ret, struct error **err)
{
    cleanup_json json *out = json_new_array();
    for (size_t i = 0; i < json_len(in); i++) {
        const json *element = json_at(in, i);
        const char *list = json_path_str(element, EACH);
        if ((list ? append_each(out, element, list, values, err)
                  : append_filled(out, element, values, err)) < 0)
            return -1;
    }
    *ret = take(out);
    return 0;
}

static int fill_value(const json *in, const json *values, json **ret, struct error **err)
{
    if (json_is_object(in))
        return fill_object(in, values, ret, err);
    if (json_is_array(in))
        return fill_array(in, values, ret, err);
    if (json_str(in))
        return fill_text(json_str(in), values, ret, err);
    *ret = json_give_copy(in);
    return 0;
}

int template_fill(const json *skeleton, const json *values, json **ret, struct error **err)
{
    return fill_value(skeleton, values, ret, err);
}

int template_make(enum cluster_template which, const json *values, json **ret, struct error **err)
{
    const struct embedded_file *file = NULL;
    cleanup_json json *skeleton = NULL;
    for (size_t i = 0; i < cluster_templates_len; i++)
        if (str_eq(cluster_templates[i].path, names[which]))
            file = &cluster_templates[i];
    if (!file)
        return error_set(err, ERR_INTERNAL, "%s is not part of this build", names[which]);
    if (json_parse_object(file->data, file->len, &skeleton, err) < 0 ||
        template_fill(skeleton, values, ret, err) < 0)
        return error_wrap(err, "the template %s", names[which]);
    return 0;
}
