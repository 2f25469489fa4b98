/*
 * fields.h - which members of documents are sealed, and which are left out when they are zero; as tables of patterns.
 *
 * A pattern is keys with dots between them; `*` is every item of a list or every member of a map. Threads: pure.
 */
#ifndef PKG_DATABASE_FIELDS_H
#define PKG_DATABASE_FIELDS_H

#include "pkg/base/json.h"
#include "pkg/database/collection.h"

/* Sealed at rest, below the member `openShiftCluster` of a cluster's document or of a snapshot. NULL behind the last. */
extern const char *const fields_sealed[];
/* Left out when zero: null, "", 0, false, [] or {}. By collection; NULL behind the last. */
extern const char *const *const fields_zero[COLLECTIONS];

/* Calls fn for each member that is there; it may remove or replace that member. -1 ends it. */
typedef int (*fields_visit)(json *parent, const char *key, json *value, void *arg,
                            struct error **err);
int fields_each(json *tree, const char *pattern, fields_visit fn, void *arg, struct error **err);

/* Leaves out what is zero (json_is_zero). */
void fields_drop_zero(enum collection coll, json *tree);
/* Leaves the sealed values out of a cluster (the member `openShiftCluster`; NULL: nothing). */
void fields_drop_sealed(json *cluster);

#endif
