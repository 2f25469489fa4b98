/*
 * fuzz.h - what fuzzers share: claims that end the process, pieces of the input, time and chance that are the same in
 * every run. Threads: one.
 */
#ifndef TEST_FUZZ_FUZZ_H
#define TEST_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/opctx.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void must(bool truth)
{
    if (!truth)
        abort();
}

/* ---- the input, from its beginning on ---- */

struct pieces {
    const char *at;
    size_t left;
};

/* 0 behind the end. */
static inline unsigned pieces_byte(struct pieces *in)
{
    if (!in->left)
        return 0;
    in->left--;
    return (unsigned char)*in->at++;
}

/* What stands before the next line end; owned, with a NUL behind. "" behind the end. */
static inline char *pieces_give_line(struct pieces *in)
{
    const char *end = in->left ? memchr(in->at, '\n', in->left) : NULL;
    size_t len = end ? (size_t)(end - in->at) : in->left;
    char *line = len ? xmemdup(in->at, len) : xstrdup("");
    in->left -= len + (end != NULL);
    in->at += len + (end != NULL);
    return line;
}

/* ---- time and chance ---- */

/* Stands still, but for waits, over which it jumps; fuzz_restart sets it back. */
static int64_t fuzz_passed_ns;
static uint64_t fuzz_chance;

static inline int64_t fuzz_mono_ns(const struct clock *c)
{
    (void)c;
    return NS_PER_S + fuzz_passed_ns;
}

static inline int64_t fuzz_wall_ns(const struct clock *c)
{
    (void)c;
    return INT64_C(1700000000) * NS_PER_S + fuzz_passed_ns;
}

static inline bool fuzz_wait(const struct clock *c, pthread_cond_t *cv, pthread_mutex_t *mu,
                             int64_t deadline_ns)
{
    (void)cv;
    (void)mu;
    must(deadline_ns != CLOCK_NEVER); /* nobody would end it */
    if (deadline_ns > fuzz_mono_ns(c))
        fuzz_passed_ns = deadline_ns - NS_PER_S;
    return false;
}

static inline uint64_t fuzz_next(const struct rng *r)
{
    (void)r;
    fuzz_chance += UINT64_C(0x9e3779b97f4a7c15);
    return fuzz_chance * UINT64_C(0xbf58476d1ce4e5b9);
}

static inline void fuzz_restart(void)
{
    fuzz_passed_ns = 0;
    fuzz_chance = 0;
}

static inline struct opctx fuzz_context(void)
{
    static const struct clock clock = { fuzz_mono_ns, fuzz_wall_ns, fuzz_wait };
    static const struct rng rng = { fuzz_next };
    return opctx_root(&clock, &rng, NULL, NULL);
}

#endif
