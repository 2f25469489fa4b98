/*
 * json_chars.h - the characters of JSON strings: plain runs, UTF-8, escapes. Private to pkg/base.
 */
#ifndef PKG_BASE_JSON_CHARS_H
#define PKG_BASE_JSON_CHARS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* Printable ASCII other than the quote and the backslash: needs no decision inside a JSON string.
 */
static inline bool chars_is_plain(char c)
{
    return (unsigned char)c >= 0x20 && (unsigned char)c < 0x80 && c != '"' && c != '\\';
}

/* The first byte in [p, end) that is not plain, or end. */
static inline const char *chars_skip_plain(const char *p, const char *end)
{
#ifdef __SSE2__
    /* Compared as signed, bytes from 0x80 on are negative: one comparison finds them and the
     * controls. */
    while (end - p >= 16) {
        __m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
        __m128i stop = _mm_or_si128(_mm_cmpeq_epi8(x, _mm_set1_epi8('"')),
                                    _mm_cmpeq_epi8(x, _mm_set1_epi8('\\')));
        stop = _mm_or_si128(stop, _mm_cmplt_epi8(x, _mm_set1_epi8(0x20)));
        unsigned mask = (unsigned)_mm_movemask_epi8(stop);
        if (mask)
            return p + __builtin_ctz(mask);
        p += 16;
    }
#else
    /* A set high bit in `stop` marks a byte that may stop us; the byte loop below decides. */
    while (end - p >= 8) {
        const uint64_t ones = 0x0101010101010101u, highs = 0x8080808080808080u;
        uint64_t x, quote, slash, stop;
        memcpy(&x, p, sizeof(x));
        quote = x ^ (ones * '"');
        slash = x ^ (ones * '\\');
        stop = (x | (x - ones * 0x20) | (quote - ones) | (slash - ones)) & highs;
        if (stop)
            break;
        p += 8;
    }
#endif
    while (p < end && chars_is_plain(*p))
        p++;
    return p;
}

/* Length of the UTF-8 sequence at p (no overlong forms, no surrogates, at most U+10FFFF); 0 when it
 * is none. */
size_t chars_utf8_len(const char *p, const char *end);

/* Length of the escape at p, which starts with a backslash; 0 when it is none. */
size_t chars_escape_len(const char *p, const char *end);

/* Decodes the checked inside of a JSON string into dst, which has room for len bytes; returns the
 * length. A surrogate without its partner becomes U+FFFD, as in Go. */
size_t chars_unescape(char *dst, const char *text, size_t len);

/* The code point of a sequence that chars_utf8_len measured. */
uint32_t chars_get_utf8(const char *p, size_t len);

/* Encodes one code point; returns its length, at most 4. */
size_t chars_put_utf8(char *dst, uint32_t cp);

#endif
