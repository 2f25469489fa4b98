#include "test/unit/support/fake_rng.h"

static uint64_t fake_next(const struct rng *rng)
{
    struct fake_rng *r = ((const struct fake_rng *)(const void *)rng)->self;
    size_t call = atomic_fetch_add(&r->calls, 1);
    if (r->values_len > 0)
        return r->values[call % r->values_len];

    /* SplitMix64 (Steele, Lea, Flood 2014): a counter, well mixed. */
    uint64_t z = r->seed + (call + 1) * UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

void fake_rng_init(struct fake_rng *r, uint64_t seed)
{
    *r = (struct fake_rng){ .base = { .next = fake_next }, .self = r, .seed = seed };
    atomic_init(&r->calls, 0);
}

void fake_rng_init_values(struct fake_rng *r, const uint64_t *values, size_t n)
{
    fake_rng_init(r, 0);
    r->values = values;
    r->values_len = n;
}
