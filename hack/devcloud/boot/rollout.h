/*
 * rollout.h - a cluster's way from an API server to a cluster that is installed: bootkube's part first, then what operators
 * do for ever. Level-based: each tick looks at what the API says. Threads: one.
 */
#ifndef HACK_DEVCLOUD_BOOT_ROLLOUT_H
#define HACK_DEVCLOUD_BOOT_ROLLOUT_H

#include "hack/devcloud/boot/view.h"
#include "pkg/base/clock.h"

enum rollout_stage {
    ROLLOUT_STARTED,
    ROLLOUT_APPLIED,      /* every manifest is accepted */
    ROLLOUT_BOOTSTRAPPED, /* ConfigMap kube-system/bootstrap says so: the bootstrap machine may go */
};

struct rollout;
struct rollout *rollout_new(const struct clock *clock, const struct rng *rng);
/* What can be done now. -1: something is not as it should be yet; the next tick tries again. */
int rollout_tick(struct rollout *r, struct view *v, struct error **err);
enum rollout_stage rollout_stage(const struct rollout *r);
const char *rollout_stage_text(enum rollout_stage s); /* for logs */
void rollout_free(struct rollout *r);                 /* accepts NULL */

#endif
