/*
 * requests.h - what is counted of requests to clusters, under the names that Hive's dashboards and alerts know:
 *   hive_kube_client_requests_total            controller, method, resource, remote, status
 *   hive_kube_client_request_seconds           the same
 *   hive_kube_client_requests_cancelled_total  the same without status: nobody waited for an answer any longer
 * All of them go to clusters that sets are shipped to, so that `remote` is always "true". Private to rp/syncsets/remote.
 *
 * Threads: safe from any.
 * Source: pkg/controller/utils/client_wrapper.go of openshift/hive (names, labels, buckets, form of resource and status).
 */
#ifndef RP_SYNCSETS_REMOTE_REQUESTS_H
#define RP_SYNCSETS_REMOTE_REQUESTS_H

#include "pkg/kube/client.h"
#include "pkg/metrics/metrics.h"

struct remote_requests {
    struct metric *all, *seconds, *cancelled;
};
void remote_requests_init(struct remote_requests *q, struct metrics *metrics); /* NULL: nothing */
/* An attempt that a controller of that name made. What goes to no resource (discovery, for one) counts only when nobody
 * waited for its answer, with an empty `resource`. What broke down is not here, but in rest_client_requests_total. */
void remote_requests_add(const struct remote_requests *q, const char *controller,
                         const struct kube_attempt *a);

#endif
