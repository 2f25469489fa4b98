/*
 * phase.h - steps: an installation and its two phases in the document, and what else of it is written there at its time.
 *
 * `install` {now, phase} is there from the first step of an installation to its last. `now` stays as it was first written,
 * since what machines are given is made of it.
 */
#ifndef RP_CLUSTER_PHASE_H
#define RP_CLUSTER_PHASE_H

#include "rp/cluster/cluster.h"

/* startInstallation: makes `install` unless there is one. */
int cluster_start_installation(void *arg, const struct opctx *ctx, struct error **err);
/* incrInstallPhase: the last step of the first phase. */
int cluster_increment_install_phase(void *arg, const struct opctx *ctx, struct error **err);
/* finishInstallation: takes `install` away; without one it has happened. The document's "installedBy" is the operation then. */
int cluster_finish_installation(void *arg, const struct opctx *ctx, struct error **err);
/* The operation has finished the installation, but whoever ran it did not live to end it. */
bool cluster_is_installed(const struct cluster *c);
/* populateMTUSize: decided once, by whether the subscription has the feature for larger packets. */
int cluster_populate_mtu_size(void *arg, const struct opctx *ctx, struct error **err);

#endif
