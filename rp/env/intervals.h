/* intervals.h - every interval and limit of the resource provider, with its default and the variable that
 * changes it. */
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
    X(RETRY_AFTER, "ARO_RP_RETRY_AFTER_MS", 10000, 1000, 600000, \
      "How long clients are asked to wait before they look at an operation again, in whole " \
      "seconds.") \
    X(ENRICH_BUDGET, "ARO_RP_ENRICH_BUDGET_MS", 10000, 10, 600000, \
      "How long a reply may wait for live data of clusters.") \
    X(ARM_CERTS_POLL, "ARO_RP_ARM_CERTS_POLL_MS", 3600000, 100, 86400000, \
      "How often the client certificates of ARM are fetched.") \
    X(ARM_CERTS_RETRY, "ARO_RP_ARM_CERTS_RETRY_MS", 10000, 10, 600000, \
      "The first pause after that failed; it doubles up to five minutes.") \
    X(ARM_CERTS_AGE, "ARO_RP_ARM_CERTS_AGE_MS", 86400000, 100, 604800000, \
      "How old they may be before the resource provider calls itself not ready.") \
    X(CERT_POLL, "ARO_RP_CERT_POLL_MS", 300000, 100, 86400000, \
      "How often the secrets in use are looked at for newer ones: certificates of the listener " \
      "and of " \
      "the first-party application, and versions of the keys that seal.") \
    X(TOKEN_SERVICE_TIMEOUT, "ARO_RP_TOKEN_SERVICE_TIMEOUT_MS", 5000, 10, 60000, \
      "How long one question to the token service may take.") \
    X(LEASE, "ARO_RP_LEASE_MS", 60000, 2000, 60000, \
      "How long the lease of a document lasts, in whole seconds; the same in every process. On " \
      "Cosmos DB its triggers say so instead.") \
    X(RETRY_LATER, "ARO_RP_RETRY_LATER_MS", 600000, 2000, 600000, \
      "How long a deleted subscription rests while its clusters are being deleted; otherwise as " \
      "the lease.") \
    X(BACKEND_TICK, "ARO_RP_BACKEND_TICK_MS", 10000, 1, 600000, \
      "How long an idle backend waits at most before it looks for work again.") \
    X(BACKEND_HEARTBEAT, "ARO_RP_BACKEND_HEARTBEAT_MS", 10000, 1, 50000, \
      "How often the lease of a document is renewed.") \
    X(BACKEND_LEASE_TRUST, "ARO_RP_BACKEND_LEASE_TRUST_MS", 50000, 1, 55000, \
      "How long after its last renewal a lease is believed in: a second less than it lasts, or " \
      "shorter.") \
    X(BACKEND_RETRY, "ARO_RP_BACKEND_RETRY_MS", 1000, 1, 60000, \
      "The pause before a renewal or a last write that failed is tried again.") \
    X(BACKEND_CHILD_GRACE, "ARO_RP_BACKEND_CHILD_GRACE_MS", 5000, 1, 60000, \
      "How long the process of a single cluster may take to end before it is killed.") \
    X(BACKEND_DELETE_DELAY, "ARO_RP_BACKEND_DELETE_DELAY_MS", 20000, 0, 600000, \
      "How long a document stays at least after a deletion began, so that monitors see it.") \
    X(BACKEND_QUEUE_LENGTH, "ARO_RP_BACKEND_QUEUE_LENGTH_MS", 60000, 100, 3600000, \
      "How often the lengths of the queues are measured.") \
    X(STEP_POLL, "ARO_RP_STEP_POLL_MS", 10000, 10, 600000, \
      "How often a step looks again whether what it waits for has come.") \
    X(STEP_RETRY, "ARO_RP_STEP_RETRY_MS", 30000, 10, 600000, \
      "The pause before a step that lacked a right is tried again.") \
    X(BACKEND_RESEAL, "ARO_RP_BACKEND_RESEAL_MS", 21600000, 100, 604800000, \
      "How often one backend of all looks for secrets that an older version of a key sealed, and " \
      "seals them anew.") \
    X(BACKEND_RESEAL_PAUSE, "ARO_RP_BACKEND_RESEAL_PAUSE_MS", 1000, 0, 20000, \
      "Its pause after each document that it writes and each page of them that it reads.") \
    X(VALIDATE_TOKEN_POLL, "ARO_RP_VALIDATE_TOKEN_POLL_MS", 10000, 1, 600000, \
      "The pause before a token that lacks something is asked for again when a cluster is " \
      "validated.") \
    X(VALIDATE_TOKEN_TIMEOUT, "ARO_RP_VALIDATE_TOKEN_TIMEOUT_MS", 120000, 0, 3600000, \
      "How long that goes on.") \
    X(VALIDATE_ACCESS_POLL, "ARO_RP_VALIDATE_ACCESS_POLL_MS", 10000, 1, 600000, \
      "The pause before a permission that is missing is looked for again when a cluster is " \
      "validated.") \
    X(VALIDATE_ACCESS_TIMEOUT, "ARO_RP_VALIDATE_ACCESS_TIMEOUT_MS", 120000, 0, 3600000, \
      "How long that goes on.")

/* X(id, variable, default, min, max, doc): whole numbers */
#define RP_LIMITS(X) \
    X(BACKEND_WORKERS, "ARO_RP_BACKEND_WORKERS", 100, 1, 1000, \
      "How many documents, of clusters and of subscriptions, are worked on at once.") \
    X(BACKEND_CHILD_AFTER, "ARO_RP_BACKEND_CHILD_AFTER", 2, 0, 1000, \
      "A cluster that was taken up more often than this is worked on in a process of its own.")

enum rp_interval {
#define X(id, var, dflt, min, max, doc) INTERVAL_##id,
    RP_INTERVALS(X)
#undef X
        INTERVALS
};
extern const struct setting rp_intervals[INTERVALS];

enum rp_limit {
#define X(id, var, dflt, min, max, doc) LIMIT_##id,
    RP_LIMITS(X)
#undef X
        LIMITS
};
extern const struct setting rp_limits[LIMITS];

#endif
