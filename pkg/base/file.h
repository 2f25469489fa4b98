/* file.h - whole files and temporary folders. */
#ifndef PKG_BASE_FILE_H
#define PKG_BASE_FILE_H

#include <stddef.h>

#include "pkg/base/error.h"

/* Reads at most max bytes (ERR_TOO_LARGE beyond). *ret is NUL-terminated. Kinds: ERR_NOT_FOUND, ERR_FORBIDDEN,
 * ERR_IO; the path is in the message. A directory is an error. */
int file_read(const char *path, size_t max, char **ret, size_t *ret_len, struct error **err);
/* Writes a hidden file (.NAME.RANDOM) beside path, fsyncs and renames: readers see the old or the new content, never
 * half. */
int file_write_atomic(const char *path, const void *data, size_t len, unsigned mode,
                      struct error **err);
/* Removes a folder with all that is in it; links are removed, not followed. One that is not there is no error. */
int dir_remove(const char *path, struct error **err);
char *path_give_joined(const char *dir, const char *name); /* name absolute: a copy of name */
char *path_give_dir(const char *path);                     /* as dirname(1) */

#endif
