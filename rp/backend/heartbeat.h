/*
 * heartbeat.h - holds the lease of one document: a thread renews it, and ends the work when it is lost.
 *
 * One failed renewal is tried again soon. The lease counts as lost when the document carries another or is gone, or when no
 * renewal succeeded for trust_ms by the monotonic clock, which also goes on while the machine sleeps: a process that was
 * frozen finds out before its next step.
 * Source: Azure/ARO-RP, pkg/backend.
 */
#ifndef RP_BACKEND_HEARTBEAT_H
#define RP_BACKEND_HEARTBEAT_H

#include "pkg/base/opctx.h"
#include "pkg/database/database.h"

struct heartbeat_config {
    /* openshiftclusters_lease or subscriptions_lease */
    int (*renew)(const struct opctx *ctx, struct database *db, const char *key, const char *token,
                 struct document *ret, struct error **err);
    struct database *db;
    const char *key, *token; /* borrowed until heartbeat_free */
    int64_t since_ns;        /* monotonic; the lease was given later than this */
    int64_t heartbeat_ms, retry_ms, trust_ms;
};

struct heartbeat;
/* root: clock, rng and log; its stop and deadline do not reach the work. Renews at once. */
int heartbeat_start(const struct opctx *root, const struct heartbeat_config *cfg,
                    struct heartbeat **ret, struct error **err);
/* Of the work: ends when the lease is lost. Borrowed. */
const struct opctx *heartbeat_ctx(const struct heartbeat *h);
/* May be believed in at this moment. Any thread. */
bool heartbeat_is_held(const struct heartbeat *h);
/* How often it was renewed. Any thread. */
unsigned heartbeat_renewals(const struct heartbeat *h);
/* No renewal from here on; what was renewed last still holds. Idempotent; of one thread. */
void heartbeat_stop(struct heartbeat *h);
void heartbeat_free(
    struct heartbeat *h); /* stops; the lease itself ends by other means. Accepts NULL */

DEFINE_RELEASE(struct heartbeat *, heartbeat_free)
#define cleanup_heartbeat CLEANUP_WITH(heartbeat_free_slot)

#endif
