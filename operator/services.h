/*
 * services.h - what every controller works with; made once per process by operator.c and passed
 * down.
 */
#ifndef OPERATOR_SERVICES_H
#define OPERATOR_SERVICES_H

#include "operator/settings.h"
#include "pkg/base/env.h"
#include "pkg/kube/client.h"
#include "pkg/kube/events.h"
#include "pkg/kube/informer.h"
#include "pkg/metrics/metrics.h"
#include "pkg/net/http.h"

#define OPERATOR_NAMESPACE "openshift-azure-operator"
#define OPERATOR_SECRET "cluster" /* of OPERATOR_NAMESPACE */
#define CLUSTER_NAME "cluster"    /* the only Cluster object that counts */

enum operator_role { ROLE_MASTER = 1, ROLE_WORKER = 2 };

struct services { /* all borrowed; immutable after start */
    enum operator_role role;
    const char *version; /* commit of this build */
    struct kube_client *kube;
    struct kube_cache *cache;
    struct http_transport *internet; /* direct egress, never through a proxy */
    struct http_transport *azure;    /* AAD and ARM */
    struct event_recorder *events;   /* may be NULL */
    const struct clock *clock;
    const struct rng *rng;
    const struct env *env;
    const struct log *log;
    struct metrics *metrics;
    const int64_t *settings; /* values of operator_settings */
    /* Refuses writes of a master that lost its lease; NULL without election. */
    int (*before_write)(void *arg, struct error **err);
    void *before_write_arg;
};

#endif
