/* dnsmasq_machineconfigpool.h - the controller DnsmasqMachineConfigPool. */
#ifndef OPERATOR_CONTROLLERS_DNSMASQ_MACHINECONFIGPOOL_H
#define OPERATOR_CONTROLLERS_DNSMASQ_MACHINECONFIGPOOL_H

#include "operator/controller.h"

extern const struct controller_desc dnsmasq_machineconfigpool_controller;

#endif
