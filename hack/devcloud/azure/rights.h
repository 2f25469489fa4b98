/*
 * rights.h - what a caller of ARM may do.
 *
 * Most applications may do everything, unless the state's permissions say otherwise. One that is marked "by_roles" may do what
 * its role assignments grant, at their scope and below, once role_delay_ms have passed; the resource provider's own, besides,
 * everything in groups that clusters manage, as long after they were made, and it may make such groups. Permissions that the
 * state lists for a resource come before all that. Reads are no exception, except those of a subscription as such (sizes, quota,
 * providers, operations), of one's own permissions, and of groups that are not there. Permissions that the state lists for the
 * subscription let their owner read its groups, but nothing in them.
 *
 * A resource that is put to use another one ("subnet": {"id"}) needs the right to join that, too.
 * The simulator's lock is held. Source: Azure RBAC, "Understand Azure role definitions", "Azure permissions for Networking";
 * Azure Resource Manager, managed applications ("managedBy").
 */
#ifndef HACK_DEVCLOUD_AZURE_RIGHTS_H
#define HACK_DEVCLOUD_AZURE_RIGHTS_H

#include "hack/devcloud/azure/arm_id.h"
#include "hack/devcloud/azure/sim.h"

/* Whether the call may be made; answers AuthorizationFailed or LinkedAuthorizationFailed when not. What the simulator asks in
 * nobody's name may. */
bool rights_permit(struct sim_call *c, const struct arm_id *at);
/* [{actions, notActions, dataActions, notDataActions}] of the caller on the resource of that path. Owned. */
json *rights_give(struct sim_call *c, const char *path);
/* What the call does: "Microsoft.Compute/virtualMachines/write", ".../start/action". Owned. */
char *rights_give_action(const struct sim_call *c, const struct arm_id *at);
/* Whether what was made then (RFC 3339; NULL: long ago) is known by now. */
bool rights_are_known(const struct azure_sim *sim, const char *made);
/* Whether what holds at the scope holds for the resource (its key), too. */
bool rights_reach(const char *scope, const char *key);
/* Whether an entry of permissions has the action among its actions and not among its notActions. */
bool rights_name(const json *permissions, const char *action);

#endif
