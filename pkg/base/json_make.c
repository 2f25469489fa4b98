#include <ctype.h>
#include <stdarg.h>
#include <string.h>

#include "pkg/base/json.h"
#include "pkg/base/json_impl.h"
#include "pkg/base/mem.h"

struct template
{
    const char *text, *p;
    va_list *args;
};

union argument {
    const char *s;
    int d;
    int64_t l;
    json *j;
};

/* The analyzer cannot see that json_make started the list. */
/* NOLINTBEGIN(clang-analyzer-valist.Uninitialized) */
static union argument next_argument(struct template *t, char conversion)
{
    switch (conversion) {
    case 's':
        return (union argument){ .s = va_arg(*t->args, const char *) };
    case 'l':
        return (union argument){ .l = va_arg(*t->args, int64_t) };
    case 'j':
        return (union argument){ .j = va_arg(*t->args, json *) };
    default:
        return (union argument){ .d = va_arg(*t->args, int) };
    }
}
/* NOLINTEND(clang-analyzer-valist.Uninitialized) */

static json *make_value(struct template *t);

static char next_char(struct template *t)
{
    while (*t->p == ' ' || *t->p == '\n' || *t->p == '\t')
        t->p++;
    return *t->p;
}

static void expect(struct template *t, const char *text)
{
    (void)next_char(t);
    size_t n = strlen(text);
    if (strncmp(t->p, text, n) != 0)
        json_die("malformed template", t->p);
    t->p += n;
}

/* A quoted constant; \" \' \\ \n \t are known, and %% stands for one percent sign: a lone one would
 * look as if it were replaced. */
static char *make_quoted(struct template *t)
{
    cleanup_buf struct buf b = BUF_INIT(BUF_UNBOUNDED);
    char quote = *t->p++;
    buf_adds(&b, "");
    while (*t->p != quote) {
        char c = *t->p++;
        if (c == '\\') {
            c = *t->p++;
            c = c == 'n' ? '\n' : c == 't' ? '\t' : c;
        } else if (c == '%' && *t->p++ != '%') {
            c = '\0';
        }
        if (c == '\0')
            json_die("malformed template", t->text);
        buf_addc(&b, c);
    }
    t->p++;
    return buf_give(&b);
}

static char *make_key(struct template *t)
{
    char c = next_char(t);
    if (c == '\'' || c == '"')
        return make_quoted(t);
    expect(t, "%s");
    const char *key = next_argument(t, 's').s;
    if (!key)
        json_die("NULL key for template", t->text);
    return xstrdup(key);
}

static json *make_object(struct template *t)
{
    json *object = json_new_object();
    expect(t, "{");
    while (next_char(t) != '}') {
        if (json_len(object))
            expect(t, ",");
        cleanup_free char *key = make_key(t);
        expect(t, ":");
        if (json_has(object, key))
            json_die("duplicate key in template", key);
        json_put(object, key, make_value(t));
    }
    t->p++;
    return object;
}

static json *make_array(struct template *t)
{
    json *array = json_new_array();
    expect(t, "[");
    while (next_char(t) != ']') {
        if (json_len(array))
            expect(t, ",");
        json_append(array, make_value(t));
    }
    t->p++;
    return array;
}

static json *make_argument(struct template *t)
{
    t->p++;
    switch (*t->p++) {
    case 's':
        return json_new_str(next_argument(t, 's').s);
    case 'd':
        return json_new_int(next_argument(t, 'd').d);
    case 'b':
        return json_new_bool(next_argument(t, 'b').d != 0);
    case 'j':
        return next_argument(t, 'j').j;
    case 'l':
        if (*t->p++ == 'd')
            return json_new_int(next_argument(t, 'l').l);
        break;
    default:
        break;
    }
    json_die("unknown conversion in template", t->text);
}

/* A number, true, false or null. */
static json *make_word(struct template *t)
{
    const char *word = t->p;
    while (isalnum((unsigned char)*t->p) || (*t->p && strchr("+-.", *t->p)))
        t->p++;
    size_t n = (size_t)(t->p - word);
    if (n == 4 && memcmp(word, "true", n) == 0)
        return json_new_bool(true);
    if (n == 5 && memcmp(word, "false", n) == 0)
        return json_new_bool(false);
    if (n == 4 && memcmp(word, "null", n) == 0)
        return NULL;
    if (!json_number_is_valid(word, n))
        json_die("malformed template", word);
    return json_number_new(word, n);
}

static json *make_value(struct template *t)
{
    switch (next_char(t)) {
    case '{':
        return make_object(t);
    case '[':
        return make_array(t);
    case '%':
        return make_argument(t);
    case '"':
    case '\'': {
        cleanup_free char *text = make_quoted(t);
        return json_new_str(text);
    }
    default:
        return make_word(t);
    }
}

json *json_make(const char *fmt, ...)
{
    va_list args;
    struct template t = { .text = fmt, .p = fmt, .args = &args };
    va_start(args, fmt);
    json *j = make_value(&t);
    va_end(args);
    if (next_char(&t))
        json_die("text behind the template", t.p);
    return j;
}
