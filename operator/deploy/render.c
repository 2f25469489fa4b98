#include "operator/deploy/render.h"

#include <string.h>

#include "pkg/base/buf.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/yaml.h"
#include "staticresources/embedded.h"

struct rendering {
    const struct render_var *vars;
    size_t len;
};

static bool is_name_char(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* The length of "${Name}" at text; 0 when there is none. */
static size_t reference_len(const char *text)
{
    if (text[0] != '$' || text[1] != '{')
        return 0;
    size_t end = 2;
    while (is_name_char(text[end]))
        end++;
    return end > 2 && text[end] == '}' ? end + 1 : 0;
}

static const char *find_value(const struct rendering *r, const char *name, size_t name_len)
{
    for (size_t i = 0; i < r->len; i++)
        if (strlen(r->vars[i].name) == name_len && memcmp(r->vars[i].name, name, name_len) == 0)
            return r->vars[i].value;
    return NULL;
}

static int render_text(const struct rendering *r, const char *text, json **ret, struct error **err)
{
    cleanup_buf struct buf out = BUF_INIT(BUF_UNBOUNDED);
    while (*text) {
        size_t len = reference_len(text);
        if (len == 0) {
            buf_addc(&out, *text++);
            continue;
        }
        const char *value = find_value(r, text + 2, len - 3);
        if (!value)
            return error_set(err, ERR_INTERNAL, "%.*s has no value", (int)len, text);
        buf_adds(&out, value);
        text += len;
    }
    *ret = json_new_str_n(buf_str(&out), out.len);
    return 0;
}

static int render_value(const struct rendering *r, const json *in, json **ret, struct error **err);

static int render_object(const struct rendering *r, const json *in, json **ret, struct error **err)
{
    cleanup_json json *out = json_new_object();
    for (struct json_iter it = json_each(in); json_next(&it);) {
        json *value = NULL;
        if (render_value(r, it.value, &value, err) < 0)
            return error_wrap(err, "%s", it.key);
        json_put(out, it.key, value);
    }
    *ret = take(out);
    return 0;
}

static int render_array(const struct rendering *r, const json *in, json **ret, struct error **err)
{
    cleanup_json json *out = json_new_array();
    for (size_t i = 0; i < json_len(in); i++) {
        json *value = NULL;
        if (render_value(r, json_at(in, i), &value, err) < 0)
            return -1;
        json_append(out, value);
    }
    *ret = take(out);
    return 0;
}

static int render_value(const struct rendering *r, const json *in, json **ret, struct error **err)
{
    if (json_is_object(in))
        return render_object(r, in, ret, err);
    if (json_is_array(in))
        return render_array(r, in, ret, err);
    if (json_str(in))
        return render_text(r, json_str(in), ret, err);
    *ret = json_give_copy(in);
    return 0;
}

int render_tree(const json *tree, const struct render_var *vars, size_t vars_len, json **ret,
                struct error **err)
{
    struct rendering r = { vars, vars_len };
    return render_value(&r, tree, ret, err);
}

int render_file(const char *path, const struct render_var *vars, size_t vars_len, json *objects,
                struct error **err)
{
    const struct embedded_file *file = embedded_find(path);
    if (!file)
        return error_set(err, ERR_INTERNAL, "%s is not part of this build", path);
    cleanup_json json *documents = NULL;
    if (yaml_parse_all(file->data, file->len, &documents, err) < 0)
        return error_wrap(err, "%s", path);
    for (size_t i = 0; i < json_len(documents); i++) {
        json *object = NULL;
        if (render_tree(json_at(documents, i), vars, vars_len, &object, err) < 0)
            return error_wrap(err, "%s", path);
        json_append(objects, object);
    }
    return 0;
}
