/*
 * step_docs.h - what each step of the tables (tables.h) does, for the reference pages: one text a name, since a name means the
 * same in every table.
 */
#ifndef RP_CLUSTER_STEP_DOCS_H
#define RP_CLUSTER_STEP_DOCS_H

#include <stddef.h>

struct step_doc {
    const char *name; /* of the step */
    const char *doc;  /* sentences; Markdown */
};
extern const struct step_doc step_docs[];
extern const size_t step_docs_len;

/* Borrowed; NULL: no step has that name. */
const char *step_doc_find(const char *name);

#endif
