/* cleanup.h - scope-bound release of what a local variable owns. */
#ifndef PKG_BASE_CLEANUP_H
#define PKG_BASE_CLEANUP_H

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* The variable must be initialised where it is declared; goto must not jump over it. */
#define CLEANUP_WITH(fn) __attribute__((cleanup(fn)))

/* Defines fn##_slot for a destructor of pointers, to be used as CLEANUP_WITH(fn##_slot). */
#define DEFINE_RELEASE(type, fn) \
    static inline void fn##_slot(type *slot) \
    { \
        if (*slot) \
            fn(*slot); \
    }

/* Hands ownership over: yields the pointer and leaves NULL behind. */
#define take(p) \
    __extension__({ \
        __auto_type take_tmp_ = (p); \
        (p) = NULL; \
        take_tmp_; \
    })

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))
#define container_of(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))

static inline void cleanup_free_slot(void *slot)
{
    free(*(void **)slot);
}
static inline void cleanup_close_slot(const int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
}
static inline void cleanup_file_slot(FILE **f)
{
    if (*f)
        (void)fclose(*f);
}

#define cleanup_free CLEANUP_WITH(cleanup_free_slot)
#define cleanup_close CLEANUP_WITH(cleanup_close_slot)
#define cleanup_file CLEANUP_WITH(cleanup_file_slot)

#endif
