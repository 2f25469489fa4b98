/*
 * lifecycle.h - what this build does with clusters.
 *
 * It carries no installer: creates and updates end Failed, with an error that says so, before anything is made in Azure.
 * Deletes end well, since there is nothing to delete but the document and its billing record, which the backend ends.
 */
#ifndef CMD_ARO_RP_LIFECYCLE_H
#define CMD_ARO_RP_LIFECYCLE_H

#include "rp/cluster/manager.h"

/* The code of those errors. */
#define LIFECYCLE_NO_INSTALLER "InstallerNotAvailable"

extern const struct cluster_manager_ops lifecycle_ops; /* its argument is not used */

#endif
