/*
 * calendar.h - when a maintenance schedule runs: "[Mon,Thu ]YEAR-MONTH-DAY HOUR:MINUTE[:0]", in UTC. Each part is a list with
 * commas or `*`; minutes are quarters of an hour. Threads: pure.
 */
#ifndef PKG_API_ADMIN_CALENDAR_H
#define PKG_API_ADMIN_CALENDAR_H

#include "pkg/base/error.h"

#define CALENDAR_FIRST_YEAR 2026
#define CALENDAR_LAST_YEAR 9999

/* ERR_INVALID says what is wrong. */
int calendar_check(const char *text, struct error **err);

#endif
