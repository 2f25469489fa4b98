/* machine.h - the controller Machine. */
#ifndef OPERATOR_CONTROLLERS_MACHINE_H
#define OPERATOR_CONTROLLERS_MACHINE_H

#include "operator/controller.h"

extern const struct controller_desc machine_controller;

#endif
