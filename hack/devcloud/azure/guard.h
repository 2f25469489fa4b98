/* guard.h - what keeps callers of ARM from writing: management locks, and deny assignments. */
#ifndef HACK_DEVCLOUD_AZURE_GUARD_H
#define HACK_DEVCLOUD_AZURE_GUARD_H

#include "hack/devcloud/azure/arm_id.h"
#include "hack/devcloud/azure/sim.h"

#define LOCK_TYPE "Microsoft.Authorization/locks"
#define DENIAL_TYPE "Microsoft.Authorization/denyAssignments"

/*
 * guard_permits - whether the call may be made; answers when not.
 *
 * A lock holds for its scope and what is below: CanNotDelete against DELETE, also of what a locked resource is in; ReadOnly
 * against every write and action. Locks themselves can always be removed. A deny assignment holds for its principals, without
 * those it excludes and who made it. What the simulator asks in nobody's name is permitted. The simulator's lock is held.
 * Source: Azure Resource Manager, "Lock your resources to protect your infrastructure"; Azure RBAC, "List Azure deny assignments".
 */
bool guard_permits(struct sim_call *c, const struct arm_id *at);

#endif
