/* payload.h - the text of the benchmarks' ConfigMaps. Each benchmark is a program of one file, so it is all here. */
#ifndef TEST_BENCH_PAYLOAD_H
#define TEST_BENCH_PAYLOAD_H

#include <stdint.h>

#include "pkg/base/buf.h"

static inline uint64_t next_random(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return *seed >> 33;
}

static inline void add_word(struct buf *b, uint64_t word)
{
    uint64_t seed = word * 7919 + 1;
    size_t len = 3 + next_random(&seed) % 7;
    for (size_t i = 0; i < len; i++)
        buf_addc(b, (char)('a' + next_random(&seed) % 26));
}

/* Words of a vocabulary of 4096, so that neither all nor nothing repeats: compresses to about half, as configuration
 * does. */
static inline void add_words(struct buf *b, size_t bytes, uint64_t *seed)
{
    size_t end = b->len + bytes;
    while (b->len < end) {
        add_word(b, next_random(seed) % 4096);
        buf_addc(b, ' ');
    }
}

/* What cannot be compressed but for the alphabet: 64 letters, none likelier than another. */
static inline void add_letters(struct buf *b, size_t bytes, uint64_t *seed)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ+/";
    for (size_t i = 0; i < bytes; i++)
        buf_addc(b, letters[next_random(seed) % 64]);
}

#endif
