/* cluster_version.h - the version of OpenShift that runs in a cluster, and where it looks for others. */
#ifndef RP_CLUSTER_CLUSTER_VERSION_H
#define RP_CLUSTER_CLUSTER_VERSION_H

#include "rp/cluster/cluster.h"

#define CLUSTER_OPERATOR_MINOR 7 /* of OpenShift 4: the first that the service's operator runs in */

/* disableUpdates: the cluster asks nobody for newer versions until its owner chooses a channel. */
int cluster_disable_updates(void *arg, const struct opctx *ctx, struct error **err);
/* What runs: the newest update that was completed, else the one that is under way. ERR_INTERNAL "unknown cluster version".
 * Owned by the caller. */
int cluster_running_version(const struct cluster *c, const struct opctx *ctx, char **ret,
                            struct error **err);
/* Whether that is at least "4.N". */
int cluster_runs_minor(const struct cluster *c, const struct opctx *ctx, unsigned minor, bool *ret,
                       struct error **err);
/* Of a version's text; text that is none is taken for a newer one. */
bool cluster_version_has_minor(const char *version, unsigned minor);

#endif
