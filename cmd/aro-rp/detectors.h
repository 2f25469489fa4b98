/*
 * detectors.h - the frontend's questions about what ails a cluster, put to the diagnostics service as the first-party
 * application in that service's tenant. Threads: safe from any.
 */
#ifndef CMD_ARO_RP_DETECTORS_H
#define CMD_ARO_RP_DETECTORS_H

#include "cmd/aro-rp/first_party.h"
#include "rp/frontend/frontend.h"

struct detectors_config { /* all borrowed */
    struct http_transport *transport;
    const struct azure_cloud *cloud;
    struct first_party *first_party;
    const char *url, *scope, *tenant_id;
    const struct clock *clock;
    const struct rng *rng;
};
struct detectors { /* embedded; nothing to release */
    struct diagnostics base;
    struct detectors_config cfg;
};
void detectors_init(struct detectors *d, const struct detectors_config *cfg);

#endif
