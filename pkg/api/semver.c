#include "pkg/api/semver.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static bool parse_number(const char **at, unsigned *ret)
{
    const char *s = *at;
    unsigned n = 0;
    size_t digits = 0;
    for (; isdigit((unsigned char)*s) && digits < 10; s++, digits++)
        n = n * 10 + (unsigned)(*s - '0');
    if (!digits || digits > 9 || (digits > 1 && **at == '0'))
        return false;
    *ret = n;
    *at = s;
    return true;
}

static bool is_suffix(const char *s)
{
    if (!*s)
        return true;
    if ((*s != '-' && *s != '+') || !s[1])
        return false;
    for (s++; *s; s++)
        if (!isalnum((unsigned char)*s) && !strchr(".-+", *s))
            return false;
    return true;
}

static bool parse_dot(const char **at)
{
    return *(*at)++ == '.';
}

bool semver_parse(const char *text, struct semver *ret)
{
    struct semver v = { 0 };
    const char *at = text;
    if (!text || !parse_number(&at, &v.major) || !parse_dot(&at) || !parse_number(&at, &v.minor) ||
        !parse_dot(&at) || !parse_number(&at, &v.patch) || !is_suffix(at))
        return false;
    v.suffix = at;
    *ret = v;
    return true;
}

static int compare_numbers(unsigned a, unsigned b)
{
    return a < b ? -1 : a > b;
}

/* "-rc.1" < "" and "+build"; the rest by bytes. */
static int compare_suffixes(const char *a, const char *b)
{
    bool a_pre = *a == '-', b_pre = *b == '-';
    return a_pre != b_pre ? (a_pre ? -1 : 1) : strcmp(a, b);
}

int semver_compare(const char *a, const char *b)
{
    struct semver x, y;
    bool has_x = semver_parse(a, &x), has_y = semver_parse(b, &y);
    if (!has_x || !has_y)
        return has_x != has_y ? (has_x ? 1 : -1) : strcmp(a ? a : "", b ? b : "");
    int order = compare_numbers(x.major, y.major);
    if (!order)
        order = compare_numbers(x.minor, y.minor);
    if (!order)
        order = compare_numbers(x.patch, y.patch);
    return order ? order : compare_suffixes(x.suffix, y.suffix);
}

bool semver_minor(const char *text, char out[SEMVER_MINOR_MAX])
{
    struct semver v;
    if (!semver_parse(text, &v))
        return false;
    (void)snprintf(out, SEMVER_MINOR_MAX, "%u.%u", v.major, v.minor);
    return true;
}
