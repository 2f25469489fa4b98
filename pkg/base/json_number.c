#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "pkg/base/json_impl.h"
#include "pkg/base/json_scan.h"
#include "pkg/base/mem.h"

/*
 * A number in its only form: digits[0..n) without zeros at either end, times ten to the exponent.
 * Zero has no digits.
 */
struct decimal {
    bool negative;
    char *digits;
    size_t n;
    int64_t exponent;
};

static void decimal_release(struct decimal *d)
{
    free(d->digits);
}
#define cleanup_decimal CLEANUP_WITH(decimal_release)

/* Saturates there: a tenth of int64, with room for added digits. */
#define EXPONENT_MAX ((int64_t)1 << 58)

static int64_t read_exponent(const char *p)
{
    bool negative = *p == '-';
    int64_t v = 0;
    if (*p == '-' || *p == '+')
        p++;
    for (; *p >= '0' && *p <= '9'; p++)
        if (v < EXPONENT_MAX)
            v = v * 10 + (*p - '0');
    if (v > EXPONENT_MAX)
        v = EXPONENT_MAX;
    return negative ? -v : v;
}

static void decimal_init(struct decimal *d, const char *spelling)
{
    const char *p = spelling;
    bool fraction = false;
    *d = (struct decimal){ .negative = *p == '-', .digits = xmalloc(strlen(spelling) + 1) };
    if (*p == '-')
        p++;
    for (; *p && *p != 'e' && *p != 'E'; p++) {
        if (*p == '.') {
            fraction = true;
            continue;
        }
        d->exponent -= fraction;
        if (d->n || *p != '0')
            d->digits[d->n++] = *p;
    }
    if (*p)
        d->exponent += read_exponent(p + 1);
    for (; d->n && d->digits[d->n - 1] == '0'; d->n--)
        d->exponent++;
    if (!d->n) {
        d->exponent = 0;
        d->negative = false;
    }
}

size_t json_number_plain_len(const char *spelling)
{
    const char *p = spelling + (*spelling == '-');
    int64_t whole = 0, fraction = 0, exponent = 0;
    for (; *p >= '0' && *p <= '9'; p++)
        whole++;
    if (*p == '.')
        for (p++; *p >= '0' && *p <= '9'; p++)
            fraction++;
    if (*p)
        exponent = read_exponent(p + 1);

    int64_t before = whole + exponent, behind = fraction - exponent;
    before = before > 1 ? before : 1; /* the 0 of 0.5 */
    behind = behind > 0 ? behind + 1 : 0;
    return (size_t)((*spelling == '-') + before + behind);
}

size_t json_plain_len(const json *number)
{
    if (json_object_is_type(number, json_type_int)) {
        char text[24]; /* not json_spelling: that would keep a text with every number looked at */
        return (size_t)snprintf(text, sizeof(text), "%" PRId64, json_object_get_int64(number));
    }
    const char *spelling = json_spelling(number);
    return spelling ? json_number_plain_len(spelling) : 0;
}

bool json_number_equal(const char *a, const char *b)
{
    if (strcmp(a, b) == 0)
        return true;

    cleanup_decimal struct decimal x, y;
    decimal_init(&x, a);
    decimal_init(&y, b);
    return x.negative == y.negative && x.exponent == y.exponent && x.n == y.n &&
           memcmp(x.digits, y.digits, x.n) == 0;
}

/* Decimal digits behind an optional sign; false beyond int64. */
static bool digits_to_int(bool negative, const char *digits, size_t n, int64_t *ret)
{
    int64_t v = 0;
    for (size_t i = 0; i < n; i++) {
        int digit = digits[i] - '0';
        if (__builtin_mul_overflow(v, (int64_t)10, &v) ||
            __builtin_add_overflow(v, (int64_t)(negative ? -digit : digit), &v))
            return false;
    }
    *ret = v;
    return true;
}

bool json_number_to_int(const char *spelling, int64_t *ret)
{
    cleanup_decimal struct decimal d;
    decimal_init(&d, spelling);
    if (d.exponent < 0 || d.exponent > 19)
        return false;

    cleanup_free char *all = xmalloc(d.n + (size_t)d.exponent + 1);
    memcpy(all, d.digits, d.n);
    memset(all + d.n, '0', (size_t)d.exponent);
    return digits_to_int(d.negative, all, d.n + (size_t)d.exponent, ret);
}

bool json_number_is_valid(const char *text, size_t len)
{
    struct json_scan s;
    struct error *err = NULL;
    json_scan_init(&s, text, len);
    bool valid = json_scan_next(&s, &err) == SCAN_NUMBER && s.len == len;
    error_clear(&err);
    return valid;
}

json *json_number_new(const char *spelling, size_t len)
{
    bool negative = *spelling == '-';
    bool integer =
        !memchr(spelling, '.', len) && !memchr(spelling, 'e', len) && !memchr(spelling, 'E', len);
    bool minus_zero = negative && spelling[1] == '0';
    int64_t v;
    if (integer && !minus_zero && digits_to_int(negative, spelling + negative, len - negative, &v))
        return json_new_int(v);

    cleanup_free char *text = xstrndup(spelling, len);
    return json_must(json_object_new_double_s(strtod(text, NULL), text));
}
