/* rbac.h - the controller RBAC. */
#ifndef OPERATOR_CONTROLLERS_RBAC_H
#define OPERATOR_CONTROLLERS_RBAC_H

#include "operator/controller.h"

extern const struct controller_desc rbac_controller;

#endif
