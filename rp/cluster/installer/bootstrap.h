/*
 * bootstrap.h - the configuration of the bootstrap machine: it runs a temporary control plane until the masters have their
 * own. Private to this folder.
 *
 * Files and units that are the same for every cluster are embedded, below staticresources/installer/bootstrap.
 * Threads: pure.
 * Source: openshift/installer, pkg/asset/ignition/bootstrap and data/data/bootstrap.
 */
#ifndef RP_CLUSTER_INSTALLER_BOOTSTRAP_H
#define RP_CLUSTER_INSTALLER_BOOTSTRAP_H

#include "rp/cluster/installer/installer.h"

/* Adds the asset with the file bootstrap.ign, made of all that the graph holds by then. */
int bootstrap_make_asset(const struct installer_inputs *in, json *graph, struct error **err);

#endif
