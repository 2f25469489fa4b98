/* etchosts_cluster.h - the controller EtcHostsCluster. */
#ifndef OPERATOR_CONTROLLERS_ETCHOSTS_CLUSTER_H
#define OPERATOR_CONTROLLERS_ETCHOSTS_CLUSTER_H

#include "operator/controller.h"

extern const struct controller_desc etchosts_cluster_controller;

#endif
