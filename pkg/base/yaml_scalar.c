#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "pkg/base/json_chars.h"
#include "pkg/base/json_impl.h"
#include "pkg/base/yaml_impl.h"

static bool is_one_of(const char *text, size_t len, const char *const *words)
{
    for (; *words; words++)
        if (strlen(*words) == len && memcmp(text, *words, len) == 0)
            return true;
    return false;
}

static size_t count_of(const char *p, const char *set)
{
    return strspn(p, set);
}

/* ---- numbers; p is a C string without underscores ---- */

/* An integer with a base prefix; false when there is none, or beyond 64 bits. */
static bool read_based(const char *p, json **ret)
{
    static const struct {
        const char *prefix, *digits;
        unsigned base;
    } bases[] = {
        { "0x", "0123456789abcdefABCDEF", 16 },
        { "0o", "01234567", 8 },
        { "0b", "01", 2 },
        { "0", "01234567", 8 }, /* file modes */
    };
    bool negative = *p == '-';
    if (*p == '-' || *p == '+')
        p++;
    for (size_t i = 0; i < ARRAY_LEN(bases); i++) {
        size_t n = strlen(bases[i].prefix);
        if (strncasecmp(p, bases[i].prefix, n) != 0 || !p[n] ||
            p[n + count_of(p + n, bases[i].digits)])
            continue;
        uint64_t v = 0;
        for (p += n; *p; p++) {
            unsigned digit = isdigit((unsigned char)*p) ? (unsigned)(*p - '0')
                                                        : (unsigned)((*p | 0x20) - 'a') + 10;
            if (__builtin_mul_overflow(v, (uint64_t)bases[i].base, &v) ||
                __builtin_add_overflow(v, (uint64_t)digit, &v))
                return false;
        }
        char spelling[32];
        int len = snprintf(spelling, sizeof(spelling), "%s%llu", negative && v ? "-" : "",
                           (unsigned long long)v);
        *ret = json_number_new(spelling, (size_t)len);
        return true;
    }
    return false;
}

/* [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?, rewritten by JSON's rules. */
static bool read_decimal(const char *p, json **ret)
{
    static const char digits[] = "0123456789";
    cleanup_buf struct buf b = BUF_INIT(BUF_UNBOUNDED);
    if (*p == '-')
        buf_addc(&b, '-');
    if (*p == '-' || *p == '+')
        p++;

    size_t whole = count_of(p, digits), fraction = 0, zeros = count_of(p, "0");
    if (zeros == whole && whole)
        zeros--;
    buf_add(&b, whole ? p + zeros : "0", whole ? whole - zeros : 1);
    p += whole;
    if (*p == '.') {
        fraction = count_of(++p, digits);
        if (fraction) {
            buf_addc(&b, '.');
            buf_add(&b, p, fraction);
        }
        p += fraction;
    }
    if (!whole && !fraction)
        return false;
    if (*p == 'e' || *p == 'E') {
        size_t sign = p[1] == '-' || p[1] == '+', exponent = count_of(p + 1 + sign, digits);
        if (!exponent)
            return false;
        buf_add(&b, p, 1 + sign + exponent);
        p += 1 + sign + exponent;
    }
    if (*p)
        return false;
    *ret = json_number_new(b.data, b.len);
    return true;
}

static bool read_number(const char *text, size_t len, json **ret)
{
    cleanup_buf struct buf plain = BUF_INIT(BUF_UNBOUNDED);
    if (!isdigit((unsigned char)text[0]) && !strchr("+-.", text[0]))
        return false;
    for (size_t i = 0; i < len; i++) {
        if (!text[i])
            return false;
        if (text[i] != '_')
            buf_addc(&plain, text[i]);
    }
    return read_based(buf_str(&plain), ret) || read_decimal(buf_str(&plain), ret);
}

enum yaml_plain yaml_resolve(const char *text, size_t len, json **ret)
{
    static const char *const nulls[] = { "", "~", "null", "Null", "NULL", NULL };
    static const char *const trues[] = { "true", "True", "TRUE", NULL };
    static const char *const falses[] = { "false", "False", "FALSE", NULL };
    static const char *const specials[] = { ".inf",  ".Inf",  ".INF",  "+.inf", "+.Inf",
                                            "+.INF", "-.inf", "-.Inf", "-.INF", ".nan",
                                            ".NaN",  ".NAN",  NULL };
    if (is_one_of(text, len, nulls)) {
        *ret = NULL;
        return YAML_PLAIN_VALUE;
    }
    if (is_one_of(text, len, trues) || is_one_of(text, len, falses)) {
        *ret = json_new_bool(*text == 't' || *text == 'T');
        return YAML_PLAIN_VALUE;
    }
    if (is_one_of(text, len, specials))
        return YAML_PLAIN_NO_JSON;
    return read_number(text, len, ret) ? YAML_PLAIN_VALUE : YAML_PLAIN_STR;
}

/* ---- quoting ---- */

bool yaml_is_printable(uint32_t cp)
{
    if (cp < 0xA0)
        return cp >= 0x20 && cp <= 0x7E;
    return cp != 0x2028 && cp != 0x2029 && cp != 0xFEFF && cp != 0xFFFE && cp != 0xFFFF;
}

/* Words of YAML 1.1, and what its readers take for base-60 numbers (22:30) or dates (2023-04-05). */
static bool is_old_type(const char *text, size_t len)
{
    static const char *const words[] = {
        "y", "n", "yes", "no", "on", "off", "true", "false", "null"
    };
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (strlen(words[i]) == len && strncasecmp(text, words[i], len) == 0)
            return true;

    bool date = len >= 8 && text[4] == '-';
    for (size_t i = 0; date && i < 4; i++)
        date = isdigit((unsigned char)text[i]);
    bool base60 = strchr("+-0123456789", text[0]) && memchr(text, ':', len);
    for (size_t i = 1; base60 && i < len; i++)
        base60 = text[i] && strchr("0123456789_:.", text[i]);
    return date || base60;
}

static bool may_begin(const char *text, size_t len)
{
    char c = text[0];
    if (isalnum((unsigned char)c) || c == '_' || c == '/' || c == '.' || (unsigned char)c >= 0x80)
        return strncmp(text, "...", 3) != 0;
    return (c == '-' || c == '+') && len > 1 && text[1] != ' ' && strncmp(text, "---", 3) != 0;
}

bool yaml_needs_quotes(const char *text, size_t len)
{
    if (len == 0 || !may_begin(text, len) || text[len - 1] == ' ' || text[len - 1] == ':')
        return true;
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7F)
            return true;
        if ((text[i] == ':' && text[i + 1] == ' ') || (text[i] == ' ' && text[i + 1] == '#'))
            return true;
        if ((unsigned char)text[i] >= 0x80) {
            size_t n = chars_utf8_len(text + i, text + len);
            if (!n || !yaml_is_printable(chars_get_utf8(text + i, n)))
                return true;
            i += n - 1;
        }
    }
    json *value = NULL;
    bool other = yaml_resolve(text, len, &value) != YAML_PLAIN_STR;
    json_free(value);
    return other || is_old_type(text, len);
}
