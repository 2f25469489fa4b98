/*
 * semver.h - versions as OpenShift has them: "4.14.16", "4.15.0-rc.1". Threads: pure.
 */
#ifndef PKG_API_SEMVER_H
#define PKG_API_SEMVER_H

#include <stdbool.h>
#include <stddef.h>

struct semver {
    unsigned major, minor, patch;
    const char *suffix; /* borrowed from the text: "" or what follows, as "-rc.1" */
};

/* Three numbers below a thousand million and perhaps a suffix that begins with '-' or '+'. */
bool semver_parse(const char *text, struct semver *ret);
/* As strcmp; a suffix with '-' is older than none. Text that is no version comes first, by bytes. */
int semver_compare(const char *a, const char *b);
/* "4.14" of "4.14.16"; false when text is no version. */
#define SEMVER_MINOR_MAX 24
bool semver_minor(const char *text, char out[SEMVER_MINOR_MAX]);

#endif
