/*
 * infra_id.h - the names of a cluster's parts that are made by chance: chosen once, and in the document before anything is
 * called so. Steps. Source: Azure/ARO-RP, pkg/cluster; openshift/installer, pkg/asset/installconfig.
 */
#ifndef RP_CLUSTER_INFRA_ID_H
#define RP_CLUSTER_INFRA_ID_H

#include "pkg/base/opctx.h"

/* `infraId`: what of the cluster's name fits, and five characters. */
int cluster_ensure_infra_id(void *arg, const struct opctx *ctx, struct error **err);
/* `storageSuffix`, and with it `imageRegistryStorageAccountName`: names of storage accounts are the world's. */
int cluster_ensure_storage_suffix(void *arg, const struct opctx *ctx, struct error **err);

/* The part that comes from the name: of letters, digits and single dashes, which it neither begins nor ends with. The
 * caller's; "aro" when nothing is left. */
char *infra_id_give_prefix(const char *cluster_name);

#endif
