/*
 * machines.h - manifests of a cluster's machines. Private to this folder.
 * Threads: pure.
 * Source: openshift/installer, pkg/asset/machines; machine.openshift.io/v1beta1.
 */
#ifndef RP_CLUSTER_INSTALLER_MACHINES_H
#define RP_CLUSTER_INSTALLER_MACHINES_H

#include "rp/cluster/installer/installer.h"

/* A Machine for each master: an array, the caller's. */
json *machines_give_masters(const struct installer_inputs *in);
/* A MachineSet for each zone of the workers, or one: an array, the caller's. */
json *machines_give_worker_sets(const struct installer_inputs *in);

/* The image that machines are made from. The caller's. */
json *machines_give_image(const struct installer_inputs *in);

#endif
