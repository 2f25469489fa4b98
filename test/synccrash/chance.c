#include "test/synccrash/synccrash.h"

static uint64_t next(const struct rng *rng)
{
    struct chance *c = ((const struct chance *)(const void *)rng)->self;
    /* SplitMix64 (Steele, Lea, Flood 2014) */
    c->state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = c->state;
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

void chance_init(struct chance *c, uint64_t seed, uint64_t stream)
{
    *c = (struct chance){ .rng = { .next = next }, .self = c };
    c->state = seed ^ (stream * UINT64_C(0xd1b54a32d192ed03));
    c->state = next(&c->rng);
}

bool chance_one_in(struct chance *c, uint64_t n)
{
    return n && rng_below(&c->rng, n) == 0;
}
