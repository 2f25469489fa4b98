/* ingresscertificatechecker.h - the controller IngressCertificateChecker. */
#ifndef OPERATOR_CONTROLLERS_INGRESSCERTIFICATECHECKER_H
#define OPERATOR_CONTROLLERS_INGRESSCERTIFICATECHECKER_H

#include "operator/controller.h"

extern const struct controller_desc ingresscertificatechecker_controller;

#endif
