/* acr_secrets.h - the password of the registry in the cluster's own Secrets. Private to rp/cluster. */
#ifndef RP_CLUSTER_ACR_SECRETS_H
#define RP_CLUSTER_ACR_SECRETS_H

#include "rp/cluster/cluster.h"

/*
 * Brings registryProfiles[profile] into the operator's Secret and into openshift-config/pull-secret, which keeps what else it
 * has. Nothing is written where it is there. A pull secret that cannot be written (wrong type, immutable) is made anew, by way
 * of a copy: whoever is cut off in between loses none of the customer's.
 */
int acr_secrets_ensure(struct cluster *c, const struct opctx *ctx, int profile, struct error **err);

#endif
