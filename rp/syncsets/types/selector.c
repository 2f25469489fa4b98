#include "rp/syncsets/types/selector.h"

#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "rp/syncsets/types/names.h"

#define VALUES_MAX 1000

void selector_release(struct selector *s)
{
    for (size_t i = 0; i < s->len; i++) {
        free(s->v[i].key);
        strv_release(&s->v[i].values);
    }
    free(s->v);
    *s = (struct selector){ 0 };
}

static struct requirement *add(struct selector *s, enum selector_op op, const char *key, size_t len)
{
    s->v = xreallocarray(s->v, s->len + 1, sizeof(*s->v));
    struct requirement *r = &s->v[s->len++];
    *r = (struct requirement){ .op = op, .key = xstrndup(key, len) };
    return r;
}

static bool has_values(enum selector_op op)
{
    return op == SELECT_IN || op == SELECT_NOT_IN;
}

/* ---- text ---- */

struct scan {
    const char *at;
};

static void skip_space(struct scan *s)
{
    s->at += strspn(s->at, " \t");
}

static bool eat(struct scan *s, const char *what)
{
    skip_space(s);
    if (!str_starts(s->at, what))
        return false;
    s->at += strlen(what);
    return true;
}

/* A key or a value; may be empty. */
static size_t word(struct scan *s, const char **ret)
{
    skip_space(s);
    *ret = s->at;
    s->at += strcspn(s->at, " \t=!,()");
    return (size_t)(s->at - *ret);
}

static int add_value(struct requirement *r, struct scan *s, struct error **err)
{
    const char *text;
    size_t len = word(s, &text);
    cleanup_free char *value = xstrndup(text, len);
    const char *flaw = name_flaw_label_value(value);
    if (flaw)
        return error_set(err, ERR_INVALID, "the value '%.100s' of '%s' %s", value, r->key, flaw);
    if (r->values.len >= VALUES_MAX)
        return error_set(err, ERR_INVALID, "more than %d values of '%s'", VALUES_MAX, r->key);
    strv_add_unique(&r->values, value);
    return 0;
}

static int add_values(struct requirement *r, struct scan *s, struct error **err)
{
    if (!eat(s, "("))
        return error_set(err, ERR_INVALID, "'(' expected behind '%s' at '%.40s'", r->key, s->at);
    do {
        if (add_value(r, s, err) < 0)
            return -1;
    } while (eat(s, ","));
    if (!eat(s, ")"))
        return error_set(err, ERR_INVALID, "')' expected behind the values of '%s' at '%.40s'",
                         r->key, s->at);
    return 0;
}

/* in and notin are words, not beginnings of words. */
static bool eat_word(struct scan *s, const char *what)
{
    struct scan ahead = *s;
    const char *text;
    size_t len = word(&ahead, &text);
    if (len != strlen(what) || memcmp(text, what, len) != 0)
        return false;
    *s = ahead;
    return true;
}

static int parse_rest(struct requirement *r, struct scan *s, struct error **err)
{
    if (eat_word(s, "in")) {
        r->op = SELECT_IN;
        return add_values(r, s, err);
    }
    if (eat_word(s, "notin")) {
        r->op = SELECT_NOT_IN;
        return add_values(r, s, err);
    }
    if (eat(s, "!=")) {
        r->op = SELECT_NOT_IN;
        return add_value(r, s, err);
    }
    if (eat(s, "==") || eat(s, "=")) {
        r->op = SELECT_IN;
        return add_value(r, s, err);
    }
    return 0; /* exists */
}

static int parse_one(struct selector *sel, struct scan *s, struct error **err)
{
    bool absent = eat(s, "!");
    const char *text;
    size_t len = word(s, &text);
    if (sel->len >= SELECTOR_MAX)
        return error_set(err, ERR_INVALID, "more than %d requirements", SELECTOR_MAX);
    struct requirement *r = add(sel, absent ? SELECT_NOT_EXISTS : SELECT_EXISTS, text, len);
    const char *flaw = name_flaw_label_key(r->key);
    if (flaw)
        return error_set(err, ERR_INVALID, "the key '%.100s' %s", r->key, flaw);
    if (!absent && parse_rest(r, s, err) < 0)
        return -1;
    strv_sort(&r->values);
    return 0;
}

int selector_parse(const char *text, struct selector *ret, struct error **err)
{
    struct scan s = { text ? text : "" };
    *ret = (struct selector){ 0 };
    skip_space(&s);
    int status = 0;
    if (*s.at) {
        do
            status = parse_one(ret, &s, err);
        while (status == 0 && eat(&s, ","));
        skip_space(&s);
        if (status == 0 && *s.at)
            status = error_set(err, ERR_INVALID, "',' expected at '%.40s'", s.at);
    }
    if (status == 0)
        return 0;
    selector_release(ret);
    return error_wrap(err, "labelSelector");
}

/* ---- objects ---- */

static const struct {
    const char *name;
    enum selector_op op;
} operators[] = { { "In", SELECT_IN },
                  { "NotIn", SELECT_NOT_IN },
                  { "Exists", SELECT_EXISTS },
                  { "DoesNotExist", SELECT_NOT_EXISTS } };

static bool find_operator(const char *name, enum selector_op *ret)
{
    for (size_t i = 0; i < ARRAY_LEN(operators); i++) {
        if (str_eq(operators[i].name, name)) {
            *ret = operators[i].op;
            return true;
        }
    }
    return false;
}

static void check_values(enum selector_op op, const json *values, const char *path,
                         struct api_causes *causes)
{
    if (has_values(op) && json_len(values) == 0)
        api_cause_add(causes, CAUSE_REQUIRED, path, "must name values for In and NotIn");
    if (!has_values(op) && json_len(values) > 0)
        api_cause_add(causes, CAUSE_FORBIDDEN, path, "must be empty for Exists and DoesNotExist");
    for (size_t i = 0; i < json_len(values); i++) {
        const char *value = json_str(json_at(values, i));
        const char *flaw = value ? name_flaw_label_value(value) : NULL;
        cleanup_free char *at = xasprintf("%s[%zu]", path, i);
        if (flaw)
            api_cause_add(causes, CAUSE_INVALID, at, "'%.100s' %s", value, flaw);
    }
}

static void decode_expression(const json *e, const char *path, struct api_causes *causes,
                              struct selector *ret)
{
    const char *key = json_path_str(e, "key");
    enum selector_op op;
    if (!key || !find_operator(json_path_str(e, "operator"), &op))
        return; /* the table has told */
    const json *values = json_get(e, "values");
    cleanup_free char *at = xasprintf("%s.values", path);
    check_values(op, values, at, causes);
    if (!ret)
        return;
    struct requirement *r = add(ret, op, key, strlen(key));
    for (size_t i = 0; i < json_len(values); i++)
        if (json_str(json_at(values, i)))
            strv_add_unique(&r->values, json_str(json_at(values, i)));
    strv_sort(&r->values);
}

void selector_decode(const json *label_selector, const char *path, struct api_causes *causes,
                     struct selector *ret)
{
    if (ret)
        *ret = (struct selector){ 0 };
    for (struct json_iter it = json_each(json_get(label_selector, "matchLabels"));
         ret && json_next(&it);)
        if (json_str(it.value))
            strv_add(&add(ret, SELECT_IN, it.key, strlen(it.key))->values, json_str(it.value));
    const json *list = json_get(label_selector, "matchExpressions");
    for (size_t i = 0; json_is_array(list) && i < json_len(list); i++) {
        cleanup_free char *at = xasprintf("%s.matchExpressions[%zu]", path, i);
        decode_expression(json_at(list, i), at, causes, ret);
    }
}

/* ---- use ---- */

static bool requirement_matches(const struct requirement *r, const json *labels)
{
    const char *value = json_str(json_get(labels, r->key));
    switch (r->op) {
    case SELECT_IN:
        return value && strv_has(&r->values, value);
    case SELECT_NOT_IN:
        return !value || !strv_has(&r->values, value);
    case SELECT_EXISTS:
        return value != NULL;
    case SELECT_NOT_EXISTS:
        return value == NULL;
    }
    return false;
}

bool selector_matches(const struct selector *s, const json *labels)
{
    for (size_t i = 0; i < s->len; i++)
        if (!requirement_matches(&s->v[i], labels))
            return false;
    return true;
}

char *selector_give_text(const struct selector *s)
{
    static const char *const words[] = { [SELECT_IN] = " in ", [SELECT_NOT_IN] = " notin " };
    struct buf b = BUF_INIT(BUF_UNBOUNDED);
    for (size_t i = 0; i < s->len; i++) {
        const struct requirement *r = &s->v[i];
        if (i)
            buf_addc(&b, ',');
        if (r->op == SELECT_NOT_EXISTS)
            buf_addc(&b, '!');
        buf_adds(&b, r->key);
        if (!has_values(r->op))
            continue;
        cleanup_free char *values = strv_give_joined(&r->values, ",");
        buf_addf(&b, "%s(%s)", words[r->op], values);
    }
    return buf_give(&b);
}
