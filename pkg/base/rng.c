#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

#include "pkg/base/clock.h"

static uint64_t system_next(const struct rng *r)
{
    (void)r;
    uint64_t value;
    ssize_t n;
    do {
        n = getrandom(&value, sizeof(value), 0);
    } while (n < 0 && errno == EINTR);
    if (n != (ssize_t)sizeof(value))
        abort(); /* never for so few bytes; predictable values would be worse */
    return value;
}

const struct rng *rng_system(void)
{
    static const struct rng system_rng = { .next = system_next };
    return &system_rng;
}

uint64_t rng_below(const struct rng *r, uint64_t bound)
{
    if (bound == 0)
        return 0;
    /* Values under 2^64 mod bound would make the small remainders likelier. */
    uint64_t skip = -bound % bound;
    uint64_t value;
    do {
        value = r->next(r);
    } while (value < skip);
    return value % bound;
}

double rng_unit(const struct rng *r)
{
    return (double)(r->next(r) >> 11) * 0x1p-53; /* the 53 bits of a double's mantissa */
}

int64_t rng_jitter_ns(const struct rng *r, int64_t base_ns, double factor)
{
    double extra = (double)base_ns * factor * rng_unit(r);
    int64_t sum;
    if (extra >= 0x1p63 || __builtin_add_overflow(base_ns, (int64_t)extra, &sum))
        return INT64_MAX;
    return sum;
}

void rng_uuid(const struct rng *r, char out[UUID_LEN + 1])
{
    static const char digits[] = "0123456789abcdef";
    uint64_t words[2] = { r->next(r), r->next(r) };
    words[0] = (words[0] & ~UINT64_C(0xf000)) | UINT64_C(0x4000);               /* version 4 */
    words[1] = (words[1] & (~UINT64_C(0) >> 2)) | UINT64_C(0x8000000000000000); /* RFC 4122 */
    char *p = out;
    for (unsigned i = 0; i < 32; i++) {
        if (i == 8 || i == 12 || i == 16 || i == 20)
            *p++ = '-';
        *p++ = digits[words[i / 16] >> (60 - i % 16 * 4) & 15];
    }
    *p = '\0';
}
