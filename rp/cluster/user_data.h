/*
 * user_data.h - a step of an admin update: what new machines are told by the cluster itself, in Secrets "ROLE-user-data", leads them to
 * the machine config server at its address (installer/config_server.h).
 * Source: Azure/ARO-RP, pkg/cluster/mcs.go (fixMCSUserData); openshift/machine-api-operator, userDataSecret.
 */
#ifndef RP_CLUSTER_USER_DATA_H
#define RP_CLUSTER_USER_DATA_H

#include "rp/cluster/cluster.h"

/* fixMCSUserData: behind the step that makes the server's certificate valid for the address. Those that Machines and MachineSets name;
 * of each nothing but the server's name in it is changed. Machines that exist have read theirs. */
int cluster_ensure_user_data(void *arg, const struct opctx *ctx, struct error **err);

#endif
