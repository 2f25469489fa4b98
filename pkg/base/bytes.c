#include "pkg/base/bytes.h"

#include <stdint.h>
#include <string.h>

#include "pkg/base/mem.h"

struct bytes *bytes_new(const void *data, size_t len)
{
    if (len > SIZE_MAX / 2)
        abort(); /* no such object exists */
    struct bytes *b = xmalloc(sizeof(*b) + len + 1);
    atomic_init(&b->refs, 1);
    b->len = len;
    if (len)
        memcpy(b->data, data, len);
    b->data[len] = '\0';
    return b;
}

struct bytes *bytes_ref(struct bytes *b)
{
    if (b)
        atomic_fetch_add_explicit(&b->refs, 1, memory_order_relaxed);
    return b;
}

void bytes_unref(struct bytes *b)
{
    /* Acquire and release, so that every reader's last look happens before the free. */
    if (b && atomic_fetch_sub_explicit(&b->refs, 1, memory_order_acq_rel) == 1)
        free(b);
}
