/*
 * arena.h - the memory of one decoded resource: pieces that live and die together. Inside pkg/client only. Threads: one
 * at a time.
 */
#ifndef PKG_CLIENT_ARENA_H
#define PKG_CLIENT_ARENA_H

#include <stddef.h>

#include "pkg/base/secret.h"

struct arena_chunk;
struct arena {
    struct arena_chunk *chunks; /* the newest first */
    struct secret **secrets;
    size_t secrets_len;
};

/* Zeroed, aligned for anything; never NULL, also for 0 bytes. Until arena_release. */
void *arena_alloc(struct arena *a, size_t size);
const char *arena_copy_text(struct arena *a, const char *text, size_t len);
/* The arena owns it from now on. */
struct secret *arena_take_secret(struct arena *a, struct secret *s);
void arena_release(struct arena *a); /* secrets are wiped */

#endif
