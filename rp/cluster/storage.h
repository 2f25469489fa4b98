/*
 * storage.h - the storage account of a cluster: two containers, "ignition" for the bootstrap machine and "aro" for the service.
 * It is opened by a signature for what is to be done, or by token where workload identities forbid signatures.
 */
#ifndef RP_CLUSTER_STORAGE_H
#define RP_CLUSTER_STORAGE_H

#include "pkg/azure/storage.h"
#include "rp/cluster/cluster.h"

#define CONTAINER_IGNITION "ignition"
#define CONTAINER_ARO "aro"
#define BLOB_BOOTSTRAP "bootstrap.ign"
#define BLOB_GRAPH "graph"

/* permissions, resource_types: as in struct storage_sas; for an hour. */
int storage_open(struct cluster *c, const struct opctx *ctx, const char *permissions,
                 const char *resource_types, struct blobs **ret, struct error **err);

#endif
