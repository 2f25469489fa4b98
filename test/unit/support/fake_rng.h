/* fake_rng.h - randomness that a test owns: a repeatable sequence, or the values that it lists. */
#ifndef TEST_UNIT_SUPPORT_FAKE_RNG_H
#define TEST_UNIT_SUPPORT_FAKE_RNG_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "pkg/base/clock.h"

/* Threads: safe from any; which thread gets which value is open. */
struct fake_rng {
    struct rng base;
    struct fake_rng *self;
    const uint64_t *values;
    size_t values_len;
    uint64_t seed;
    atomic_size_t calls; /* so far; a test may read it */
};

/* A fixed, evenly spread sequence for each seed. */
void fake_rng_init(struct fake_rng *r, uint64_t seed);
/* The listed values, over and over. Borrowed; n > 0. One 0 makes rng_unit 0; one UINT64_MAX makes
 * it almost 1. */
void fake_rng_init_values(struct fake_rng *r, const uint64_t *values, size_t n);

#endif
