#include "pkg/base/json_scan.h"

#include <stdint.h>
#include <string.h>

#include "pkg/base/json_chars.h"
#include "pkg/base/mem.h"

enum want {
    WANT_VALUE,
    WANT_FIRST_ITEM, /* a value or ] */
    WANT_FIRST_KEY,  /* a key or } */
    WANT_KEY,
    WANT_COLON,
    WANT_COMMA, /* or the end of the container */
    WANT_END,
    WANT_NOTHING /* after an error */
};

void json_scan_init(struct json_scan *s, const char *doc, size_t len)
{
    s->begin = s->pos = s->text = doc;
    s->end = doc + len;
    s->len = 0;
    s->escaped = s->nul_key = false;
    s->depth = s->deepest = 0;
    s->state_ = WANT_VALUE;
    if (len >= 3 && memcmp(doc, "\xEF\xBB\xBF", 3) == 0) /* byte order mark */
        s->pos += 3;
}

__attribute__((cold, noinline)) static enum scan_token fail(struct json_scan *s, const char *at,
                                                            const char *what, struct error **err)
{
    s->state_ = WANT_NOTHING;
    s->pos = at;
    (void)error_set(err, ERR_INVALID, "JSON text: %s at byte %zu", what, (size_t)(at - s->begin));
    return SCAN_ERROR;
}

static inline const char *skip_space(const char *p, const char *end)
{
    while (p < end && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t'))
        p++;
    return p;
}

/* NUL stands for the end: it is no more welcome anywhere outside strings. */
static inline char peek(const char *p, const char *end)
{
    return p < end ? *p : '\0';
}

static inline bool in_object(const struct json_scan *s)
{
    size_t i = s->depth - 1;
    return s->stack_[i / 8] >> (i % 8) & 1;
}

static inline enum scan_token emit(struct json_scan *s, enum scan_token token, const char *text,
                                   const char *pos)
{
    s->text = text;
    s->len = (size_t)(pos - text);
    s->pos = pos;
    s->state_ = s->depth ? WANT_COMMA : WANT_END;
    return token;
}

static enum scan_token open_container(struct json_scan *s, const char *p, bool object,
                                      struct error **err)
{
    if (s->depth == SCAN_DEPTH_MAX)
        return fail(s, p, "nested too deeply", err);

    size_t i = s->depth++;
    if (s->depth > s->deepest)
        s->deepest = s->depth;
    unsigned char bit = (unsigned char)(1u << (i % 8));
    if (object)
        s->stack_[i / 8] |= bit;
    else
        s->stack_[i / 8] &= (unsigned char)~bit;
    (void)emit(s, SCAN_END, p, p + 1);
    s->state_ = object ? WANT_FIRST_KEY : WANT_FIRST_ITEM;
    return object ? SCAN_OBJECT_BEGIN : SCAN_ARRAY_BEGIN;
}

static inline enum scan_token close_container(struct json_scan *s, const char *p)
{
    bool object = in_object(s);
    s->depth--;
    return emit(s, object ? SCAN_OBJECT_END : SCAN_ARRAY_END, p, p + 1);
}

/* p is at the opening quote. */
static inline enum scan_token scan_string(struct json_scan *s, const char *p, enum scan_token token,
                                          struct error **err)
{
    const char *text = ++p, *end = s->end;
    s->escaped = false;
    for (;;) {
        p = chars_skip_plain(p, end);
        if (p == end)
            return fail(s, p, "end inside a string", err);
        if (*p == '"')
            break;

        size_t n;
        if (*p == '\\') {
            n = chars_escape_len(p, end);
            if (!n)
                return fail(s, p, "bad escape", err);
            s->escaped = true;
            p += n;
            continue;
        }
        if ((unsigned char)*p < 0x20)
            return fail(s, p, "control character in a string", err);
        for (; p < end && (unsigned char)*p >= 0x80; p += n) {
            n = chars_utf8_len(p, end);
            if (!n)
                return fail(s, p, "bad UTF-8", err);
        }
    }
    (void)emit(s, token, text, p + 1);
    s->len--; /* without the closing quote */
    return token;
}

static inline const char *skip_digits(const char *p, const char *end)
{
    while (p < end && *p >= '0' && *p <= '9')
        p++;
    return p;
}

static enum scan_token scan_number(struct json_scan *s, const char *p, struct error **err)
{
    const char *text = p, *end = s->end, *digits;
    if (*p == '-')
        p++;
    digits = p;
    p = skip_digits(p, end);
    if (p == digits)
        return fail(s, p, "a digit is expected", err);
    if (*digits == '0' && p > digits + 1)
        return fail(s, digits, "number with a leading zero", err);
    if (peek(p, end) == '.') {
        digits = ++p;
        p = skip_digits(p, end);
        if (p == digits)
            return fail(s, p, "a digit is expected", err);
    }
    if (peek(p, end) == 'e' || peek(p, end) == 'E') {
        p++;
        if (peek(p, end) == '+' || peek(p, end) == '-')
            p++;
        digits = p;
        p = skip_digits(p, end);
        if (p == digits)
            return fail(s, p, "a digit is expected", err);
    }
    return emit(s, SCAN_NUMBER, text, p);
}

static enum scan_token scan_word(struct json_scan *s, const char *p, const char *word,
                                 enum scan_token token, struct error **err)
{
    size_t n = strlen(word);
    if ((size_t)(s->end - p) < n || memcmp(p, word, n) != 0)
        return fail(s, p, "a value is expected", err);
    return emit(s, token, p, p + n);
}

static inline enum scan_token scan_value(struct json_scan *s, const char *p, struct error **err)
{
    switch (peek(p, s->end)) {
    case '"':
        return scan_string(s, p, SCAN_STR, err);
    case '{':
        return open_container(s, p, true, err);
    case '[':
        return open_container(s, p, false, err);
    case 't':
        return scan_word(s, p, "true", SCAN_TRUE, err);
    case 'f':
        return scan_word(s, p, "false", SCAN_FALSE, err);
    case 'n':
        return scan_word(s, p, "null", SCAN_NULL, err);
    case '-':
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
    case '8':
    case '9':
        return scan_number(s, p, err);
    default:
        return fail(s, p, p == s->end ? "unexpected end" : "a value is expected", err);
    }
}

__attribute__((cold, noinline)) static bool has_nul(const char *text, size_t len)
{
    cleanup_free char *decoded = xmalloc(len);
    return memchr(decoded, '\0', chars_unescape(decoded, text, len)) != NULL;
}

static inline enum scan_token scan_key(struct json_scan *s, const char *p, struct error **err)
{
    if (peek(p, s->end) != '"')
        return fail(s, p, p == s->end ? "unexpected end" : "a key is expected", err);
    enum scan_token token = scan_string(s, p, SCAN_KEY, err);
    if (token == SCAN_KEY) {
        s->state_ = WANT_COLON;
        if (s->escaped && has_nul(s->text, s->len))
            s->nul_key = true;
    }
    return token;
}

/* The whole grammar: one token. Both entry points below get their own inlined copy. */
static inline __attribute__((always_inline)) enum scan_token step(struct json_scan *s,
                                                                  struct error **err)
{
    const char *p = skip_space(s->pos, s->end);
    switch ((enum want)s->state_) {
    case WANT_COMMA:
        if (peek(p, s->end) == ',') {
            p = skip_space(p + 1, s->end);
            return in_object(s) ? scan_key(s, p, err) : scan_value(s, p, err);
        }
        if (peek(p, s->end) == (in_object(s) ? '}' : ']'))
            return close_container(s, p);
        return fail(s, p, p == s->end ? "unexpected end" : "a comma or the end is expected", err);
    case WANT_COLON:
        if (peek(p, s->end) != ':')
            return fail(s, p, "a colon is expected", err);
        return scan_value(s, skip_space(p + 1, s->end), err);
    case WANT_FIRST_KEY:
        if (peek(p, s->end) == '}')
            return close_container(s, p);
        return scan_key(s, p, err);
    case WANT_KEY:
        return scan_key(s, p, err);
    case WANT_FIRST_ITEM:
        if (peek(p, s->end) == ']')
            return close_container(s, p);
        return scan_value(s, p, err);
    case WANT_VALUE:
        return scan_value(s, p, err);
    case WANT_END:
        if (p < s->end)
            return fail(s, p, "text behind the value", err);
        s->text = s->pos = p;
        s->len = 0;
        return SCAN_END;
    case WANT_NOTHING:
        break;
    }
    return fail(s, s->pos, "defect met before", err);
}

enum scan_token json_scan_next(struct json_scan *s, struct error **err)
{
    return step(s, err);
}

int json_scan_skip(struct json_scan *s, const char **ret_text, size_t *ret_len, struct error **err)
{
    const char *before = s->pos;
    enum scan_token token = json_scan_next(s, err);
    if (token == SCAN_ERROR)
        return -1;
    if (token == SCAN_KEY || token == SCAN_OBJECT_END || token == SCAN_ARRAY_END ||
        token == SCAN_END) {
        (void)fail(s, skip_space(before, s->end), "a value is expected", err);
        return -1;
    }

    const char *text = token == SCAN_STR ? s->text - 1 : s->text;
    if (token == SCAN_OBJECT_BEGIN || token == SCAN_ARRAY_BEGIN) {
        size_t outside = s->depth - 1;
        while (s->depth > outside)
            if (step(s, err) == SCAN_ERROR)
                return -1;
    }
    *ret_text = text;
    *ret_len = (size_t)(s->pos - text);
    return 0;
}

bool json_scan_more(const struct json_scan *s)
{
    const char *p = skip_space(s->pos, s->end);
    switch ((enum want)s->state_) {
    case WANT_COMMA:
        return peek(p, s->end) == ',';
    case WANT_FIRST_ITEM:
        return p < s->end && *p != ']';
    case WANT_FIRST_KEY:
        return p < s->end && *p != '}';
    default:
        return false;
    }
}

bool json_scan_key_is(const struct json_scan *s, const char *key)
{
    size_t n = strlen(key);
    if (!s->escaped)
        return s->len == n && memcmp(s->text, key, n) == 0;

    cleanup_free char *text = xmalloc(s->len);
    return chars_unescape(text, s->text, s->len) == n && memcmp(text, key, n) == 0;
}

char *json_scan_give_text(const struct json_scan *s)
{
    char *text = xmalloc(s->len + 1);
    size_t n = s->len;
    if (s->escaped)
        n = chars_unescape(text, s->text, s->len);
    else
        memcpy(text, s->text, s->len);
    text[n] = '\0';
    return text;
}
