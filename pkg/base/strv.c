#include "pkg/base/strv.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <strings.h>

#include "pkg/base/buf.h"
#include "pkg/base/mem.h"

void strv_release(struct strv *s)
{
    for (size_t i = 0; i < s->len; i++)
        free(s->v[i]);
    free(s->v);
    *s = (struct strv)STRV_INIT;
}

void strv_take(struct strv *s, char *text)
{
    assert(text);
    if (s->len + 1 >= s->cap) {
        s->cap = s->cap ? s->cap * 2 : 8;
        s->v = xreallocarray(s->v, s->cap, sizeof(*s->v));
    }
    s->v[s->len++] = text;
    s->v[s->len] = NULL;
}

void strv_add(struct strv *s, const char *text)
{
    strv_take(s, xstrdup(text));
}

void strv_addf(struct strv *s, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    strv_take(s, xvasprintf(fmt, ap));
    va_end(ap);
}

bool strv_has(const struct strv *s, const char *text)
{
    for (size_t i = 0; i < s->len; i++) {
        if (str_eq(s->v[i], text))
            return true;
    }
    return false;
}

bool strv_has_nocase(const struct strv *s, const char *text)
{
    for (size_t i = 0; i < s->len; i++) {
        if (str_eq_nocase(s->v[i], text))
            return true;
    }
    return false;
}

void strv_add_unique(struct strv *s, const char *text)
{
    if (!strv_has(s, text))
        strv_add(s, text);
}

static int compare_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void strv_sort(struct strv *s)
{
    if (s->len > 1)
        qsort(s->v, s->len, sizeof(*s->v), compare_text);
}

char *strv_give_joined(const struct strv *s, const char *separator)
{
    cleanup_buf struct buf b = BUF_INIT(BUF_UNBOUNDED);
    for (size_t i = 0; i < s->len; i++) {
        if (i > 0)
            buf_adds(&b, separator);
        buf_adds(&b, s->v[i]);
    }
    return buf_give(&b);
}

void strv_split(struct strv *s, const char *text, const char *separators, bool keep_empty)
{
    for (;;) {
        size_t n = strcspn(text, separators);
        if (n > 0 || keep_empty)
            strv_take(s, xstrndup(text, n));
        if (!text[n])
            return;
        text += n + 1;
    }
}

bool str_eq(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static int ascii_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

static bool same_nocase(const char *a, const char *b, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (ascii_lower(a[i]) != ascii_lower(b[i]))
            return false;
    }
    return true;
}

bool str_eq_nocase(const char *a, const char *b)
{
    if (!a || !b)
        return a == b;
    size_t n = strlen(a);
    return n == strlen(b) && same_nocase(a, b, n);
}

bool str_starts(const char *s, const char *prefix)
{
    return s && strncmp(s, prefix, strlen(prefix)) == 0;
}

bool str_ends(const char *s, const char *suffix)
{
    if (!s)
        return false;
    size_t n = strlen(s), m = strlen(suffix);
    return n >= m && memcmp(s + n - m, suffix, m) == 0;
}

bool str_ends_nocase(const char *s, const char *suffix)
{
    if (!s)
        return false;
    size_t n = strlen(s), m = strlen(suffix);
    return n >= m && same_nocase(s + n - m, suffix, m);
}

/* Only the last star can still take more: what stood before it has matched as early as it could. */
bool str_matches_nocase(const char *pattern, const char *text)
{
    const char *star = NULL, *retry = NULL;
    while (*text) {
        if (*pattern == '*') {
            star = ++pattern;
            retry = text;
        } else if (ascii_lower(*pattern) == ascii_lower(*text)) {
            pattern++;
            text++;
        } else if (star) {
            pattern = star;
            text = ++retry;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return *pattern == '\0';
}

char *str_give_lower(const char *s)
{
    char *copy = xstrdup(s);
    for (char *p = copy; p && *p; p++)
        *p = (char)ascii_lower(*p);
    return copy;
}

char *str_give_trimmed(const char *s)
{
    static const char space[] = " \t\r\n\v\f";
    if (!s)
        return NULL;
    s += strspn(s, space);
    size_t n = strlen(s);
    while (n > 0 && strchr(space, s[n - 1]))
        n--;
    return xstrndup(s, n);
}

size_t int_to_str(int64_t n, char out[INT_TEXT_MAX])
{
    char digits[INT_TEXT_MAX], *end = digits + sizeof(digits) - 1, *p = end;
    uint64_t left = n < 0 ? -(uint64_t)n : (uint64_t)n;
    *end = '\0';
    do {
        *--p = (char)('0' + left % 10);
        left /= 10;
    } while (left > 0);
    if (n < 0)
        *--p = '-';
    memcpy(out, p, (size_t)(end - p) + 1);
    return (size_t)(end - p);
}

bool str_to_int(const char *s, long long min, long long max, long long *ret)
{
    if (!s)
        return false;
    const char *digits = s + (*s == '-');
    if (!*digits || digits[strspn(digits, "0123456789")])
        return false;

    errno = 0;
    long long value = strtoll(s, NULL, 10);
    if (errno != 0 || value < min || value > max)
        return false;
    *ret = value;
    return true;
}
