/* machinehealthcheck.h - the controller MachineHealthCheck. */
#ifndef OPERATOR_CONTROLLERS_MACHINEHEALTHCHECK_H
#define OPERATOR_CONTROLLERS_MACHINEHEALTHCHECK_H

#include "operator/controller.h"

extern const struct controller_desc machinehealthcheck_controller;

#endif
