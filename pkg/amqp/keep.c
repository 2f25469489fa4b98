#include "pkg/amqp/keep.h"

#include "pkg/base/log.h"

int64_t amqp_pause_ms(const struct rng *rng, unsigned failures)
{
    int64_t ms = AMQP_PAUSE_MIN_MS;
    for (unsigned i = 1; i < failures && ms < AMQP_PAUSE_MAX_MS; i++)
        ms *= 2;
    if (ms > AMQP_PAUSE_MAX_MS)
        ms = AMQP_PAUSE_MAX_MS;
    /* Half of it at least: clients of a broker that comes back spread. */
    return ms / 2 + (int64_t)rng_below(rng, (uint64_t)(ms / 2) + 1);
}

/* Whether the connection was made. */
static bool use_once(const struct opctx *ctx, const struct amqp_keep *k, struct error **err)
{
    cleanup_amqp struct amqp *c = NULL;
    if (amqp_open(ctx, &k->cfg, &c, err) < 0)
        return false;
    (void)k->use(ctx, c, k->arg, err);
    return true;
}

void amqp_keep(const struct opctx *ctx, const struct amqp_keep *k)
{
    unsigned failures = 0;
    do {
        cleanup_error struct error *err = NULL;
        bool made = use_once(ctx, k, &err);
        failures = made && !error_is_marked_terminal(err) ? 1 : failures + 1;
        if (!stop_is_set(ctx->stop))
            log_at(ctx->log, error_is_marked_terminal(err) ? LOG_ERROR : LOG_WARNING, "%s: %s",
                   k->cfg.name ? k->cfg.name : "AMQP", error_text(err));
    } while (opctx_sleep_ms(ctx, amqp_pause_ms(ctx->rng, failures), NULL) == 0);
}
