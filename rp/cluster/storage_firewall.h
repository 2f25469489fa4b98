/*
 * storage_firewall.h - a step of an admin update: the cluster's accounts, its own and the image registry's, are open to the networks
 * of the service and of the cluster alone, as those of new clusters are.
 * Source: Azure/ARO-RP, pkg/cluster/storage.go (migrateStorageAccounts); Azure REST, "Storage Accounts - Update".
 */
#ifndef RP_CLUSTER_STORAGE_FIREWALL_H
#define RP_CLUSTER_STORAGE_FIREWALL_H

#include "rp/cluster/cluster.h"

/* migrateStorageAccounts: behind the step that gives the cluster's subnets their endpoints, since it would shut out one without.
 * Networks and addresses that an account is open to already stay. Accounts of other names are left alone. */
int cluster_ensure_storage_firewall(void *arg, const struct opctx *ctx, struct error **err);

#endif
