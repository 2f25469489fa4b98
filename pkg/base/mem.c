#include "pkg/base/mem.h"

#include <stdint.h>
#include <string.h>

/* Nothing here may allocate: the message goes out with write(2). */
static _Noreturn void out_of_memory(void)
{
    static const char msg[] = "fatal: out of memory\n";
    ssize_t n = write(STDERR_FILENO, msg, sizeof(msg) - 1);
    (void)n;
    abort();
}

void *xmalloc(size_t size)
{
    void *p = malloc(size ? size : 1);
    if (!p)
        out_of_memory();
    return p;
}

void *xcalloc(size_t n, size_t size)
{
    void *p = calloc(n ? n : 1, size ? size : 1);
    if (!p)
        out_of_memory();
    return p;
}

void *xrealloc(void *p, size_t size)
{
    void *q = realloc(p, size ? size : 1);
    if (!q)
        out_of_memory();
    return q;
}

void *xreallocarray(void *p, size_t n, size_t size)
{
    size_t total;
    if (__builtin_mul_overflow(n, size, &total))
        out_of_memory();
    return xrealloc(p, total);
}

char *xstrdup(const char *s)
{
    return s ? xmemdup(s, strlen(s)) : NULL;
}

char *xstrndup(const char *s, size_t n)
{
    return s ? xmemdup(s, strnlen(s, n)) : NULL;
}

void *xmemdup(const void *p, size_t n)
{
    if (n == SIZE_MAX)
        out_of_memory();
    char *q = xmalloc(n + 1);
    if (n)
        memcpy(q, p, n);
    q[n] = '\0';
    return q;
}

char *xvasprintf(const char *fmt, va_list ap)
{
    char *s = NULL;
    if (vasprintf(&s, fmt, ap) < 0)
        out_of_memory();
    return s;
}

char *xasprintf(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    char *s = xvasprintf(fmt, ap);
    va_end(ap);
    return s;
}
