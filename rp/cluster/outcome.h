/* outcome.h - what an error of Azure means for a step. Threads: pure. Source: Azure/ARO-RP, pkg/util/steps. */
#ifndef RP_CLUSTER_OUTCOME_H
#define RP_CLUSTER_OUTCOME_H

#include "pkg/base/error.h"

/* Whether a retrying action is called again: rights and identities reach all of Azure some minutes after they were given. */
bool outcome_may_heal(const struct error *e);

#endif
