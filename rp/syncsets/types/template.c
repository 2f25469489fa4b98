#include "rp/syncsets/types/template.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

struct scan {
    const char *text, *at;
    const json *cluster;
};

/* ---- positions ---- */

static int fail_at(const struct scan *s, const char *where, struct error **err, const char *what)
{
    size_t line = 1;
    const char *start = s->text;
    for (const char *p = s->text; p < where; p++) {
        if (*p == '\n') {
            line++;
            start = p + 1;
        }
    }
    return error_set(err, ERR_INVALID, "template: %zu:%zu: %s", line, (size_t)(where - start) + 1,
                     what);
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void skip_space(struct scan *s)
{
    while (is_space(*s->at))
        s->at++;
}

/* ---- constants ---- */

static const struct {
    char code, value;
} escapes[] = { { 'n', '\n' },  { 't', '\t' }, { 'r', '\r' },
                { '\\', '\\' }, { '"', '"' },  { '\'', '\'' } };

static int read_quoted(struct scan *s, char **ret, struct error **err)
{
    const char *start = s->at++;
    cleanup_buf struct buf b = BUF_INIT(BUF_UNBOUNDED);
    for (; *s->at != '"'; s->at++) {
        if (*s->at == '\0' || *s->at == '\n')
            return fail_at(s, start, err, "unterminated quoted string");
        if (*s->at != '\\') {
            buf_addc(&b, *s->at);
            continue;
        }
        s->at++;
        size_t i = 0;
        while (i < ARRAY_LEN(escapes) && escapes[i].code != *s->at)
            i++;
        if (i == ARRAY_LEN(escapes))
            return fail_at(s, s->at - 1, err, "unsupported escape in a quoted string");
        buf_addc(&b, escapes[i].value);
    }
    s->at++;
    buf_adds(&b, "");
    *ret = buf_give(&b);
    return 0;
}

static int read_raw(struct scan *s, char **ret, struct error **err)
{
    const char *start = s->at++;
    const char *end = strchr(s->at, '`');
    if (!end)
        return fail_at(s, start, err, "unterminated raw quoted string");
    *ret = xstrndup(s->at, (size_t)(end - s->at));
    s->at = end + 1;
    return 0;
}

/* ---- functions ---- */

static const char *part_of(const json *cluster, const char *key, const char *argument)
{
    const json *metadata = json_get(cluster, "metadata");
    const json *value = json_get(metadata, key);
    const char *text = json_str(argument ? json_get(value, argument) : value);
    return text ? text : "";
}

static const struct {
    const char *name, *key;
    int arguments;
} functions[] = {
    { "fromCDLabel", "labels", 1 }, { "fromCDAnnotation", "annotations", 1 },
    { "fromCDName", "name", 0 },    { "fromCDNamespace", "namespace", 0 },
    { "default", NULL, 2 },
};

#define ARGUMENTS_MAX 2
struct arguments {
    char *v[ARGUMENTS_MAX + 1];
    int len;
};
static void arguments_release(struct arguments *a)
{
    for (int i = 0; i < a->len; i++)
        free(a->v[i]);
}
#define cleanup_arguments CLEANUP_WITH(arguments_release)

static int read_pipeline(struct scan *s, int depth, char **ret, struct error **err);

static int read_operand(struct scan *s, int depth, char **ret, struct error **err)
{
    if (*s->at == '"')
        return read_quoted(s, ret, err);
    if (*s->at == '`')
        return read_raw(s, ret, err);
    const char *start = s->at++;
    if (read_pipeline(s, depth + 1, ret, err) < 0)
        return -1;
    if (*s->at != ')') {
        free(*ret);
        *ret = NULL;
        return fail_at(s, start, err, "unclosed left paren");
    }
    s->at++;
    return 0;
}

static bool at_operand(const struct scan *s)
{
    return *s->at == '"' || *s->at == '`' || *s->at == '(';
}

static int call(struct scan *s, const char *start, size_t len, struct arguments *args, char **ret,
                struct error **err)
{
    for (size_t i = 0; i < ARRAY_LEN(functions); i++) {
        if (strlen(functions[i].name) != len || memcmp(functions[i].name, start, len) != 0)
            continue;
        if (args->len != functions[i].arguments)
            return fail_at(s, start, err, "wrong number of arguments");
        if (functions[i].key)
            *ret = xstrdup(part_of(s->cluster, functions[i].key, args->len ? args->v[0] : NULL));
        else
            *ret = xstrdup(*args->v[1] ? args->v[1] : args->v[0]);
        return 0;
    }
    return fail_at(s, start, err,
                   "not supported here; there are fromCDLabel, fromCDAnnotation, fromCDName, "
                   "fromCDNamespace and default");
}

/* One command of a pipeline; piped (consumed, may be NULL) becomes its last argument. */
static int read_command(struct scan *s, int depth, char *piped, char **ret, struct error **err)
{
    cleanup_arguments struct arguments args = { 0 };
    const char *start = s->at;
    if (at_operand(s)) {
        if (piped) {
            free(piped);
            return fail_at(s, start, err, "a constant cannot take a value from a pipe");
        }
        return read_operand(s, depth, ret, err);
    }
    while (isalnum((unsigned char)*s->at) || *s->at == '_')
        s->at++;
    size_t len = (size_t)(s->at - start);
    int status = 0;
    for (skip_space(s); status == 0 && at_operand(s); skip_space(s)) {
        if (args.len == ARGUMENTS_MAX)
            status = fail_at(s, s->at, err, "too many arguments");
        else if ((status = read_operand(s, depth, &args.v[args.len], err)) == 0)
            args.len++;
    }
    if (status < 0) {
        free(piped);
        return -1;
    }
    if (piped)
        args.v[args.len++] = piped;
    if (len == 0)
        return fail_at(s, start, err,
                       *start ? "unexpected character in an action" : "unclosed action");
    return call(s, start, len, &args, ret, err);
}

#define DEPTH_MAX 16

static int read_pipeline(struct scan *s, int depth, char **ret, struct error **err)
{
    char *value = NULL;
    if (depth > DEPTH_MAX)
        return fail_at(s, s->at, err, "too deeply nested");
    for (;;) {
        char *next = NULL;
        skip_space(s);
        if (read_command(s, depth, value, &next, err) < 0)
            return -1;
        value = next;
        skip_space(s);
        if (*s->at != '|')
            break;
        s->at++;
    }
    *ret = value;
    return 0;
}

/* ---- texts ---- */

static void trim_right(struct buf *out)
{
    while (out->len > 0 && is_space(out->data[out->len - 1]))
        out->data[--out->len] = '\0';
}

static int read_comment(struct scan *s, const char *open, struct error **err)
{
    const char *end = strstr(s->at + 2, "*/");
    if (!end)
        return fail_at(s, open, err, "unclosed comment");
    s->at = end + 2;
    return 0;
}

/* s->at is behind the braces. */
static int read_action(struct scan *s, const char *open, struct buf *out, struct error **err)
{
    if (*s->at == '-' && is_space(s->at[1])) {
        trim_right(out);
        s->at++;
    }
    skip_space(s);
    if (str_starts(s->at, "/*")) {
        if (read_comment(s, open, err) < 0)
            return -1;
    } else {
        cleanup_free char *value = NULL;
        if (read_pipeline(s, 0, &value, err) < 0)
            return -1;
        buf_adds(out, value);
    }
    bool has_space = s->at > open && is_space(s->at[-1]);
    skip_space(s);
    bool trims = *s->at == '-' && (has_space || is_space(s->at[-1]));
    if (trims)
        s->at++;
    if (!str_starts(s->at, "}}"))
        return fail_at(s, *s->at ? s->at : open, err,
                       *s->at ? "unexpected text in an action" : "unclosed action");
    s->at += 2;
    if (trims)
        skip_space(s);
    return 0;
}

bool template_has_actions(const char *text)
{
    return strstr(text, "{{") != NULL;
}

/* Asked behind each action, so that no more than one is ever beyond it. */
static int check_room(const struct buf *out, size_t room, struct error **err)
{
    if (out->len <= room)
        return 0;
    return error_set(err, ERR_INVALID, "the set comes to more than %zu bytes on this cluster",
                     TEMPLATE_MAX_BYTES);
}

int template_render(const char *text, const json *cluster, size_t *room, char **ret,
                    struct error **err)
{
    struct scan s = { text, text, cluster };
    size_t own_room = TEMPLATE_MAX_BYTES;
    if (!room)
        room = &own_room;
    cleanup_buf struct buf out = BUF_INIT(BUF_UNBOUNDED);
    for (;;) {
        const char *open = strstr(s.at, "{{");
        if (!open)
            break;
        buf_add(&out, s.at, (size_t)(open - s.at));
        s.at = open + 2;
        if (read_action(&s, open, &out, err) < 0 || check_room(&out, *room, err) < 0)
            return -1;
    }
    buf_adds(&out, s.at);
    if (check_room(&out, *room, err) < 0)
        return -1;
    *room -= out.len;
    if (ret)
        *ret = buf_give(&out);
    return 0;
}

static int render_into(const json *value, const json *cluster, size_t *room, json **ret,
                       struct error **err)
{
    if (json_kind(value) == JSON_STR) {
        cleanup_free char *text = NULL;
        if (template_render(json_str(value), cluster, room, &text, err) < 0)
            return -1;
        *ret = json_new_str(text);
        return 0;
    }
    if (!json_is_object(value) && !json_is_array(value)) {
        *ret = json_give_copy(value);
        return 0;
    }
    bool is_object = json_is_object(value);
    cleanup_json json *made = is_object ? json_new_object() : json_new_array();
    for (struct json_iter it = json_each(value); json_next(&it);) {
        json *member = NULL;
        if (render_into(it.value, cluster, room, &member, err) < 0)
            return error_wrap(err, ".%s", it.key);
        json_put(made, it.key, member);
    }
    for (size_t i = 0; !is_object && i < json_len(value); i++) {
        json *item = NULL;
        if (render_into(json_at(value, i), cluster, room, &item, err) < 0)
            return error_wrap(err, "[%zu]", i);
        json_append(made, item);
    }
    *ret = take(made);
    return 0;
}

int template_render_tree(const json *value, const json *cluster, size_t *room, json **ret,
                         struct error **err)
{
    size_t own_room = TEMPLATE_MAX_BYTES;
    return render_into(value, cluster, room ? room : &own_room, ret, err);
}
