#include "test/conformance/stream_lines.h"

#include <string.h>

#include "pkg/base/mem.h"

void lines_init(struct lines *l)
{
    *l = (struct lines){ .data = BUF_INIT(BUF_UNBOUNDED) };
    (void)pthread_mutex_init(&l->mu, NULL);
    clock_cond_init(&l->cv);
}

void lines_release(struct lines *l)
{
    buf_release(&l->data);
    (void)pthread_cond_destroy(&l->cv);
    (void)pthread_mutex_destroy(&l->mu);
}

void lines_add(struct lines *l, const char *data, size_t len)
{
    (void)pthread_mutex_lock(&l->mu);
    buf_add(&l->data, data, len);
    (void)pthread_cond_signal(&l->cv);
    (void)pthread_mutex_unlock(&l->mu);
}

void lines_end(struct lines *l)
{
    (void)pthread_mutex_lock(&l->mu);
    l->ended = true;
    (void)pthread_cond_signal(&l->cv);
    (void)pthread_mutex_unlock(&l->mu);
}

char *lines_give_next(struct lines *l, int64_t deadline_ns)
{
    char *line = NULL;
    (void)pthread_mutex_lock(&l->mu);
    for (;;) {
        const char *end = l->data.len ? memchr(l->data.data, '\n', l->data.len) : NULL;
        if (end) {
            size_t len = (size_t)(end - l->data.data);
            line = xstrndup(l->data.data, len);
            buf_consume(&l->data, len + 1);
            break;
        }
        if (l->ended || !clock_wait(clock_system(), &l->cv, &l->mu, deadline_ns))
            break;
    }
    (void)pthread_mutex_unlock(&l->mu);
    return line;
}
