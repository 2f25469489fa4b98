/*
 * enrich.h - what replies about clusters take from the clusters themselves: version, ingress, workers, service principal.
 *
 * Each cluster is asked through its private endpoint with the service's own kubeconfig, side by side with the others on a dozen
 * threads at most, for as long as the caller's context lasts. What cannot be found out stays as the document has it, and is
 * logged and counted (enricher.tasks.count, .duration, .errors, enricher.timeouts).
 *
 * Threads: safe from any. Source: Azure/ARO-RP, pkg/util/clusterdata.
 */
#ifndef RP_ENRICH_ENRICH_H
#define RP_ENRICH_ENRICH_H

#include "pkg/base/env.h"
#include "pkg/base/json.h"
#include "pkg/base/opctx.h"
#include "pkg/metrics/statsd.h"
#include "pkg/net/http_client.h"

struct database;

struct enrich_config {   /* all borrowed */
    struct database *db; /* opens and seals */
    struct http_client *http;
    struct http_transport *transport; /* tests: instead of http */
    const struct env *env;
    struct statsd *statsd; /* may be NULL */
};
/* clusters: internal ones (the member openShiftCluster of documents), edited in place by the calling thread. One without
 * kubeconfig or address is passed over. */
void enrich_clusters(const struct enrich_config *cfg, const struct opctx *ctx,
                     json *const *clusters, size_t len);

#endif
