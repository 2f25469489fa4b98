/* genevalogging.h - the controller GenevaLogging. */
#ifndef OPERATOR_CONTROLLERS_GENEVALOGGING_H
#define OPERATOR_CONTROLLERS_GENEVALOGGING_H

#include "operator/controller.h"

extern const struct controller_desc genevalogging_controller;

#endif
