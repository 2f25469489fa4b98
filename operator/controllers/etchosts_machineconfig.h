/* etchosts_machineconfig.h - the controller EtcHostsMachineConfig. */
#ifndef OPERATOR_CONTROLLERS_ETCHOSTS_MACHINECONFIG_H
#define OPERATOR_CONTROLLERS_ETCHOSTS_MACHINECONFIG_H

#include "operator/controller.h"

extern const struct controller_desc etchosts_machineconfig_controller;

#endif
