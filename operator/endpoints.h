/*
 * endpoints.h - what the operator serves: health (also the receiver of alertmanager's webhook) and metrics.
 *
 * Health, whatever the method: /healthz and /readyz are real checks, with a path below for each check; /healthz/ready, /readyz/ready and /
 * answer 200 to every method always: alerts are accepted and dropped there.
 */
#ifndef OPERATOR_ENDPOINTS_H
#define OPERATOR_ENDPOINTS_H

#include <stdint.h>

#include "operator/services.h"
#include "pkg/controller/manager.h"
#include "pkg/kube/leader.h"
#include "pkg/net/http_client.h"

struct endpoints_config {
    const char *bind_address; /* NULL = all */
    uint16_t health_port, metrics_port;
    const struct services *sv;
    const struct http_client *http; /* its heartbeat is the liveness check */
    const struct lease *lease;      /* NULL: no election */
};
struct endpoints;
/* Binds both ports at once, so that a busy port is reported before anything else starts. */
int endpoints_start(const struct endpoints_config *cfg, struct endpoints **ret, struct error **err);
void endpoints_stop(struct endpoints *e); /* accepts NULL */
uint16_t endpoints_health_port(const struct endpoints *e);
uint16_t endpoints_metrics_port(const struct endpoints *e);

DEFINE_RELEASE(struct endpoints *, endpoints_stop)
#define cleanup_endpoints CLEANUP_WITH(endpoints_stop_slot)

#endif
