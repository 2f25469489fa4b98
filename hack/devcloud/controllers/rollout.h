/*
 * rollout.h - how a Deployment's replicas are spread over its ReplicaSets: arithmetic alone. Threads: pure.
 * Source: k8s.io/kubernetes pkg/controller/deployment (rolling.go, recreate.go).
 */
#ifndef HACK_DEVCLOUD_CONTROLLERS_ROLLOUT_H
#define HACK_DEVCLOUD_CONTROLLERS_ROLLOUT_H

#include "pkg/base/json.h"

struct rollout {
    int64_t replicas; /* wanted */
    int64_t max_surge, max_unavailable;
    bool recreate; /* the old ones go first */
};
struct rollout rollout_of(const json *deployment);

struct rollout_set {
    int64_t replicas;         /* asked for */
    int64_t exist, available; /* pods, as its status tells */
};
/* What each set shall ask for next, written into replicas. sets[0] is the new one, the others are the old ones, the oldest
 * first; len is at least 1. */
void rollout_step(const struct rollout *r, struct rollout_set *sets, size_t len);

#endif
