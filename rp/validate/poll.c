#include "rp/validate/dynamic_impl.h"

struct poll poll_begin(const struct opctx *ctx, int64_t every_ms, int64_t timeout_ms)
{
    return (struct poll){ every_ms, clock_mono_ns(ctx->clock) + timeout_ms * NS_PER_MS };
}

int poll_again(const struct poll *p, const struct opctx *ctx, bool *ret, struct error **err)
{
    *ret = clock_mono_ns(ctx->clock) + p->every_ms * NS_PER_MS <= p->until_ns;
    return *ret ? opctx_sleep_ms(ctx, p->every_ms, err) : 0;
}
