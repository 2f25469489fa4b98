/*
 * install_graph.h - the install graph of a cluster, sealed in its storage account: made once, before anything is made of it, and
 * kept for the cluster's life. Where it is, the bootstrap machine's configuration is, too.
 * Source: Azure/ARO-RP, pkg/cluster/graph.
 */
#ifndef RP_CLUSTER_INSTALL_GRAPH_H
#define RP_CLUSTER_INSTALL_GRAPH_H

#include "rp/cluster/cluster.h"

/* Steps. */
int cluster_ensure_graph(void *arg, const struct opctx *ctx, struct error **err);
/* `adminKubeconfig`, `aroServiceKubeconfig`, `aroSREKubeconfig`, `userAdminKubeconfig`, `kubeadminPassword`: those that are
 * missing, and the customer's when it runs out soon. */
int cluster_generate_kubeconfigs(void *arg, const struct opctx *ctx, struct error **err);

/* As it is stored; release it with json_free_wiped. ERR_NOT_FOUND: there is none. */
int install_graph_load(struct cluster *c, const struct opctx *ctx, json **ret, struct error **err);

#endif
