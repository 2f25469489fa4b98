/*
 * strategic.h - strategic merge patches: lists merged by their keys, with the directives $patch, $retainKeys,
 * $setElementOrder and $deleteFromPrimitiveList. What is known of a kind's fields comes from the caller.
 * Threads: pure.
 * Source: k8s.io/apimachinery, util/strategicpatch.
 */
#ifndef PKG_KUBE_STRATEGIC_H
#define PKG_KUBE_STRATEGIC_H

#include "pkg/base/json.h"

#define STRATEGIC_DIRECTIVE "$patch"
#define STRATEGIC_RETAIN_KEYS "$retainKeys"
#define STRATEGIC_SET_ORDER "$setElementOrder/"
#define STRATEGIC_DELETE_FROM "$deleteFromPrimitiveList/"

/* How a value is patched; zeros: objects are merged, lists are replaced as a whole. */
struct strategic_way {
    bool merges;           /* a list: item by item */
    const char *merge_key; /* of the items of such a list; NULL: plain values */
    bool
        retains_keys; /* an object, or each item of a list: keys that the new one lacks are dropped */
};
/* Nodes stand for values of a kind; NULL: nothing is known, which asks for nothing. */
struct strategic_schema {
    /* What stands behind the key of the object that node is. */
    const void *(*at_key)(const struct strategic_schema *s, const void *node, const char *key);
    const void *(*item_of)(const struct strategic_schema *s, const void *list);
    struct strategic_way (*way_of)(const struct strategic_schema *s, const void *node);
};

/* The object that patch makes of live; node is that of the whole object. Both are borrowed. Errors: ERR_INVALID for bad
 * directives, ERR_INTERNAL for an item without its merge key (as the API server answers 500). */
int strategic_apply(const struct strategic_schema *s, const void *node, const json *live,
                    const json *patch, json **ret, struct error **err);

/* The place of the item that has the same key as item (NULL: is equal to it); the length when there is none. */
size_t strategic_index_of(const json *list, const json *item, const char *merge_key);

#endif
