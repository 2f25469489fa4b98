/* pullsecret.h - the controller PullSecret. */
#ifndef OPERATOR_CONTROLLERS_PULLSECRET_H
#define OPERATOR_CONTROLLERS_PULLSECRET_H

#include "operator/controller.h"

extern const struct controller_desc pullsecret_controller;

/*
 * pullsecret_merge - the user's registry configuration with the service's registries in it.
 *
 * user_text  NULL or no JSON object: an empty one; its other entries and unknown keys are kept.
 * *ret       the new text, owned by the caller; NULL when the user's needs no change.
 * Errors     ERR_INVALID when operator_text is no JSON object. Threads: pure.
 */
int pullsecret_merge(const char *user_text, const char *operator_text, char **ret,
                     struct error **err);
/* Which of Red Hat's registries have a non-empty auth: an array of names in a fixed order. */
int pullsecret_give_red_hat_keys(const char *text, json **ret, struct error **err);

#endif
