/* machine_room.h - what the simulated compute service tells whoever watches its machines (machines.h). */
#ifndef HACK_DEVCLOUD_AZURE_MACHINE_ROOM_H
#define HACK_DEVCLOUD_AZURE_MACHINE_ROOM_H

#include "hack/devcloud/azure/machines.h"
#include "hack/devcloud/azure/sim.h"

/* To be delivered when the lock is free. object: the stored machine, borrowed. Without a watcher nothing happens. The
 * simulator's lock is held. */
void machine_room_tell(struct azure_sim *sim, enum machine_event what, const json *object);

#endif
