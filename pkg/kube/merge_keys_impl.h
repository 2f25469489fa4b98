/* merge_keys_impl.h - a set of rows. Private to pkg/kube. */
#ifndef PKG_KUBE_MERGE_KEYS_IMPL_H
#define PKG_KUBE_MERGE_KEYS_IMPL_H

#include "pkg/kube/merge_keys.h"

struct merge_keys {
    struct strategic_schema schema; /* first: a set is found by it */
    const struct merge_row *rows;   /* by type, then by field */
    size_t len;
    struct merge_row *owned; /* rows, when they are; NULL: a table */
};
/* Of every set. */
const void *merge_keys_at_key(const struct strategic_schema *s, const void *node, const char *key);
const void *merge_keys_item_of(const struct strategic_schema *s, const void *list);
struct strategic_way merge_keys_way_of(const struct strategic_schema *s, const void *node);

#endif
