/*
 * release.h - the release of OpenShift that a cluster is installed with, from the published versions.
 * Source: Azure/ARO-RP, pkg/util/version; openshift/installer, pkg/rhcos.
 */
#ifndef RP_CLUSTER_RELEASE_H
#define RP_CLUSTER_RELEASE_H

#include "rp/cluster/cluster.h"
#include "rp/cluster/installer/image.h"

struct cluster_release {        /* owned */
    char *pullspec;             /* of the release's image */
    struct machine_image image; /* of the machines; empty when the version's record names none */
};

/* Of the version's record, whether it is enabled or not any more: the cluster was accepted when it was. Where several are of that
 * version, an enabled one. ERR_INVALID with code InvalidParameter: there is none. */
int cluster_find_release(const struct cluster *c, const struct opctx *ctx,
                         struct cluster_release *ret, struct error **err);
void cluster_release_release(struct cluster_release *r);
#define cleanup_cluster_release CLEANUP_WITH(cluster_release_release)

/* The image of the cluster's machines: the one that its release was built with. Looked for once, in the version's record and
 * else with the installer, and kept in the document, so that all of its machines are alike whenever they are made. */
int cluster_ensure_image(struct cluster *c, const struct opctx *ctx, struct machine_image *ret,
                         struct error **err);

#endif
