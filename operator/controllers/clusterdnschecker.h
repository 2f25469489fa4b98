/* clusterdnschecker.h - the controller ClusterDNSChecker. */
#ifndef OPERATOR_CONTROLLERS_CLUSTERDNSCHECKER_H
#define OPERATOR_CONTROLLERS_CLUSTERDNSCHECKER_H

#include "operator/controller.h"

extern const struct controller_desc clusterdnschecker_controller;

#endif
