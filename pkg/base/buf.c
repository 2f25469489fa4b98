#include "pkg/base/buf.h"

#include <stdint.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define BUF_CAP_MIN 64

void buf_init(struct buf *b, size_t max)
{
    *b = (struct buf)BUF_INIT(max);
}

void buf_release(struct buf *b)
{
    free(b->data);
    buf_init(b, b->max);
}

void buf_clear(struct buf *b)
{
    b->len = 0;
    b->spoiled = false;
    if (b->data)
        b->data[0] = '\0';
}

/* More capacity: for len + room bytes and the NUL. */
static void buf_grow(struct buf *b, size_t room)
{
    size_t need;
    if (__builtin_add_overflow(b->len, room, &need) || need >= SIZE_MAX / 2)
        need = SIZE_MAX - 1; /* xrealloc aborts */
    size_t cap = b->cap ? b->cap : BUF_CAP_MIN;
    while (cap <= need)
        cap = cap < SIZE_MAX / 4 ? cap * 2 : need + 1;
    b->data = xrealloc(b->data, cap);
    b->cap = cap;
    b->data[b->len] = '\0';
}

/* Texts are made of many small appends: most find room, and this is all that they cost. */
static inline void buf_make_room(struct buf *b, size_t room)
{
    if (room >= b->cap - b->len)
        buf_grow(b, room);
}

/* True when len more bytes are allowed; spoils the buffer otherwise. */
static inline bool buf_allow(struct buf *b, size_t len)
{
    if (!b->spoiled && len > b->max - b->len)
        b->spoiled = true;
    return !b->spoiled;
}

void buf_add(struct buf *b, const void *data, size_t len)
{
    if (!buf_allow(b, len))
        return;
    buf_make_room(b, len);
    if (len)
        memcpy(b->data + b->len, data, len);
    b->len += len;
    b->data[b->len] = '\0';
}

void buf_adds(struct buf *b, const char *s)
{
    buf_add(b, s, strlen(s));
}

void buf_addc(struct buf *b, char c)
{
    if (!buf_allow(b, 1))
        return;
    buf_make_room(b, 1);
    b->data[b->len++] = c;
    b->data[b->len] = '\0';
}

void buf_add_int(struct buf *b, int64_t n)
{
    char text[INT_TEXT_MAX];
    buf_add(b, text, int_to_str(n, text));
}

void buf_vaddf(struct buf *b, const char *fmt, va_list ap)
{
    if (b->spoiled)
        return;
    buf_make_room(b, BUF_CAP_MIN);
    size_t room = b->cap - b->len;
    va_list again;
    va_copy(again, ap);
    int n = vsnprintf(b->data + b->len, room, fmt, ap);
    if (n < 0)
        abort(); /* an invalid format, or more than INT_MAX bytes: a defect of the caller */
    if (!buf_allow(b, (size_t)n)) {
        b->data[b->len] = '\0';
    } else {
        if ((size_t)n >= room) {
            buf_make_room(b, (size_t)n);
            (void)vsnprintf(b->data + b->len, (size_t)n + 1, fmt, again);
        }
        b->len += (size_t)n;
    }
    va_end(again);
}

void buf_addf(struct buf *b, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    buf_vaddf(b, fmt, ap);
    va_end(ap);
}

char *buf_reserve(struct buf *b, size_t room)
{
    if (b->spoiled)
        return NULL;
    buf_make_room(b, room);
    return b->data + b->len;
}

void buf_advance(struct buf *b, size_t n)
{
    if (buf_allow(b, n))
        b->len += n;
    if (b->data)
        b->data[b->len] = '\0';
}

void buf_consume(struct buf *b, size_t n)
{
    if (n > b->len)
        n = b->len;
    if (n == 0)
        return;
    memmove(b->data, b->data + n, b->len - n);
    b->len -= n;
    b->data[b->len] = '\0';
}

void buf_secure(struct buf *b)
{
    if (b->data)
        explicit_bzero(b->data, b->cap);
    buf_release(b);
}

const char *buf_str(const struct buf *b)
{
    return b->data ? b->data : "";
}

int buf_check(const struct buf *b, struct error **err)
{
    if (b->spoiled)
        return error_set(err, ERR_TOO_LARGE, "more than %zu bytes", b->max);
    return 0;
}

int buf_take(struct buf *b, char **ret, struct error **err)
{
    if (buf_check(b, err) < 0)
        return -1;
    *ret = b->data ? take(b->data) : xstrdup("");
    buf_init(b, b->max);
    return 0;
}

char *buf_give(struct buf *b)
{
    char *text = NULL;
    if (buf_take(b, &text, NULL) < 0)
        abort(); /* not an unbounded buffer: a defect of the caller */
    return text;
}
