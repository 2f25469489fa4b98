#include <string.h>
#include <time.h>

#include "pkg/base/clock.h"

/* Not strftime and strptime: these names must not follow the locale. */
static const char weekdays[7][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
static const char months[12][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

#define S_PER_DAY (24 * 3600)
#define DAYS_TO_1970 135080 /* from 1 March 1600 */
#define DAYS_400_YEARS 146097
#define DAYS_100_YEARS 36524
#define DAYS_4_YEARS 1461

/* Years begin in March here, so that a leap day is their last; every five months from March on have 153 days. */
static void split_days(int64_t days, struct tm *tm)
{
    tm->tm_wday = (int)((days % 7 + 7 + 4) % 7); /* 1970 began with a Thursday */
    int left = (int)days + DAYS_TO_1970;         /* 1677 to 2262: never negative */
    int year = 1600 + left / DAYS_400_YEARS * 400;
    left %= DAYS_400_YEARS;
    int centuries = left / DAYS_100_YEARS - left / (DAYS_400_YEARS - 1);
    left -= centuries * DAYS_100_YEARS;
    year += centuries * 100 + left / DAYS_4_YEARS * 4;
    left %= DAYS_4_YEARS;
    int years = left / 365 - left / (DAYS_4_YEARS - 1);
    left -= years * 365;
    int month = (5 * left + 2) / 153;
    tm->tm_mday = left - (153 * month + 2) / 5 + 1;
    tm->tm_mon = (month + 2) % 12;
    tm->tm_year = year + years + month / 10 - 1900;
}

/* Rounds down, before 1970 too. Not by gmtime_r: it holds a lock of the process, and each line that is logged and each
 * reply comes here. */
static struct tm split_time(int64_t wall_ns, int64_t *ret_ns)
{
    int64_t s = wall_ns / NS_PER_S;
    int64_t ns = wall_ns % NS_PER_S;
    if (ns < 0) {
        ns += NS_PER_S;
        s--;
    }
    int64_t days = s / S_PER_DAY;
    int second = (int)(s % S_PER_DAY);
    if (second < 0) {
        second += S_PER_DAY;
        days--;
    }
    struct tm tm = { .tm_hour = second / 3600, .tm_min = second / 60 % 60, .tm_sec = second % 60 };
    split_days(days, &tm);
    *ret_ns = ns;
    return tm;
}

/* Exactly n digits. */
static char *put_digits(char *out, int value, int n)
{
    for (int i = n - 1; i >= 0; i--, value /= 10)
        out[i] = (char)('0' + value % 10);
    return out + n;
}

static char *put_clock(char *out, const struct tm *tm)
{
    out = put_digits(out, tm->tm_hour, 2);
    *out++ = ':';
    out = put_digits(out, tm->tm_min, 2);
    *out++ = ':';
    return put_digits(out, tm->tm_sec, 2);
}

static void iso_text(int64_t wall_ns, bool micro, char *out)
{
    int64_t ns;
    struct tm tm = split_time(wall_ns, &ns);
    out = put_digits(out, tm.tm_year + 1900, 4);
    *out++ = '-';
    out = put_digits(out, tm.tm_mon + 1, 2);
    *out++ = '-';
    out = put_digits(out, tm.tm_mday, 2);
    *out++ = 'T';
    out = put_clock(out, &tm);
    if (micro) {
        *out++ = '.';
        out = put_digits(out, (int)(ns / 1000), 6);
    }
    *out++ = 'Z';
    *out = '\0';
}

void time_rfc3339(int64_t wall_ns, char out[TIME_TEXT_MAX])
{
    iso_text(wall_ns, false, out);
}

void time_rfc3339_micro(int64_t wall_ns, char out[TIME_TEXT_MAX])
{
    iso_text(wall_ns, true, out);
}

static char *put_name(char *out, const char name[4])
{
    memcpy(out, name, 3);
    return out + 3;
}

static void mail_text(int64_t wall_ns, const char zone[4], char *out)
{
    int64_t ns;
    struct tm tm = split_time(wall_ns, &ns);
    out = put_name(out, weekdays[tm.tm_wday]);
    *out++ = ',';
    *out++ = ' ';
    out = put_digits(out, tm.tm_mday, 2);
    *out++ = ' ';
    out = put_name(out, months[tm.tm_mon]);
    *out++ = ' ';
    out = put_digits(out, tm.tm_year + 1900, 4);
    *out++ = ' ';
    out = put_clock(out, &tm);
    *out++ = ' ';
    out = put_name(out, zone);
    *out = '\0';
}

void time_rfc1123(int64_t wall_ns, char out[TIME_TEXT_MAX])
{
    mail_text(wall_ns, "UTC", out);
}

void time_http(int64_t wall_ns, char out[TIME_TEXT_MAX])
{
    mail_text(wall_ns, "GMT", out);
}

/* Reads exactly n digits and moves on. */
static bool take_digits(const char **s, int n, int *ret)
{
    int value = 0;
    for (int i = 0; i < n; i++) {
        char c = (*s)[i];
        if (c < '0' || c > '9')
            return false;
        value = value * 10 + (c - '0');
    }
    *s += n;
    *ret = value;
    return true;
}

static bool take_char(const char **s, char c)
{
    if (**s != c)
        return false;
    (*s)++;
    return true;
}

static bool take_clock(const char **s, struct tm *tm)
{
    return take_digits(s, 2, &tm->tm_hour) && take_char(s, ':') && take_digits(s, 2, &tm->tm_min) &&
           take_char(s, ':') && take_digits(s, 2, &tm->tm_sec) && tm->tm_hour < 24 &&
           tm->tm_min < 60 && tm->tm_sec < 60;
}

/* ".5" and the like; nothing at all is 0. Digits beyond nanoseconds are dropped. */
static bool take_fraction(const char **s, int64_t *ret_ns)
{
    *ret_ns = 0;
    if (!take_char(s, '.'))
        return true;
    const char *begin = *s;
    int64_t unit = NS_PER_S / 10;
    for (; **s >= '0' && **s <= '9'; (*s)++, unit /= 10)
        *ret_ns += (**s - '0') * unit;
    return *s > begin;
}

/* Z or +hh:mm. */
static bool take_zone(const char **s, int *ret_offset_s)
{
    *ret_offset_s = 0;
    if (take_char(s, 'Z') || take_char(s, 'z'))
        return true;
    int sign = **s == '-' ? -1 : 1;
    int hours, minutes;
    if (!take_char(s, '+') && !take_char(s, '-'))
        return false;
    if (!take_digits(s, 2, &hours) || !take_char(s, ':') || !take_digits(s, 2, &minutes))
        return false;
    *ret_offset_s = sign * (hours * 3600 + minutes * 60);
    return hours < 24 && minutes < 60;
}

/* False when the day is not in the calendar. Years that 64 bits of nanoseconds cannot hold
 * saturate. */
static bool join_time(const struct tm *parts, int offset_s, int64_t fraction_ns, int64_t *ret)
{
    struct tm tm = *parts;
    int64_t s = timegm(&tm);
    if (parts->tm_mday < 1 || tm.tm_mday != parts->tm_mday || tm.tm_mon != parts->tm_mon)
        return false; /* timegm moved 30 February to March */
    s -= offset_s;
    int64_t ns;
    if (__builtin_mul_overflow(s, NS_PER_S, &ns) || __builtin_add_overflow(ns, fraction_ns, &ns))
        ns = s < 0 ? INT64_MIN : INT64_MAX;
    *ret = ns;
    return true;
}

bool time_parse_rfc3339(const char *s, int64_t *ret_wall_ns)
{
    struct tm tm = { 0 };
    int64_t fraction_ns;
    int offset_s;
    if (!take_digits(&s, 4, &tm.tm_year) || !take_char(&s, '-') ||
        !take_digits(&s, 2, &tm.tm_mon) || !take_char(&s, '-') || !take_digits(&s, 2, &tm.tm_mday))
        return false;
    if (!take_char(&s, 'T') && !take_char(&s, 't'))
        return false;
    if (!take_clock(&s, &tm) || !take_fraction(&s, &fraction_ns) || !take_zone(&s, &offset_s) || *s)
        return false;
    tm.tm_year -= 1900;
    tm.tm_mon -= 1;
    if (tm.tm_mon < 0 || tm.tm_mon > 11)
        return false;
    return join_time(&tm, offset_s, fraction_ns, ret_wall_ns);
}

static bool take_name(const char **s, const char (*names)[4], int n, int *ret)
{
    for (int i = 0; i < n; i++) {
        if (strncmp(*s, names[i], 3) == 0) {
            *s += 3;
            *ret = i;
            return true;
        }
    }
    return false;
}

bool time_parse_http(const char *s, int64_t *ret_wall_ns)
{
    struct tm tm = { 0 };
    int weekday;
    if (!take_name(&s, weekdays, 7, &weekday) || !take_char(&s, ',') || !take_char(&s, ' ') ||
        !take_digits(&s, 2, &tm.tm_mday) || !take_char(&s, ' ') ||
        !take_name(&s, months, 12, &tm.tm_mon) || !take_char(&s, ' ') ||
        !take_digits(&s, 4, &tm.tm_year) || !take_char(&s, ' ') || !take_clock(&s, &tm))
        return false;
    if (strcmp(s, " GMT") != 0)
        return false;
    tm.tm_year -= 1900;
    return join_time(&tm, 0, 0, ret_wall_ns);
}
