/*
 * deployment.h - template deployments. A deployment is an object among the state's resources, under its ID; its member
 * "run", which nobody is shown, holds what is left to do:
 *   { template, parameters {NAME: value}, application, group (null: the subscription's), mode, operation, started_ns,
 *     plan: template_plan.h's, each resource with status "waiting", "running", "succeeded" or "failed", operation,
 *           statusCode, error }
 * The simulator's lock is held.
 */
#ifndef HACK_DEVCLOUD_AZURE_DEPLOYMENT_H
#define HACK_DEVCLOUD_AZURE_DEPLOYMENT_H

#include "hack/devcloud/azure/template_plan.h"

#define DEPLOYMENT_TYPE "Microsoft.Resources/deployments"

/* deployment_run.c: starts what may start, sees what has ended. true: something changed. */
bool deployments_step(struct azure_sim *sim);
bool deployment_is_active(const json *deployment);
/* What the expressions of a deployment see, while it runs or before. */
struct template_scope deployment_scope(struct azure_sim *sim, const json *deployment);
void deployment_end(struct azure_sim *sim, json *deployment, const char *state);

/* deployment_item.c: one resource of the plan. */
/* false: it cannot be begun yet, ask again. */
bool deployment_item_start(struct azure_sim *sim, const json *deployment, json *item);
/* true: it is no longer running. */
bool deployment_item_ended(struct azure_sim *sim, const json *deployment, json *item);
void deployment_item_fail(json *item, int status, const char *code, const char *message);

/* deployment_view.c */
json *deployment_give_view(const json *deployment);       /* owned */
json *deployment_give_operations(const json *deployment); /* owned; an array */
json *deployment_give_error(const json *deployment);      /* owned; of a failed one */

#endif
