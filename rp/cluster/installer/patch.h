/*
 * patch.h - what the service changes in the manifests of openshift-install, which knows nothing of it. Private to this folder.
 * Threads: pure.
 * Source: Azure/ARO-RP, and its branches of openshift/installer.
 */
#ifndef RP_CLUSTER_INSTALLER_PATCH_H
#define RP_CLUSTER_INSTALLER_PATCH_H

#include "rp/cluster/installer/installer.h"

/*
 * One manifest (a file may hold several objects): machines get the image, the load balancer that workers leave by and no
 * identity of their own; the cloud provider gets the service's names; pointers and the machine config server's certificate are
 * as config_server.h says, by that of the graph.
 *
 * *ret  the new text, the caller's; NULL: there is nothing to change. ERR_INVALID: this is no manifest.
 */
int patch_manifest(const struct installer_inputs *in, const json *graph, const char *text,
                   size_t len, char **ret, struct error **err);

/* The text with one name in the place of another, where it stands alone: not as a part of a longer name of letters and digits.
 * *ret_count: how often. The caller's. */
char *patch_give_renamed(const char *text, const char *from, const char *to, size_t *ret_count);

#endif
