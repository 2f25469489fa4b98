/* intervals.h - every interval of the resource provider, with its default and the variable that changes
 * it. */
#ifndef RP_ENV_INTERVALS_H
#define RP_ENV_INTERVALS_H

#include "pkg/base/env.h"

/* X(id, variable, default, min, max, doc): milliseconds */
#define RP_INTERVALS(X) \
    X(READ_TIMEOUT, "ARO_RP_READ_TIMEOUT_MS", 10000, 100, 600000, \
      "How long a client may take to send the head of a request, and again its body.") \
    X(IDLE_TIMEOUT, "ARO_RP_IDLE_TIMEOUT_MS", 120000, 100, 3600000, \
      "How long a connection without a request stays open.") \
    X(READY_DELAY, "ARO_RP_READY_DELAY_MS", 120000, 0, 3600000, \
      "How long after the start the resource provider calls itself not ready.") \
    X(STOP_DELAY, "ARO_RP_STOP_DELAY_MS", 80000, 0, 3600000, \
      "How long it goes on serving after a signal, so that load balancers notice.") \
    X(STOP_GRACE, "ARO_RP_STOP_GRACE_MS", 3600000, 0, 7200000, \
      "How long requests that run may take to end after that.") \
    X(HEARTBEAT, "ARO_RP_HEARTBEAT_MS", 60000, 100, 3600000, \
      "How often the heartbeat gauges are sent.") \
    X(FEED_POLL, "ARO_RP_FEED_POLL_MS", 10000, 10, 600000, \
      "How often changes of OpenShift versions and role sets are looked for.") \
    X(CONFLICT_PAUSE, "ARO_RP_CONFLICT_PAUSE_MS", 100, 0, 10000, \
      "The first pause before a write that lost a race is tried again; each is longer by as " \
      "much.") \
    X(ENRICH_BUDGET, "ARO_RP_ENRICH_BUDGET_MS", 10000, 10, 600000, \
      "How long a reply may wait for live data of clusters.") \
    X(ARM_CERTS_POLL, "ARO_RP_ARM_CERTS_POLL_MS", 3600000, 100, 86400000, \
      "How often the client certificates of ARM are fetched.") \
    X(ARM_CERTS_RETRY, "ARO_RP_ARM_CERTS_RETRY_MS", 10000, 10, 600000, \
      "The first pause after that failed; it doubles up to five minutes.") \
    X(ARM_CERTS_AGE, "ARO_RP_ARM_CERTS_AGE_MS", 86400000, 100, 604800000, \
      "How old they may be before the resource provider calls itself not ready.") \
    X(TOKEN_SERVICE_TIMEOUT, "ARO_RP_TOKEN_SERVICE_TIMEOUT_MS", 5000, 10, 60000, \
      "How long one question to the token service may take.")

enum rp_interval {
#define X(id, var, dflt, min, max, doc) INTERVAL_##id,
    RP_INTERVALS(X)
#undef X
        INTERVALS
};
extern const struct setting rp_intervals[INTERVALS];

#endif
