/* dnsmasq_cluster.h - the controller DnsmasqCluster. */
#ifndef OPERATOR_CONTROLLERS_DNSMASQ_CLUSTER_H
#define OPERATOR_CONTROLLERS_DNSMASQ_CLUSTER_H

#include "operator/controller.h"

extern const struct controller_desc dnsmasq_cluster_controller;

#endif
