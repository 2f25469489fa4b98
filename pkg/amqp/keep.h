/*
 * keep.h - one connection after another, for as long as somebody wants one.
 *
 * Between attempts it waits 1 s, 2 s, ... 30 s, with jitter; from 1 s again after a connection that was made.
 */
#ifndef PKG_AMQP_KEEP_H
#define PKG_AMQP_KEEP_H

#include "pkg/amqp/amqp.h"

#define AMQP_PAUSE_MIN_MS 1000
#define AMQP_PAUSE_MAX_MS 30000

struct amqp_keep {
    struct amqp_config cfg;
    /* Uses the connection until it fails or the context ends. */
    int (*use)(const struct opctx *ctx, struct amqp *c, void *arg, struct error **err);
    void *arg;
};
/* Returns when the context's stop is set. Failures are logged, errors that are marked terminal as such. */
void amqp_keep(const struct opctx *ctx, const struct amqp_keep *k);
/* The pause after so many failures in a row, at least 1. */
int64_t amqp_pause_ms(const struct rng *rng, unsigned failures);

#endif
