#ifndef STATICRESOURCES_EMBEDDED_H
#define STATICRESOURCES_EMBEDDED_H

#include <stddef.h>

/*
 * Files of this folder, compiled into the executable so that an image carries nothing beside it.
 * `make` collects every file below staticresources/ except C sources and Markdown.
 *
 * path  relative to staticresources/, with slashes: "operator/master/deployment.yaml"
 * data  the bytes as they are in the repository, followed by one NUL that len does not count
 */
struct embedded_file {
    const char *path;
    const char *data;
    size_t len;
};

/* Sorted by path (bytewise); static storage, immutable, safe from any thread. */
extern const struct embedded_file embedded_files[];
extern const size_t embedded_files_len;

/*
 * embedded_find - the file with exactly this path.
 *
 * path     as in struct embedded_file; never NULL.
 * Returns  borrowed, for ever; NULL when there is no such file.
 * Threads  pure; safe from any thread.
 */
const struct embedded_file *embedded_find(const char *path);

#endif
