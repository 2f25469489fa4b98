/*
 * buf.h - bytes that grow up to max; always NUL-terminated.
 *
 * An append beyond max spoils the buffer: later appends do nothing, buf_take and buf_check fail with
 * ERR_TOO_LARGE. Callers check once, at the end. Threads: one at a time.
 */
#ifndef PKG_BASE_BUF_H
#define PKG_BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pkg/base/cleanup.h"
#include "pkg/base/error.h"

struct buf {
    char *data; /* never NULL after the first append; may be NULL while len is 0 */
    size_t len, cap, max;
    bool spoiled;
};

#define BUF_INIT(limit) \
    { \
        .max = (limit) \
    }
/* For texts that only this process sizes. */
#define BUF_UNBOUNDED ((size_t)1 << 40)

void buf_init(struct buf *b, size_t max);
void buf_release(struct buf *b);
void buf_clear(struct buf *b); /* empties, forgets spoiling, keeps memory */
void buf_add(struct buf *b, const void *data, size_t len);
void buf_adds(struct buf *b, const char *s);
void buf_addc(struct buf *b, char c);
void buf_add_int(struct buf *b, int64_t n); /* in decimal */
void buf_addf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
void buf_vaddf(struct buf *b, const char *fmt, va_list ap) PRINTF_LIKE(2, 0);
/* Room for a read of up to `room` bytes, even beyond max; NULL when spoiled. buf_advance then says how many
 * came, and spoils the buffer if they exceed max: a short read into a large room is no error. */
char *buf_reserve(struct buf *b, size_t room);
void buf_advance(struct buf *b, size_t n);
void buf_consume(struct buf *b, size_t n); /* drops n bytes from the front */
/* Zeroes the memory, then releases it; growth leaves copies: reserve first. */
void buf_secure(struct buf *b);
const char *buf_str(const struct buf *b); /* borrowed, "" when empty */
int buf_check(const struct buf *b, struct error **err);
/* Hands the text over, buffer is empty. */
int buf_take(struct buf *b, char **ret, struct error **err);
char *buf_give(struct buf *b); /* as buf_take, for BUF_UNBOUNDED buffers: cannot fail */

static inline void buf_release_slot(struct buf *b)
{
    buf_release(b);
}
#define cleanup_buf CLEANUP_WITH(buf_release_slot)

#endif
