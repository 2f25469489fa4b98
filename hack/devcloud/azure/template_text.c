/* Functions of templates that work on texts. */
#include <ctype.h>
#include <string.h>

#include "hack/devcloud/azure/template.h"
#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/crypt/crypt.h"

/* RFC 4122's rule of version 5, under the namespace of Azure's own. */
static const unsigned char guid_namespace[] = { 0x11, 0xfb, 0x06, 0xfb, 0x71, 0x2d, 0x4d, 0xdd,
                                                0x98, 0xc7, 0xe7, 0x1b, 0xbd, 0x58, 0x88, 0x30 };
#define UNIQUE_LEN 13

#define FUNCTION(name) \
    static int name(const struct template_scope *s, json *const *args, size_t len, json **ret, \
                    struct error **err)
#define UNUSED_SCOPE ((void)s, (void)len)

char *template_give_text(const json *value)
{
    if (json_kind(value) == JSON_BOOL) /* as .NET writes them */
        return xstrdup(json_bool(value, false) ? "True" : "False");
    return json_str(value) ? xstrdup(json_str(value)) : json_give_text(value);
}

/* The arguments as texts, "-" between them. */
static char *give_joined(json *const *args, size_t len)
{
    struct buf b = BUF_INIT(BUF_UNBOUNDED);
    buf_adds(&b, "");
    for (size_t i = 0; i < len; i++) {
        cleanup_free char *text = template_give_text(args[i]);
        buf_addf(&b, "%s%s", i ? "-" : "", text);
    }
    return buf_give(&b);
}

/* ---- putting together ---- */

FUNCTION(concat_arrays)
{
    (void)s;
    cleanup_json json *out = json_new_array();
    for (size_t i = 0; i < len; i++) {
        if (!json_is_array(args[i]))
            return error_set(err, ERR_INVALID,
                             "The template language function 'concat' was given arrays and %s",
                             json_kind_name(json_kind(args[i])));
        for (size_t j = 0; j < json_len(args[i]); j++)
            json_append(out, json_ref(json_at(args[i], j)));
    }
    *ret = take(out);
    return 0;
}

FUNCTION(do_concat)
{
    if (len > 0 && json_is_array(args[0]))
        return concat_arrays(s, args, len, ret, err);
    cleanup_buf struct buf b = BUF_INIT(BUF_UNBOUNDED);
    for (size_t i = 0; i < len; i++) {
        if (json_is_array(args[i]) || json_is_object(args[i]))
            return error_set(err, ERR_INVALID,
                             "The template language function 'concat' was given texts and %s",
                             json_kind_name(json_kind(args[i])));
        cleanup_free char *text = template_give_text(args[i]);
        buf_adds(&b, text);
    }
    *ret = json_new_str(buf_str(&b));
    return 0;
}

/* {0} takes the first argument behind the format; a brace is doubled to stay. */
FUNCTION(do_format)
{
    (void)s;
    const char *at;
    cleanup_buf struct buf b = BUF_INIT(BUF_UNBOUNDED);
    if (template_need_str("format", args[0], &at, err) < 0)
        return -1;
    while (*at) {
        size_t digits = *at == '{' ? strspn(at + 1, "0123456789") : 0;
        if (digits > 0) {
            cleanup_free char *number = xstrndup(at + 1, digits);
            long long index;
            if (!str_to_int(number, 0, (long long)len - 2, &index))
                return error_set(err, ERR_INVALID, "format: there is no argument %s", number);
            cleanup_free char *text = template_give_text(args[index + 1]);
            buf_adds(&b, text);
            at += 1 + digits + strcspn(at + 1 + digits, "}");
            at += *at == '}';
        } else {
            at += (*at == '{' || *at == '}') && at[1] == *at;
            buf_addc(&b, *at++);
        }
    }
    *ret = json_new_str(buf_str(&b));
    return 0;
}

FUNCTION(do_string)
{
    UNUSED_SCOPE;
    (void)err;
    cleanup_free char *text = template_give_text(args[0]);
    *ret = json_new_str(text);
    return 0;
}

/* ---- taking apart ---- */

FUNCTION(do_substring)
{
    (void)s;
    const char *text;
    int64_t start, count;
    if (template_need_str("substring", args[0], &text, err) < 0 ||
        template_need_int("substring", args[1], &start, err) < 0)
        return -1;
    int64_t all = (int64_t)strlen(text);
    count = all - start;
    if (len > 2 && template_need_int("substring", args[2], &count, err) < 0)
        return -1;
    if (start < 0 || count < 0 || start > all || count > all - start)
        return error_set(err, ERR_INVALID,
                         "The template language function 'substring' must refer to a place within "
                         "the string");
    *ret = json_new_str_n(text + start, (size_t)count);
    return 0;
}

/* take('abc', 2), take([1,2,3], 2), and skip of both. */
static int cut(const char *name, json *const *args, bool head, json **ret, struct error **err)
{
    int64_t n;
    if (template_need_int(name, args[1], &n, err) < 0)
        return -1;
    bool array = json_is_array(args[0]);
    const char *text = json_str(args[0]);
    if (!array && template_need_str(name, args[0], &text, err) < 0)
        return -1;
    size_t all = array ? json_len(args[0]) : strlen(text);
    size_t mark = n < 0 ? 0 : (uint64_t)n > all ? all : (size_t)n;
    size_t from = head ? 0 : mark, to = head ? mark : all;
    *ret = array ? json_new_array() : json_new_str_n(text + from, to - from);
    for (size_t i = from; array && i < to; i++)
        json_append(*ret, json_ref(json_at(args[0], i)));
    return 0;
}

FUNCTION(do_take)
{
    UNUSED_SCOPE;
    return cut("take", args, true, ret, err);
}

FUNCTION(do_skip)
{
    UNUSED_SCOPE;
    return cut("skip", args, false, ret, err);
}

FUNCTION(do_replace)
{
    UNUSED_SCOPE;
    const char *text, *from, *to;
    if (template_need_str("replace", args[0], &text, err) < 0 ||
        template_need_str("replace", args[1], &from, err) < 0 ||
        template_need_str("replace", args[2], &to, err) < 0)
        return -1;
    cleanup_buf struct buf b = BUF_INIT(BUF_UNBOUNDED);
    size_t step = strlen(from);
    while (*text)
        if (step > 0 && str_starts(text, from)) {
            buf_adds(&b, to);
            text += step;
        } else {
            buf_addc(&b, *text++);
        }
    *ret = json_new_str(buf_str(&b));
    return 0;
}

FUNCTION(do_split)
{
    UNUSED_SCOPE;
    const char *text, *separator;
    if (template_need_str("split", args[0], &text, err) < 0 ||
        template_need_str("split", args[1], &separator, err) < 0)
        return -1;
    json *out = json_new_array();
    size_t step = strlen(separator);
    const char *end;
    while (step > 0 && (end = strstr(text, separator))) {
        json_append(out, json_new_str_n(text, (size_t)(end - text)));
        text = end + step;
    }
    json_append(out, json_new_str(text));
    *ret = out;
    return 0;
}

static int map_letters(const char *name, const json *arg, int (*letter)(int), json **ret,
                       struct error **err)
{
    const char *text;
    if (template_need_str(name, arg, &text, err) < 0)
        return -1;
    cleanup_free char *copy = xstrdup(text);
    for (char *p = copy; *p; p++)
        *p = (char)letter((unsigned char)*p);
    *ret = json_new_str(copy);
    return 0;
}

FUNCTION(do_to_lower)
{
    UNUSED_SCOPE;
    return map_letters("toLower", args[0], tolower, ret, err);
}

FUNCTION(do_to_upper)
{
    UNUSED_SCOPE;
    return map_letters("toUpper", args[0], toupper, ret, err);
}

FUNCTION(do_trim)
{
    UNUSED_SCOPE;
    const char *text;
    if (template_need_str("trim", args[0], &text, err) < 0)
        return -1;
    cleanup_free char *trimmed = str_give_trimmed(text);
    *ret = json_new_str(trimmed);
    return 0;
}

/* ---- encodings ---- */

FUNCTION(do_base64)
{
    UNUSED_SCOPE;
    const char *text;
    if (template_need_str("base64", args[0], &text, err) < 0)
        return -1;
    cleanup_free char *encoded = base64_give(text, strlen(text));
    *ret = json_new_str(encoded);
    return 0;
}

FUNCTION(do_base64_to_string)
{
    UNUSED_SCOPE;
    const char *text;
    cleanup_free char *decoded = NULL;
    size_t n;
    if (template_need_str("base64ToString", args[0], &text, err) < 0)
        return -1;
    if (base64_parse(text, strlen(text), &decoded, &n, err) < 0)
        return error_wrap(err, "base64ToString");
    *ret = json_new_str_n(decoded, n);
    return 0;
}

FUNCTION(do_json)
{
    UNUSED_SCOPE;
    const char *text;
    if (template_need_str("json", args[0], &text, err) < 0)
        return -1;
    return json_parse(text, strlen(text), ret, err) < 0 ? error_wrap(err, "json") : 0;
}

FUNCTION(do_guid)
{
    (void)s;
    (void)err;
    cleanup_free char *name = give_joined(args, len);
    cleanup_buf struct buf all = BUF_INIT(BUF_UNBOUNDED);
    unsigned char d[SHA1_LEN];
    buf_add(&all, guid_namespace, sizeof(guid_namespace));
    buf_adds(&all, name);
    sha1(all.data, all.len, d);
    d[6] = (unsigned char)((d[6] & 0x0f) | 0x50);
    d[8] = (unsigned char)((d[8] & 0x3f) | 0x80);
    cleanup_free char *hex = hex_give(d, 16);
    cleanup_free char *text =
        xasprintf("%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
    *ret = json_new_str(text);
    return 0;
}

/* Stable, and of the right form; nobody outside knows the hash of the real one. */
FUNCTION(do_unique_string)
{
    (void)s;
    (void)err;
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";
    cleanup_free char *name = give_joined(args, len);
    unsigned char d[SHA256_LEN];
    char out[UNIQUE_LEN + 1];
    sha256(name, strlen(name), d);
    for (size_t i = 0; i < UNIQUE_LEN; i++)
        out[i] = letters[d[i] % 32];
    out[UNIQUE_LEN] = '\0';
    *ret = json_new_str(out);
    return 0;
}

const struct template_function template_text_functions[] = {
    { "base64", 1, 1, false, do_base64 },
    { "base64ToString", 1, 1, false, do_base64_to_string },
    { "concat", 0, TEMPLATE_ANY, false, do_concat },
    { "format", 1, TEMPLATE_ANY, false, do_format },
    { "guid", 1, TEMPLATE_ANY, false, do_guid },
    { "json", 1, 1, false, do_json },
    { "replace", 3, 3, false, do_replace },
    { "skip", 2, 2, false, do_skip },
    { "split", 2, 2, false, do_split },
    { "string", 1, 1, false, do_string },
    { "substring", 2, 3, false, do_substring },
    { "take", 2, 2, false, do_take },
    { "toLower", 1, 1, false, do_to_lower },
    { "toUpper", 1, 1, false, do_to_upper },
    { "trim", 1, 1, false, do_trim },
    { "uniqueString", 1, TEMPLATE_ANY, false, do_unique_string },
    { 0 },
};
