/*
 * bytes.h - immutable shared bytes with an atomic count: the only data that crosses threads.
 */
#ifndef PKG_BASE_BYTES_H
#define PKG_BASE_BYTES_H

#include <stdatomic.h>
#include <stddef.h>

#include "pkg/base/cleanup.h"

struct bytes {
    atomic_uint refs;
    size_t len;
    char data[]; /* len bytes and a NUL behind */
};

struct bytes *bytes_new(const void *data, size_t len); /* copies */
struct bytes *bytes_ref(struct bytes *b);              /* NULL gives NULL */
void bytes_unref(struct bytes *b);

DEFINE_RELEASE(struct bytes *, bytes_unref)
#define cleanup_bytes CLEANUP_WITH(bytes_unref_slot)

#endif
