/* discovery_impl.h - discovery with a bound on parallel requests. Private to pkg/kube. */
#ifndef PKG_KUBE_DISCOVERY_IMPL_H
#define PKG_KUBE_DISCOVERY_IMPL_H

#include "pkg/kube/discovery.h"

/* threads: 1 makes the order of requests certain. */
struct discovery *discovery_new_with(struct kube_client *client, const struct clock *clock,
                                     int threads);

#endif
