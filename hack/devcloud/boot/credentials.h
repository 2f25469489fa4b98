/*
 * credentials.h - what the cloud credential operator does: Secrets for those who ask with a CredentialsRequest, made from the
 * cluster's own credentials (kube-system/azure-credentials) and kept like them. Threads: one at a time for a cluster.
 * Source: openshift/cloud-credential-operator, passthrough mode.
 */
#ifndef HACK_DEVCLOUD_BOOT_CREDENTIALS_H
#define HACK_DEVCLOUD_BOOT_CREDENTIALS_H

#include "hack/devcloud/boot/view.h"

/* A request whose namespace is not there yet waits. */
int credentials_sync(struct view *v, int64_t wall_ns, struct error **err);

#endif
