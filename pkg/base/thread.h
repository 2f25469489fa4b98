/* thread.h - named threads with small stacks; mutexes. */
#ifndef PKG_BASE_THREAD_H
#define PKG_BASE_THREAD_H

#include <pthread.h>

#include "pkg/base/error.h"

#define THREAD_STACK_BYTES (256 * 1024)

/* Runs fn(arg) on a new thread named name (cut at 15 bytes). Signals are blocked in it. Join with
 * pthread_join. */
int thread_start(pthread_t *ret, const char *name, void (*fn)(void *arg), void *arg,
                 struct error **err);

/* An ordinary one. Aborts when memory ends, as allocations do. */
void mutex_init(pthread_mutex_t *mu);

#endif
