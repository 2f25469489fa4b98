/* banner.h - the controller Banner. */
#ifndef OPERATOR_CONTROLLERS_BANNER_H
#define OPERATOR_CONTROLLERS_BANNER_H

#include "operator/controller.h"

extern const struct controller_desc banner_controller;

#endif
