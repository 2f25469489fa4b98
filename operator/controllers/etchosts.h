/* etchosts.h - what the two controllers of the hosts file keep: its MachineConfig, from the Cluster resource. */
#ifndef OPERATOR_CONTROLLERS_ETCHOSTS_H
#define OPERATOR_CONTROLLERS_ETCHOSTS_H

#include "operator/poolconfigs.h"

#define ETCHOSTS_SUFFIX "-aro-etc-hosts-gateway-domains"

/*
 * 99-POOL-aro-etc-hosts-gateway-domains: lines of /etc/hosts for api, api-int and the names of a gateway, for when dnsmasq fails, and
 * what writes them there. ERR_INVALID "invalid FIELD: ..." for what is wrong in the Cluster's spec.
 * Source: Azure/ARO-RP, pkg/operator/controllers/etchosts; hosts(5).
 */
extern const struct poolconfig etchosts_poolconfig;

#endif
