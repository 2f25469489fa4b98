/*
 * outcome.h - what an error of Azure means: for a step, which may be tried again, and for the customer, who may have to mend it.
 * Threads: pure. Source: Azure/ARO-RP, pkg/util/steps, pkg/util/azureerrors.
 */
#ifndef RP_CLUSTER_OUTCOME_H
#define RP_CLUSTER_OUTCOME_H

#include "pkg/base/error.h"

/* Whether a retrying action is called again: rights and identities reach all of Azure some minutes after they were given. */
bool outcome_may_heal(const struct error *e);

/*
 * What is told when that did not help. Missing rights and bad credentials become InvalidServicePrincipalCredentials, 400, which
 * the customer can mend, unless it is the managed resource group, of this name, where the right is missing: that is the
 * service's own, and told as an internal error. Any other error stays. *e is replaced; the old text stays in the new one.
 */
void outcome_judge(const char *managed_group, struct error **e);

#endif
