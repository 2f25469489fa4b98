/* Evaluation of templates: values are walked, expressions computed, if() takes one branch only. */
#include <string.h>

#include "hack/devcloud/azure/template.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

/* ---- functions ---- */

const struct template_function *template_find_function(const char *name)
{
    static const struct template_function *const tables[] = { template_text_functions,
                                                              template_logic_functions,
                                                              template_arm_functions };
    /* list is a family: listKeys, listAccountSas, ... */
    bool list = strncasecmp(name, "list", strlen("list")) == 0;
    for (size_t i = 0; i < ARRAY_LEN(tables); i++)
        for (const struct template_function *f = tables[i]; f->name; f++)
            if (str_eq_nocase(f->name, list ? "list" : name))
                return f;
    return NULL;
}

int template_need_str(const char *function, const json *arg, const char **ret, struct error **err)
{
    if (!json_str(arg))
        return error_set(err, ERR_INVALID,
                         "The template language function '%s' expects a string, but was given %s",
                         function, json_kind_name(json_kind(arg)));
    *ret = json_str(arg);
    return 0;
}

int template_need_int(const char *function, const json *arg, int64_t *ret, struct error **err)
{
    if (!json_int(arg, ret))
        return error_set(err, ERR_INVALID,
                         "The template language function '%s' expects an integer, but was given %s",
                         function, json_kind_name(json_kind(arg)));
    return 0;
}

/* ---- computing ---- */

static int compute(const struct template_scope *s, const struct expr *e, json **ret,
                   struct error **err);

static int compute_if(const struct template_scope *s, const struct expr *e, json **ret,
                      struct error **err)
{
    cleanup_json json *condition = NULL;
    if (e->args_len != 3)
        return error_set(err, ERR_INVALID,
                         "The template language function 'if' expects 3 arguments, not %zu",
                         e->args_len);
    if (compute(s, e->args[0], &condition, err) < 0)
        return -1;
    if (json_kind(condition) != JSON_BOOL)
        return error_set(err, ERR_INVALID,
                         "The template language function 'if' expects a condition that is true or "
                         "false, but was given %s",
                         json_kind_name(json_kind(condition)));
    return compute(s, e->args[json_bool(condition, false) ? 1 : 2], ret, err);
}

static int check_call(const struct template_scope *s, const struct expr *e,
                      const struct template_function *f, struct error **err)
{
    if (!f)
        return error_set(err, ERR_INVALID, "The template function '%s' is not valid", e->text);
    if (e->args_len < f->min || e->args_len > f->max)
        return error_set(err, ERR_INVALID, "The template function '%s' does not take %zu arguments",
                         e->text, e->args_len);
    if (s && f->runtime && !s->runtime)
        return error_set(err, ERR_INVALID,
                         "The template function '%s' is not expected at this location", e->text);
    return 0;
}

static void free_all(json **args, size_t len)
{
    for (size_t i = 0; i < len; i++)
        json_free(args[i]);
    free(args);
}

static int compute_call(const struct template_scope *s, const struct expr *e, json **ret,
                        struct error **err)
{
    if (str_eq_nocase(e->text, "if"))
        return compute_if(s, e, ret, err);
    const struct template_function *f = template_find_function(e->text);
    if (check_call(s, e, f, err) < 0)
        return -1;
    /* one more than there are: list*() has to know which it is */
    json **args = xcalloc(e->args_len + 1, sizeof(json *));
    size_t done = 0;
    int rcode = 0;
    while (rcode == 0 && done < e->args_len) {
        rcode = compute(s, e->args[done], &args[done], err);
        done += rcode == 0;
    }
    args[e->args_len] = json_new_str(e->text);
    if (rcode == 0)
        rcode = f->call(s, args, e->args_len, ret, err);
    free_all(args, e->args_len + 1);
    return rcode;
}

/* A member in any letter case; *ret_found tells absent from null. */
static json *find_member(const json *object, const char *name, bool *ret_found)
{
    *ret_found = json_has(object, name);
    if (*ret_found)
        return json_get(object, name);
    for (struct json_iter it = json_each(object); json_next(&it);)
        if (str_eq_nocase(it.key, name)) {
            *ret_found = true;
            return it.value;
        }
    return NULL;
}

static int fail_member(const json *object, const char *name, struct error **err)
{
    cleanup_strv struct strv names = STRV_INIT;
    for (struct json_iter it = json_each(object); json_next(&it);)
        strv_add(&names, it.key);
    cleanup_free char *all = strv_give_joined(&names, ", ");
    return error_set(err, ERR_INVALID,
                     "The language expression property '%s' doesn't exist, available properties "
                     "are '%s'",
                     name, all);
}

static int take_member(const json *base, const char *name, json **ret, struct error **err)
{
    bool found;
    json *value = find_member(base, name, &found);
    if (!json_is_object(base))
        return error_set(err, ERR_INVALID,
                         "The language expression property '%s' can't be taken of %s", name,
                         json_kind_name(json_kind(base)));
    if (!found)
        return fail_member(base, name, err);
    *ret = json_ref(value);
    return 0;
}

static int compute_index(const struct template_scope *s, const struct expr *e, json **ret,
                         struct error **err)
{
    cleanup_json json *base = NULL, *index = NULL;
    int64_t at;
    if (compute(s, e->args[0], &base, err) < 0 || compute(s, e->args[1], &index, err) < 0)
        return -1;
    if (json_str(index))
        return take_member(base, json_str(index), ret, err);
    if (!json_is_array(base) || !json_int(index, &at) || at < 0 || (size_t)at >= json_len(base))
        return error_set(err, ERR_INVALID,
                         "The language expression array index is out of bounds, or what it is "
                         "taken of is no array");
    *ret = json_ref(json_at(base, (size_t)at));
    return 0;
}

static int compute(const struct template_scope *s, const struct expr *e, json **ret,
                   struct error **err)
{
    cleanup_json json *base = NULL;
    switch (e->kind) {
    case EXPR_STR:
        *ret = json_new_str(e->text);
        return 0;
    case EXPR_INT:
        *ret = json_new_int(e->number);
        return 0;
    case EXPR_CALL:
        return compute_call(s, e, ret, err);
    case EXPR_MEMBER:
        return compute(s, e->args[0], &base, err) < 0 ? -1 : take_member(base, e->text, ret, err);
    case EXPR_INDEX:
        return compute_index(s, e, ret, err);
    }
    return error_set(err, ERR_INTERNAL, "an expression of no kind");
}

/* ---- values ---- */

/* The expression in the text; NULL: it is plain. Owned. */
static char *give_expression(const char *text)
{
    size_t len = strlen(text);
    bool is_one = len >= 2 && text[0] == '[' && text[1] != '[' && text[len - 1] == ']';
    return is_one ? xstrndup(text + 1, len - 2) : NULL;
}

static int evaluate_text(const struct template_scope *s, const char *text, json **ret,
                         struct error **err)
{
    cleanup_free char *inner = give_expression(text);
    cleanup_expr struct expr *e = NULL;
    if (!inner) {
        bool escaped = str_starts(text, "[[");
        *ret = json_new_str(escaped ? text + 1 : text);
        return 0;
    }
    if (expr_parse(inner, &e, err) < 0)
        return -1;
    return compute(s, e, ret, err);
}

static int evaluate_array(const struct template_scope *s, const json *value, json **ret,
                          struct error **err)
{
    cleanup_json json *out = json_new_array();
    for (size_t i = 0; i < json_len(value); i++) {
        json *item = NULL;
        if (template_evaluate(s, json_at(value, i), &item, err) < 0)
            return -1;
        json_append(out, item);
    }
    *ret = take(out);
    return 0;
}

/* "copy": [{name, count, input}] in an object makes a member of each, an array. */
static int evaluate_loop(const struct template_scope *s, const json *loop, json *out,
                         struct error **err)
{
    cleanup_free char *name = NULL;
    cleanup_json json *count = NULL;
    int64_t n;
    if (template_evaluate_str(s, json_get(loop, "name"), &name, err) < 0 ||
        template_evaluate(s, json_get(loop, "count"), &count, err) < 0 ||
        template_need_int("copy", count, &n, err) < 0)
        return error_wrap(err, "reading a copy of properties");
    json *list = json_new_array();
    json_put(out, name, list);
    for (int64_t i = 0; i < n; i++) {
        cleanup_json json *copies = s->copies ? json_give_copy(s->copies) : json_new_array();
        json_append(copies, json_make("{'name':%s,'index':%ld}", name, i));
        struct template_scope inner = *s;
        inner.copies = copies;
        json *item = NULL;
        if (template_evaluate(&inner, json_get(loop, "input"), &item, err) < 0)
            return -1;
        json_append(list, item);
    }
    return 0;
}

static int evaluate_object(const struct template_scope *s, const json *value, json **ret,
                           struct error **err)
{
    cleanup_json json *out = json_new_object();
    for (struct json_iter it = json_each(value); json_next(&it);) {
        json *item = NULL;
        if (strcmp(it.key, "copy") == 0 && json_is_array(it.value)) {
            for (size_t i = 0; i < json_len(it.value); i++)
                if (evaluate_loop(s, json_at(it.value, i), out, err) < 0)
                    return -1;
            continue;
        }
        if (template_evaluate(s, it.value, &item, err) < 0)
            return -1;
        json_put(out, it.key, item);
    }
    *ret = take(out);
    return 0;
}

int template_evaluate(const struct template_scope *s, const json *value, json **ret,
                      struct error **err)
{
    switch (json_kind(value)) {
    case JSON_STR:
        return evaluate_text(s, json_str(value), ret, err);
    case JSON_ARRAY:
        return evaluate_array(s, value, ret, err);
    case JSON_OBJECT:
        return evaluate_object(s, value, ret, err);
    default:
        *ret = value ? json_give_copy(value) : NULL;
        return 0;
    }
}

int template_evaluate_str(const struct template_scope *s, const json *value, char **ret,
                          struct error **err)
{
    cleanup_json json *result = NULL;
    if (template_evaluate(s, value, &result, err) < 0)
        return -1;
    if (!json_str(result))
        return error_set(err, ERR_INVALID, "expected a string, but found %s",
                         json_kind_name(json_kind(result)));
    *ret = xstrdup(json_str(result));
    return 0;
}

/* ---- looking without computing ---- */

typedef int (*visit_fn)(const struct expr *e, void *arg, struct error **err);

static int visit_expr(const struct expr *e, visit_fn fn, void *arg, struct error **err)
{
    for (size_t i = 0; i < e->args_len; i++)
        if (visit_expr(e->args[i], fn, arg, err) < 0)
            return -1;
    return fn(e, arg, err);
}

static int visit_value(const json *value, visit_fn fn, void *arg, struct error **err)
{
    if (json_str(value)) {
        cleanup_free char *inner = give_expression(json_str(value));
        cleanup_expr struct expr *e = NULL;
        if (inner && expr_parse(inner, &e, err) < 0)
            return -1;
        return e ? visit_expr(e, fn, arg, err) : 0;
    }
    for (size_t i = 0; json_is_array(value) && i < json_len(value); i++)
        if (visit_value(json_at(value, i), fn, arg, err) < 0)
            return -1;
    for (struct json_iter it = json_each(value); json_next(&it);)
        if (visit_value(it.value, fn, arg, err) < 0)
            return -1;
    return 0;
}

static int check_expr(const struct expr *e, void *arg, struct error **err)
{
    (void)arg;
    if (e->kind != EXPR_CALL || str_eq_nocase(e->text, "if"))
        return 0;
    return check_call(NULL, e, template_find_function(e->text), err);
}

int template_check(const json *value, struct error **err)
{
    return visit_value(value, check_expr, NULL, err);
}

struct seeker {
    const struct template_scope *scope;
    const char *function;
    template_seen fn;
    void *arg;
};

static int seek(const struct expr *e, void *arg, struct error **err)
{
    (void)err;
    const struct seeker *seeker = arg;
    cleanup_json json *first = NULL;
    if (e->kind == EXPR_CALL && str_eq_nocase(e->text, seeker->function) && e->args_len > 0 &&
        compute(seeker->scope, e->args[0], &first, NULL) == 0 && json_str(first))
        seeker->fn(seeker->arg, json_str(first));
    return 0;
}

void template_each_call(const struct template_scope *s, const json *value, const char *function,
                        template_seen fn, void *arg)
{
    struct seeker seeker = { s, function, fn, arg };
    (void)visit_value(value, seek, &seeker, NULL);
}
