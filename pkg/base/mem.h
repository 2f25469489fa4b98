/*
 * mem.h - allocation that cannot fail: memory exhaustion aborts the process.
 *
 * Leases and restart policies recover us; in exchange everything that a peer can size has a maximum.
 * All results are owned by the caller and released with free(). Threads: safe from any.
 */
#ifndef PKG_BASE_MEM_H
#define PKG_BASE_MEM_H

#include <stdarg.h>
#include <stddef.h>

#include "pkg/base/cleanup.h"

void *xmalloc(size_t size);
void *xcalloc(size_t n, size_t size); /* zeroed; overflow of n * size aborts */
void *xrealloc(void *p, size_t size);
void *xreallocarray(void *p, size_t n, size_t size);
char *xstrdup(const char *s);            /* NULL gives NULL */
char *xstrndup(const char *s, size_t n); /* at most n bytes, always terminated */
void *xmemdup(const void *p, size_t n);  /* one extra NUL byte behind the copy */
char *xasprintf(const char *fmt, ...) PRINTF_LIKE(1, 2);
char *xvasprintf(const char *fmt, va_list ap) PRINTF_LIKE(1, 0);

#define xnew(type) ((type *)xcalloc(1, sizeof(type)))

#endif
