/*
 * privileged.h - the right of one service account to privileged pods: a copy of the cluster's own security context constraints
 * "privileged", for nobody else. Threads: pure.
 * Source: security.openshift.io/v1 SecurityContextConstraints.
 */
#ifndef OPERATOR_DEPLOY_PRIVILEGED_H
#define OPERATOR_DEPLOY_PRIVILEGED_H

#include "pkg/base/json.h"

#define PRIVILEGED_MODEL "privileged" /* what the cluster's own are called */

/* model is borrowed; the copy is the caller's, with nothing of the model's metadata. */
json *privileged_give_constraints(const json *model, const char *name, const char *nspace,
                                  const char *account);

#endif
