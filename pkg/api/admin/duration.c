#include "pkg/api/admin/duration.h"

#include <string.h>

#include "pkg/base/cleanup.h"
#include "pkg/base/clock.h"
#include "pkg/base/strv.h"

/* Longer names first, where one begins another. */
static const struct unit {
    const char *name;
    int64_t ns;
} units[] = {
    { "ns", 1 },
    { "us", 1000 },
    { "\xc2\xb5s", 1000 }, /* with either of the two mu of Unicode */
    { "\xce\xbcs", 1000 },
    { "ms", NS_PER_MS },
    { "s", NS_PER_S },
    { "m", 60 * NS_PER_S },
    { "h", 3600 * NS_PER_S },
};

static const struct unit *find_unit(const char *text)
{
    for (size_t i = 0; i < ARRAY_LEN(units); i++)
        if (str_starts(text, units[i].name))
            return &units[i];
    return NULL;
}

/* Adds n * unit; false beyond 64 bits. */
static bool add(int64_t *sum, int64_t n, int64_t unit)
{
    int64_t product;
    return !__builtin_mul_overflow(n, unit, &product) &&
           !__builtin_add_overflow(*sum, product, sum);
}

/* The digits at *text, which moves behind them; false beyond 64 bits. */
static bool read_digits(const char **text, int64_t *ret)
{
    *ret = 0;
    for (; **text >= '0' && **text <= '9'; (*text)++)
        if (__builtin_mul_overflow(*ret, 10, ret) ||
            __builtin_add_overflow(*ret, **text - '0', ret))
            return false;
    return true;
}

/* What a fraction's digits are of a unit; what is less than a nanosecond is nothing. */
static int64_t read_fraction(const char **text, int64_t unit)
{
    int64_t ns = 0, place = unit;
    for (; **text >= '0' && **text <= '9'; (*text)++) {
        place /= 10;
        ns += (**text - '0') * place;
    }
    return ns;
}

/* One number with its unit, at *text, which moves behind it. */
static bool read_part(const char **text, int64_t *sum)
{
    const char *begin = *text;
    int64_t whole;
    if (!read_digits(text, &whole))
        return false;
    bool has_whole = *text > begin;
    const char *fraction = **text == '.' ? ++*text : NULL;
    *text += strspn(*text, "0123456789");
    const struct unit *unit = find_unit(*text);
    if (!unit || (!has_whole && (!fraction || fraction == *text)))
        return false;
    *text += strlen(unit->name);
    return add(sum, whole, unit->ns) &&
           (!fraction || add(sum, read_fraction(&fraction, unit->ns), 1));
}

bool duration_parse(const char *text, int64_t *ret_ns)
{
    int64_t sum = 0;
    const char *at = text;
    if (str_eq(text, "0")) {
        *ret_ns = 0;
        return true;
    }
    do
        if (!read_part(&at, &sum))
            return false;
    while (*at);
    *ret_ns = sum;
    return true;
}
