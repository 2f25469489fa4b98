/*
 * normal.h - replies made comparable: uids, resourceVersions, times, generated names and addresses
 * become marks, the same value the same mark throughout a case. Threads: one.
 */
#ifndef TEST_CONFORMANCE_NORMAL_H
#define TEST_CONFORMANCE_NORMAL_H

#include "pkg/base/json.h"
#include "pkg/base/strv.h"

struct normal {
    const char *nspace;     /* of the case */
    struct strv raw, marks; /* parallel */
    size_t uids, versions, names, others;
};
void normal_release(struct normal *n);
/* A comparable copy; paths of ignored are left out. */
json *normal_give(struct normal *n, const json *doc, const struct strv *ignored);
/* The text of a document that is no JSON. */
char *normal_give_text(struct normal *n, const char *text);

#endif
