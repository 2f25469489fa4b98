/*
 * duration.h - spans of time as Go writes them: "1h30m", "90s", "0.5h", "0". Threads: pure.
 */
#ifndef PKG_API_ADMIN_DURATION_H
#define PKG_API_ADMIN_DURATION_H

#include <stdbool.h>
#include <stdint.h>

/* Not negative, and within 64 bits of nanoseconds; false for anything else. */
bool duration_parse(const char *text, int64_t *ret_ns);

#endif
