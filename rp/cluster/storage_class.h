/*
 * storage_class.h - steps: the classes of storage that a cluster offers.
 * Source: Azure/ARO-RP, pkg/cluster/storageclass.go; Kubernetes storage.k8s.io/v1.
 */
#ifndef RP_CLUSTER_STORAGE_CLASS_H
#define RP_CLUSTER_STORAGE_CLASS_H

#include "rp/cluster/cluster.h"

/* configureDefaultStorageClass: where the workers' disks are encrypted with the customer's key, so are volumes unless somebody
 * asks otherwise. Before 4.11 by the driver in Kubernetes itself. */
int cluster_configure_default_storage_class(void *arg, const struct opctx *ctx, struct error **err);
/* removeAzureFileCSIStorageClass: the file driver needs keys of a storage account, which workload identities do not give. */
int cluster_remove_azure_file_storage_class(void *arg, const struct opctx *ctx, struct error **err);

#endif
