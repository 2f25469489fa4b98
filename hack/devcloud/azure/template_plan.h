/* template_plan.h - what a template wants: each resource with its identity and what it waits for. */
#ifndef HACK_DEVCLOUD_AZURE_TEMPLATE_PLAN_H
#define HACK_DEVCLOUD_AZURE_TEMPLATE_PLAN_H

#include "hack/devcloud/azure/template.h"

/*
 * A plan: [{name "parent/child", type, id, version, source (the resource, its expressions not evaluated),
 *           copies ([{name, index}]), loop (its name), after [indexes into the plan], skipped (its condition is false)}].
 * ERR_INVALID: the template cannot be deployed; the text is for InvalidTemplate.
 */
int plan_build(const struct template_scope *s, json **ret, struct error **err);
/* A resource by its name, "NS/type/name" or full ID, in any letter case; NULL: none of this plan. Borrowed. */
json *plan_find(const json *plan, const char *text);
bool plan_names(const json *item, const char *text); /* whether it is that one */

/* template_order.c: fills `after` from dependsOn, from reference() and from serial loops; refuses circles. */
int plan_order(const struct template_scope *s, json *plan, struct error **err);

/* template_parameters.c: the values of a deployment's parameters ({p: {"value"}}), checked against the template.
 * *ret: {NAME: value} of those that were given. */
int template_take_parameters(const json *template, const json *given, json **ret,
                             struct error **err);
/* How parameters are shown: {NAME: {type, value}}, without the secret ones. NULL when one cannot be evaluated. Owned. */
json *template_give_parameters(const struct template_scope *s);

#endif
