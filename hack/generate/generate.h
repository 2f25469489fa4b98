/*
 * generate.h - files of the repository that are made from the tables in the code, so that neither
 * can say what the other does not: roles, reference pages, the list of controllers in the readme.
 */
#ifndef HACK_GENERATE_GENERATE_H
#define HACK_GENERATE_GENERATE_H

#include <stddef.h>

#include "pkg/base/error.h"

struct generated_file {
    const char *path; /* below the repository's root */
    /* The whole file; old is what it holds now ("" when absent). *ret is owned by the caller. */
    int (*make)(const char *old, char **ret, struct error **err);
};
extern const struct generated_file generated_files[];
extern const size_t generated_files_len;

#endif
