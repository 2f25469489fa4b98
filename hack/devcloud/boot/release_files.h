/* release_files.h - YAML that make embeds for release.h: kinds and objects of the fixture cluster (test/harness/envtest), and
 * kinds/. Sorted by path from the root of the repository; immutable. */
#ifndef HACK_DEVCLOUD_BOOT_RELEASE_FILES_H
#define HACK_DEVCLOUD_BOOT_RELEASE_FILES_H

#include <stddef.h>

struct release_file {
    const char *path;
    const char *data; /* a NUL behind */
    size_t len;
};
extern const struct release_file release_files[];
extern const size_t release_files_len;

#endif
