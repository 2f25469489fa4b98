/* internetchecker.h - the controller InternetChecker. */
#ifndef OPERATOR_CONTROLLERS_INTERNETCHECKER_H
#define OPERATOR_CONTROLLERS_INTERNETCHECKER_H

#include "operator/controller.h"

extern const struct controller_desc internetchecker_controller;

#endif
