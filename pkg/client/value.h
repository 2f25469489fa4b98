/*
 * value.h - what members of resources are made of (resources.h).
 *
 * A member that is absent is zero: a NULL pointer, an integer that is not set, the enumerator ..._ABSENT. Empty is
 * another state: the text "", an object without members, a list or map of length 0 whose pointer is not NULL (ARO_EMPTY).
 * ARO_NULL, for any pointer in what is sent, is JSON null: it clears what is optional, in the API versions that let it
 * (all but 2025-07-25). Replies never hold these two. Threads: constants and plain values.
 */
#ifndef PKG_CLIENT_VALUE_H
#define PKG_CLIENT_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pkg/base/secret.h"

struct aro_int {
    bool is_set;
    int64_t value;
};
#define ARO_INT(n) ((struct aro_int){ true, (n) })

/* One entry of a map of texts. */
struct aro_text_entry {
    const char *key, *value;
};

extern const char aro_null_mark, aro_empty_mark; /* only their addresses mean something */
#define ARO_NULL ((void *)(uintptr_t)&aro_null_mark)
#define ARO_EMPTY ((void *)(uintptr_t)&aro_empty_mark)

#endif
