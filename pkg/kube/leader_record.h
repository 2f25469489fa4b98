/*
 * leader_record.h - the election record inside a Lease: reading it, and what a renewal or a release
 * makes of it. Private to pkg/kube. Labels, annotations and fields that we do not know survive.
 *
 * Threads: pure, but for the trees, which belong to the caller's thread.
 * Source: coordination.k8s.io/v1 Lease; client-go tools/leaderelection.
 */
#ifndef PKG_KUBE_LEADER_RECORD_H
#define PKG_KUBE_LEADER_RECORD_H

#include "pkg/base/json.h"

struct lease_claim {
    const char *nspace, *name; /* of a Lease that does not exist yet */
    const char *identity;
    int64_t duration_ms;
    int64_t wall_ns; /* acquireTime and renewTime */
};

const char *lease_record_holder(const json *lease); /* borrowed; "" when nobody */
/* How long the holder may stay silent: what it wrote, or dflt_ms when it wrote nothing usable. */
int64_t lease_record_duration_ms(const json *lease, int64_t dflt_ms);
/* Equal texts mean that nobody renewed in between. Owned by the caller. */
char *lease_record_give_text(const json *lease);
/* The Lease as the claimant has to write it: its own renewal keeps acquireTime and transitions, a
 * take-over counts one more. lease may be NULL: there is none. */
json *lease_record_give_claimed(const json *lease, const struct lease_claim *claim);
/* The Lease without holder, for others to take at once. */
json *lease_record_give_released(const json *lease, int64_t wall_ns);

#endif
