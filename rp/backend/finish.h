/*
 * finish.h - ends an operation on a cluster, so that a crash between any two writes changes nothing but who finishes.
 *
 *   1  the outcome goes into the cluster's document, under the lease: from here on it is decided
 *   2  the asynchronous operation gets its end
 *   3  the lease ends, and with it outcome, asynchronous operation and states, in one write; or, after a deletion, billing
 *      ends and the document goes, under its etag and no earlier than monitors could see that it is being deleted
 *
 * What fails for a while is tried again for as long as the lease holds. After that the document stays as it is: in its
 * state, with its outcome; the next who dequeues it goes on at 2, without running a step.
 *
 * Source: Azure/ARO-RP, pkg/backend/openshiftcluster.go.
 */
#ifndef RP_BACKEND_FINISH_H
#define RP_BACKEND_FINISH_H

#include "rp/backend/backend.h"
#include "rp/backend/heartbeat.h"

struct finish {
    const struct backend_config *cfg;
    const char *key, *token;
    struct heartbeat *beat;
    int64_t began_ns; /* monotonic: of the work on this document */
};

/* why: of the failure, NULL: the operation succeeded. Without effect on an outcome that is kept already. cluster: the
 * whole document as the operation ran. The lease is stopped. */
int finish_operation(const struct finish *f, const json *cluster, const struct error *why,
                     struct error **err);
/* The lease ends, all else stays: any backend may go on. */
int finish_hand_over(const struct finish *f, struct error **err);

#endif
