/*
 * release.h - the release of OpenShift that a cluster is installed with, from the published versions.
 * Source: Azure/ARO-RP, pkg/util/version; openshift/installer, pkg/rhcos.
 */
#ifndef RP_CLUSTER_RELEASE_H
#define RP_CLUSTER_RELEASE_H

#include "rp/cluster/cluster.h"

struct cluster_release { /* owned */
    char *pullspec;      /* of the release's image */
    char *image_sku;     /* of the machines' image in the marketplace: "aro_417" */
};
#define RELEASE_PUBLISHER "azureopenshift"
#define RELEASE_OFFER "aro4"
#define RELEASE_IMAGE_VERSION "latest"

/* ERR_INVALID with code InvalidParameter: the version is not offered (any more). */
int cluster_find_release(const struct cluster *c, const struct opctx *ctx,
                         struct cluster_release *ret, struct error **err);
void cluster_release_release(struct cluster_release *r);
#define cleanup_cluster_release CLEANUP_WITH(cluster_release_release)

#endif
