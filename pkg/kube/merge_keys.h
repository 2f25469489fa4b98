/*
 * merge_keys.h - which lists of a kind are merged item by item, and by which key: of the built-in kinds from a table, of
 * whatever a server has from its OpenAPI document (version 3).
 *
 * A set of rows is immutable once made. Nodes (strategic.h) are rows; they live as long as their set.
 * Threads: any, once made.
 */
#ifndef PKG_KUBE_MERGE_KEYS_H
#define PKG_KUBE_MERGE_KEYS_H

#include "pkg/kube/gvr.h"
#include "pkg/kube/strategic.h"

/* A field of a type. Kinds are the fields "GROUP/KIND" of the type "". */
struct merge_row {
    const char *type, *field,
        *of; /* of: type of the object, or of the list's items; "" for plain values */
    struct strategic_way way;
};
struct merge_keys;

const struct merge_keys *merge_keys_builtin(void); /* Kubernetes 1.20's, without status */
/* Of an OpenAPI 3 document of one group and version; fields that lead to nothing that merges are left out. What it does not
 * understand it leaves out, too. Kinds that cannot be patched so (custom resources) are not in it. */
struct merge_keys *merge_keys_read(const json *openapi);
void merge_keys_free(struct merge_keys *k);
size_t merge_keys_footprint(const struct merge_keys *k); /* bytes of memory */

/* NULL: not among them, use a JSON merge patch. */
const struct merge_row *merge_keys_find(const struct merge_keys *k, const char *group,
                                        const char *kind);
/* For strategic_apply and the like: borrowed from k. */
const struct strategic_schema *merge_keys_schema(const struct merge_keys *k);

DEFINE_RELEASE(struct merge_keys *, merge_keys_free)
#define cleanup_merge_keys CLEANUP_WITH(merge_keys_free_slot)

#endif
