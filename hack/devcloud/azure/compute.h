/* compute.h - the parts of the simulated Microsoft.Compute for each other. The simulator's lock is held. */
#ifndef HACK_DEVCLOUD_AZURE_COMPUTE_H
#define HACK_DEVCLOUD_AZURE_COMPUTE_H

#include "hack/devcloud/azure/resource.h"

#define MACHINE_TYPE "Microsoft.Compute/virtualMachines"
#define DISK_TYPE "Microsoft.Compute/disks"

extern const struct resource_kind compute_machine_kind, compute_disk_kind, compute_encryption_kind;

/*
 * What a machine's "inside" holds: customData (base64, as it was put), provisioned (its first operation ended well), power
 * ("running", "stopped", "deallocated"; absent before it is provisioned), wanted (the power at the end of what goes on),
 * serial (what its console shows).
 */

/* compute_check.c: whether a machine may be put. false after answering. */
bool compute_machine_is_good(struct sim_call *c, const struct resource_at *at);

/* compute_disk.c: the machine's system disk as a resource of its own. */
void compute_put_disk(struct sim_call *c, const json *machine);
/* The machine that the disk belongs to; NULL: none. Borrowed. */
const json *compute_find_user(struct azure_sim *sim, const char *disk_id);

/* compute_power.c: power, and what a GET with $expand=instanceView says of it. */
void compute_machine_show(struct sim_call *c, const char *key, const json *object, json *view);
bool compute_machine_act(struct sim_call *c, const struct resource_at *at, const char *action);
json *compute_give_instance_view(struct sim_call *c, json *machine); /* owned */
/* compute_log.c: links to the serial console (compute_log_serve, sim.h). Owned. */
json *compute_give_log_links(struct sim_call *c, json *machine);

#endif
