#include <string.h>

#include "pkg/base/json_scan.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum byte_class { OTHER, QUOTE, OPEN, CLOSE };

static const unsigned char classes[256] = {
    ['"'] = QUOTE, ['{'] = OPEN, ['['] = OPEN, ['}'] = CLOSE, [']'] = CLOSE,
};

/* The first quote or backslash in [p, end), or end. */
static inline const char *find_string_stop(const char *p, const char *end)
{
#ifdef __SSE2__
    while (end - p >= 16) {
        __m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
        __m128i stop = _mm_or_si128(_mm_cmpeq_epi8(x, _mm_set1_epi8('"')),
                                    _mm_cmpeq_epi8(x, _mm_set1_epi8('\\')));
        unsigned mask = (unsigned)_mm_movemask_epi8(stop);
        if (mask)
            return p + __builtin_ctz(mask);
        p += 16;
    }
#endif
    while (p < end && *p != '"' && *p != '\\')
        p++;
    return p;
}

/* The byte behind the string's closing quote; end while the string goes on (in_string tells). */
static inline const char *feed_string(struct json_split *s, const char *p, const char *end)
{
    while (p < end) {
        if (s->escape) {
            s->escape = false;
            p++;
            continue;
        }
        p = find_string_stop(p, end);
        if (p == end)
            return end;
        if (*p++ == '"') {
            s->in_string = false;
            return p;
        }
        s->escape = true;
    }
    return end;
}

/* Inside at least one bracket: runs until the outermost closes or the data ends. */
static const char *feed_nested(struct json_split *s, const char *p, const char *end)
{
    size_t depth = s->depth;
    while (p < end) {
        if (s->in_string) {
            p = feed_string(s, p, end);
            continue;
        }
        unsigned char class = classes[(unsigned char)*p++];
        if (class == OTHER)
            continue;
        if (class == QUOTE)
            s->in_string = true;
        else if (class == OPEN)
            depth++;
        else if (--depth == 0)
            break;
    }
    s->depth = depth;
    return p;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* White space, or a byte of the byte order mark: out of place, the scanner will refuse it. */
static bool may_lead(char c)
{
    return is_space(c) || c == '\xEF' || c == '\xBB' || c == '\xBF';
}

/* Before the value: finds its first byte. True when that byte is a whole value: a bracket or comma
 * out of place, which the scanner will refuse. */
static bool feed_start(struct json_split *s, const char **p, const char *end)
{
    while (*p < end && may_lead(**p))
        (*p)++;
    if (*p == end)
        return false;

    s->started = true;
    char c = *(*p)++;
    if (c == '{' || c == '[')
        s->depth = 1;
    else if (c == '"')
        s->in_string = true;
    return c == '}' || c == ']' || c == ',' || c == ':';
}

static bool ends_word(char c)
{
    return is_space(c) || classes[(unsigned char)c] != OTHER || c == ',' || c == ':';
}

size_t json_split_feed(struct json_split *s, const char *data, size_t len, bool *ret_complete)
{
    const char *p = data, *end = data + len;
    bool complete = false;
    if (!s->started)
        complete = feed_start(s, &p, end);

    if (s->started && !complete) {
        if (s->depth) {
            p = feed_nested(s, p, end);
            complete = s->depth == 0;
        } else if (s->in_string) {
            p = feed_string(s, p, end);
            complete = !s->in_string;
        } else {
            while (p < end && !ends_word(*p))
                p++;
            complete = p < end;
        }
    }
    if (complete)
        *s = (struct json_split){ 0 };
    *ret_complete = complete;
    return (size_t)(p - data);
}
