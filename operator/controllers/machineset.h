/* machineset.h - the controller MachineSet. */
#ifndef OPERATOR_CONTROLLERS_MACHINESET_H
#define OPERATOR_CONTROLLERS_MACHINESET_H

#include "operator/controller.h"

extern const struct controller_desc machineset_controller;

#endif
