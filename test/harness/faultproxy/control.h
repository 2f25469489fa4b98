/*
 * control.h - how tests speak to the fault proxy: plain HTTP on 127.0.0.1.
 *
 *   GET, PUT /rules      the list of rules.h
 *   GET, PUT /wire       {"http": bool, "silent": bool, "refuse": bool, "reset_after": bytes}, what is absent is off
 *   POST     /cut        resets every connection
 *   GET      /stats      {"accepted", "reset", "open", "to_client_bytes", "to_server_bytes"}
 *   GET      /requests   what the upper half was asked
 */
#ifndef TEST_HARNESS_FAULTPROXY_CONTROL_H
#define TEST_HARNESS_FAULTPROXY_CONTROL_H

#include "test/harness/faultproxy/forward.h"
#include "test/harness/faultproxy/tunnel.h"

struct control;
struct control_config { /* borrowed */
    uint16_t port;      /* 0 = a free one */
    struct tunnel *tunnel;
    struct forward *forward;
    struct rules *rules;
    const struct clock *clock;
    const struct rng *rng;
    const struct log *log;
};
int control_start(const struct control_config *cfg, struct control **ret, struct error **err);
void control_stop(struct control *c); /* accepts NULL */
uint16_t control_port(const struct control *c);

#endif
