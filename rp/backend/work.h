/* work.h - one document that was dequeued. */
#ifndef RP_BACKEND_WORK_H
#define RP_BACKEND_WORK_H

#include <stdatomic.h>

#include "rp/backend/backend.h"
#include "rp/backend/heartbeat.h"

struct work {
    const struct backend_config *cfg;
    const char *key, *token;      /* borrowed */
    int64_t since_ns;             /* monotonic, of before the dequeue */
    const atomic_bool *hand_over; /* stop at the next boundary */
};

/* Holds the work's lease. log: borrowed until heartbeat_free. */
int work_hold(const struct work *w, const struct log *log,
              int (*renew)(const struct opctx *ctx, struct database *db, const char *key,
                           const char *token, struct document *ret, struct error **err),
              struct heartbeat **ret, struct error **err);

#endif
