/*
 * poolconfigs.h - MachineConfigs of which the operator makes one for each MachineConfigPool. The pool owns its own, which goes
 * when the pool goes.
 *
 * A new or another MachineConfig restarts the machines of its pool. What is missing is made at any time, as otherwise the machines
 * would lack what they need; what is there changes only when the caller says that machines may restart (rebootgate.h).
 * Threads: any.
 * Source: openshift/machine-config-operator, docs/MachineConfig.md and docs/MachineConfigController.md.
 */
#ifndef OPERATOR_POOLCONFIGS_H
#define OPERATOR_POOLCONFIGS_H

#include "operator/controller.h"

struct poolconfig {
    const char *suffix; /* the one of pool worker is called "99-worker" and this */
    /* The MachineConfig of a pool, without owner; the caller's. */
    int (*give)(const json *cluster, const char *pool, json **ret, struct error **err);
};

/* The pool whose MachineConfig has that name; NULL: it is of another kind. Owned. */
char *poolconfig_give_pool(const struct poolconfig *kind, const char *name);

/*
 * poolconfig_ensure, poolconfig_ensure_all - the MachineConfig of one pool, of each pool.
 *
 * may_change  what is there becomes as it should be; false: only what is missing is made.
 * Of a pool that is missing or being deleted nothing is made. All are made up before the first is written, so that an error
 * of poolconfig.give leaves the cluster as it was. Unchanged ones cost no write. What is written is told as an Event.
 * Errors      those of give and of the API server, with the object's name; when making, "error creating client object: ...".
 */
int poolconfig_ensure(struct reconcile *rc, const struct poolconfig *kind, const char *pool,
                      bool may_change, struct error **err);
int poolconfig_ensure_all(struct reconcile *rc, const struct poolconfig *kind, bool may_change,
                          struct error **err);

/* The opposite, for all pools: every MachineConfig of that kind goes, also those without a pool. */
int poolconfig_delete_all(struct reconcile *rc, const struct poolconfig *kind, struct error **err);

/* What tells that such a MachineConfig has changed. Those that the machine config operator renders for itself, which are many and
 * long, have no such label. */
#define WATCH_POOLCONFIGS(suffix) \
    { \
        .gvr = &GVR_MACHINECONFIGS, .label_key = "machineconfiguration.openshift.io/role", \
        .name_suffix = (suffix), .projection = PROJECT_METADATA, .wake = WAKE_OBJECT, \
        .optional = true \
    }

/* Rows for the rights of a controller that calls poolconfig_ensure or poolconfig_ensure_all, and reboot_gate_is_open. Admission
 * asks whoever owns with blockOwnerDeletion for the owner's finalizers. */
#define POOLCONFIG_RIGHTS \
    { .gvr = &GVR_MACHINECONFIGS, .verbs = "get create patch update" }, \
        { .gvr = &GVR_MACHINECONFIGPOOLS, .verbs = "get list" }, \
        { .gvr = &GVR_MACHINECONFIGPOOLS, .subresource = "finalizers", .verbs = "update" }, \
    { \
        .gvr = &GVR_CLUSTERVERSIONS, .verbs = "get", .names = "version" \
    }

#endif
