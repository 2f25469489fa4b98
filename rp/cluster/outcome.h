/*
 * outcome.h - what an error of Azure means: for a step, which may be tried again, and for the customer, who may have to mend it.
 * Threads: pure. Source: Azure/ARO-RP, pkg/util/steps, pkg/util/azureerrors.
 */
#ifndef RP_CLUSTER_OUTCOME_H
#define RP_CLUSTER_OUTCOME_H

#include <stdbool.h>

#include "pkg/base/error.h"

/* Whether a retrying action is called again: rights and identities reach all of Azure some minutes after they were given. */
bool outcome_may_heal(const struct error *e);

/* Names of resource groups, and whether the step has tried again for long. */
struct outcome_place {
    const char *managed;
    const char *const *service; /* the service's own; NULL-terminated; a NULL inside ends it */
    bool retries;
};
/*
 * What is told when a step has failed. *e is replaced; the old text stays in the new one.
 *   what is missing in the service's own resource groups   an internal error, whatever its code
 *   a right, or good credentials, after long trying        InvalidServicePrincipalCredentials, 400, which the customer can mend;
 *                                                          in the managed group it is the service's own, too
 *   a code that customers know (outcome.c has the list)    as it is
 *   anything else                                          an internal error: texts of Azure and of clusters name what is ours
 */
void outcome_judge(const struct outcome_place *place, struct error **e);

#endif
