/* ssh_key.h - the key with which the service reaches the machines of a cluster. Source: Azure/ARO-RP, pkg/cluster. */
#ifndef RP_CLUSTER_SSH_KEY_H
#define RP_CLUSTER_SSH_KEY_H

#include "rp/cluster/cluster.h"

/* Step: `sshKey`, PKCS#1 DER, sealed. Made once, before any machine is given its public part. */
int cluster_ensure_ssh_key(void *arg, const struct opctx *ctx, struct error **err);
/* "ssh-rsa AAAA...", the caller's. ERR_INTERNAL: there is no key yet. */
int cluster_give_ssh_public(struct cluster *c, const struct opctx *ctx, char **ret,
                            struct error **err);

#endif
