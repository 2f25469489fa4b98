/* strv.h - a growing vector of owned strings. Threads: one at a time. */
#ifndef PKG_BASE_STRV_H
#define PKG_BASE_STRV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pkg/base/cleanup.h"

struct strv {
    char **v; /* NULL-terminated when len > 0 */
    size_t len, cap;
};
#define STRV_INIT \
    { \
        0 \
    }

void strv_release(struct strv *s);
void strv_add(struct strv *s, const char *text); /* copies */
void strv_take(struct strv *s, char *text);      /* consumes */
void strv_addf(struct strv *s, const char *fmt, ...) PRINTF_LIKE(2, 3);
bool strv_has(const struct strv *s, const char *text);
bool strv_has_nocase(const struct strv *s, const char *text);
void strv_add_unique(struct strv *s, const char *text);
void strv_sort(struct strv *s); /* byte order */
char *strv_give_joined(const struct strv *s, const char *separator);
/* Splits at any byte of separators; empty parts are kept only when keep_empty. */
void strv_split(struct strv *s, const char *text, const char *separators, bool keep_empty);

static inline void strv_release_slot(struct strv *s)
{
    strv_release(s);
}
#define cleanup_strv CLEANUP_WITH(strv_release_slot)

/* String predicates used everywhere. */
bool str_eq(const char *a, const char *b);        /* NULL equals only NULL */
bool str_eq_nocase(const char *a, const char *b); /* ASCII case */
bool str_starts(const char *s, const char *prefix);
bool str_ends(const char *s, const char *suffix);
bool str_ends_nocase(const char *s, const char *suffix);
/* '*' stands for any text, also for none and across slashes; ASCII case is ignored. Linear in text for each '*'. */
bool str_matches_nocase(const char *pattern, const char *text);
char *str_give_lower(const char *s); /* ASCII */
char *str_give_trimmed(const char *s);
/* Decimal, as printf has it, for a tenth of its cost; returns the length. */
#define INT_TEXT_MAX 21
size_t int_to_str(int64_t n, char out[INT_TEXT_MAX]);
/* Whole decimal text within [min, max]; anything else is false and leaves *ret alone. */
bool str_to_int(const char *s, long long min, long long max, long long *ret);

#endif
