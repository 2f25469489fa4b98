/* controllers.h - the table of all controllers, in the order in which they are listed to people. */
#ifndef OPERATOR_CONTROLLERS_H
#define OPERATOR_CONTROLLERS_H

#include "operator/controller.h"

extern const struct controller_desc *const operator_controllers[];
extern const size_t operator_controllers_len;

#endif
