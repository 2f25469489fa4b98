/*
 * machines.h - the machine API of a cluster: Machines become virtual machines of the simulated Azure and Nodes, and go with them.
 *
 * A worker's Machine is made by its MachineSet; masters were made with the cluster and are only looked at. The Node of a virtual
 * machine that is off is not ready: nobody knows how it is. One that vanishes fails its Machine and takes its Node along; one that
 * Azure refuses for good fails its Machine, too. Threads: one at a time for a cluster.
 * Source: openshift/machine-api-operator, machine-api-provider-azure.
 */
#ifndef HACK_DEVCLOUD_BOOT_MACHINES_H
#define HACK_DEVCLOUD_BOOT_MACHINES_H

#include "hack/devcloud/boot/view.h"

#define MACHINE_NAMESPACE "openshift-machine-api"
#define MACHINE_SET_LABEL "machine.openshift.io/cluster-api-machineset"

/* What a tick found; lists owned by it. */
struct machine_lists {
    json *sets, *machines, *nodes; /* arrays */
};
void machine_lists_release(struct machine_lists *l);
#define cleanup_machine_lists CLEANUP_WITH(machine_lists_release)

/* All of it; sets view->has_workers. */
int machines_sync(struct view *v, const struct rng *rng, int64_t wall_ns, struct error **err);

/* ---- machinesets.c ---- */
/* As many Machines as wanted, and the status of what there is. */
int machinesets_sync(struct view *v, const struct machine_lists *l, const struct rng *rng,
                     struct error **err);

/* ---- nodes.c ---- */
/* The Node of a Machine, for creating it. Owned by the caller. */
json *machine_give_node(const json *machine, const char *provider_id);
/* The Ready condition of a node is True. */
bool machine_node_is_ready(const json *node);
const json *machine_find_node(const struct machine_lists *l, const char *name); /* NULL: none */

/* Merges what differs; no request when nothing does. subresource "status" or NULL. */
int machine_patch(struct view *v, const struct gvr *gvr, const json *object,
                  const char *subresource, const json *patch, struct error **err);

#endif
