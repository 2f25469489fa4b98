/* serviceprincipalchecker.h - the controller ServicePrincipalChecker. */
#ifndef OPERATOR_CONTROLLERS_SERVICEPRINCIPALCHECKER_H
#define OPERATOR_CONTROLLERS_SERVICEPRINCIPALCHECKER_H

#include "operator/controller.h"

extern const struct controller_desc serviceprincipalchecker_controller;

/* Whether an error says that the service principal itself is bad (condition False), not that we could not tell. */
bool serviceprincipal_is_invalid(const struct error *e);

#endif
