/* service.h - the parts of `aro rp`, made from the environment and put together. */
#ifndef CMD_ARO_RP_SERVICE_H
#define CMD_ARO_RP_SERVICE_H

#include <stdint.h>

#include "pkg/base/env.h"
#include "pkg/base/log.h"
#include "pkg/base/opctx.h"

struct service_options {
    const char *bind_address; /* NULL: all in production, 127.0.0.1 in development */
    uint16_t port, plain_port;
    const struct env *env;
    const struct clock *clock;
    const struct rng *rng;
    const struct log *log;
};

/* Runs until stop is set, then ends in order; at_once cuts the waits of the end short. ERR_INVALID:
 * the environment is wrong. */
int service_run(const struct service_options *opt, struct stop *stop, struct stop *at_once,
                struct error **err);

#endif
