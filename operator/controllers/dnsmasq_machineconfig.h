/* dnsmasq_machineconfig.h - the controller DnsmasqMachineConfig. */
#ifndef OPERATOR_CONTROLLERS_DNSMASQ_MACHINECONFIG_H
#define OPERATOR_CONTROLLERS_DNSMASQ_MACHINECONFIG_H

#include "operator/controller.h"

extern const struct controller_desc dnsmasq_machineconfig_controller;

#endif
