#include "pkg/client/arena.h"

#include <stdint.h>
#include <string.h>

#include "pkg/base/mem.h"

#define CHUNK_MIN ((size_t)2 << 10) /* most resources fit into one or two */

struct arena_chunk {
    struct arena_chunk *next;
    size_t used, size;
    max_align_t bytes[];
};

static size_t aligned(size_t size)
{
    size_t unit = sizeof(max_align_t);
    return size < unit ? unit : (size + unit - 1) / unit * unit;
}

static struct arena_chunk *add_chunk(struct arena *a, size_t size)
{
    struct arena_chunk *chunk = xcalloc(1, sizeof(*chunk) + size);
    chunk->size = size;
    chunk->next = a->chunks;
    a->chunks = chunk;
    return chunk;
}

void *arena_alloc(struct arena *a, size_t size)
{
    struct arena_chunk *chunk = a->chunks;
    size = aligned(size);
    if (!chunk || chunk->size - chunk->used < size)
        chunk = add_chunk(a, size > CHUNK_MIN ? size : CHUNK_MIN);
    void *piece = (char *)chunk->bytes + chunk->used;
    chunk->used += size;
    return piece;
}

const char *arena_copy_text(struct arena *a, const char *text, size_t len)
{
    char *copy = arena_alloc(a, len + 1);
    memcpy(copy, text, len);
    return copy;
}

struct secret *arena_take_secret(struct arena *a, struct secret *s)
{
    a->secrets = xreallocarray(a->secrets, a->secrets_len + 1, sizeof(*a->secrets));
    a->secrets[a->secrets_len++] = s;
    return s;
}

void arena_release(struct arena *a)
{
    for (size_t i = 0; i < a->secrets_len; i++)
        secret_unref(a->secrets[i]);
    free(a->secrets);
    while (a->chunks) {
        struct arena_chunk *chunk = a->chunks;
        a->chunks = chunk->next;
        free(chunk);
    }
    *a = (struct arena){ 0 };
}
