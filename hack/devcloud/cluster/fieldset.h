/*
 * fieldset.h - sets of field paths, as metadata.managedFields keeps them (FieldsV1).
 *
 * A set is a tree. An element of a path is written as in FieldsV1: "f:name" (a field or map key),
 * "k:{"name":"x"}" (an item of a list with keys), "v:"x"" (an item of a list of values). Whether a path
 * itself belongs to the set is apart from what lies below it. Threads: one at a time.
 * Source: structured-merge-diff, fieldpath.
 */
#ifndef HACK_DEVCLOUD_CLUSTER_FIELDSET_H
#define HACK_DEVCLOUD_CLUSTER_FIELDSET_H

#include "pkg/base/json.h"
#include "pkg/base/strv.h"

struct fieldset {
    char *element; /* NULL for the root */
    bool member;
    struct fieldset **kids; /* sorted by element */
    size_t len;
};

struct fieldset *fieldset_new(void);
struct fieldset *fieldset_give_copy(const struct fieldset *set);
void fieldset_free(struct fieldset *set);
DEFINE_RELEASE(struct fieldset *, fieldset_free)
#define cleanup_fieldset CLEANUP_WITH(fieldset_free_slot)

/* The node of an element below set; made when absent. */
struct fieldset *fieldset_make(struct fieldset *set, const char *element);
const struct fieldset *fieldset_find(const struct fieldset *set,
                                     const char *element); /* NULL when absent */
bool fieldset_is_empty(const struct fieldset *set);        /* true for NULL */
bool fieldset_equal(const struct fieldset *a, const struct fieldset *b);

/* In place, on set; other is left alone and may be NULL. */
void fieldset_add(struct fieldset *set, const struct fieldset *other);
void fieldset_subtract(struct fieldset *set, const struct fieldset *other);
void fieldset_intersect(struct fieldset *set, const struct fieldset *other);

json *fieldset_give_json(const struct fieldset *set); /* FieldsV1 */
/* ERR_INVALID when an element has no known form. */
int fieldset_parse(const json *fields, struct fieldset **ret, struct error **err);
/* Each member as the server writes paths in messages: ".spec.containers[name="c"].image". */
void fieldset_list(const struct fieldset *set, struct strv *out);

#endif
