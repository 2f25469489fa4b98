#include "pkg/api/admin/calendar.h"

#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

static const struct part {
    const char *name;
    char end; /* behind it; '\0': the end of the text */
    int min, max, step;
} parts[] = {
    { "year", '-', CALENDAR_FIRST_YEAR, CALENDAR_LAST_YEAR, 1 },
    { "month", '-', 1, 12, 1 },
    { "day", ' ', 1, 31, 1 },
    { "hour", ':', 0, 23, 1 },
    { "minute", ':', 0, 45, 15 },
    { "second", '\0', 0, 0, 1 }, /* may be absent */
};
#define NEEDED (ARRAY_LEN(parts) - 1)

static int check_values(const struct part *part, const char *text, struct error **err)
{
    cleanup_strv struct strv values = STRV_INIT;
    if (str_eq(text, "*") && part->max > part->min)
        return 0;
    strv_split(&values, text, ",", true);
    for (size_t i = 0; i < values.len; i++) {
        long long v;
        if (!str_to_int(values.v[i], part->min, part->max, &v) || v % part->step != 0)
            return error_set(err, ERR_INVALID, "the %s '%s' is not possible", part->name,
                             values.v[i]);
    }
    return 0;
}

static bool is_weekday(const char *name)
{
    static const char *const days[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
    for (size_t i = 0; i < ARRAY_LEN(days); i++)
        if (str_eq(days[i], name))
            return true;
    return false;
}

/* Moves *text behind the days of the week, if there are any. */
static int check_weekdays(const char **text, struct error **err)
{
    cleanup_strv struct strv days = STRV_INIT;
    size_t len = strcspn(*text, " ");
    if (!strchr("SMTWF", **text) || !**text)
        return 0;
    cleanup_free char *list = xstrndup(*text, len);
    strv_split(&days, list, ",", true);
    for (size_t i = 0; i < days.len; i++)
        if (!is_weekday(days.v[i]))
            return error_set(err, ERR_INVALID, "'%s' is no day of the week", days.v[i]);
    *text += len + ((*text)[len] == ' ');
    return 0;
}

int calendar_check(const char *text, struct error **err)
{
    const char *at = text;
    if (check_weekdays(&at, err) < 0)
        return -1;
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        const char end[] = { parts[i].end, '\0' };
        size_t len = strcspn(at, end);
        cleanup_free char *value = xstrndup(at, len);
        if (check_values(&parts[i], value, err) < 0)
            return -1;
        at += len;
        if (!*at)
            return i + 1 >= NEEDED
                       ? 0
                       : error_set(err, ERR_INVALID, "nothing stands behind the %s of '%s'",
                                   parts[i].name, text);
        at++;
    }
    return 0;
}
