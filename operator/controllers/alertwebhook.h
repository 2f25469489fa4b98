/* alertwebhook.h - the controller Alertwebhook. */
#ifndef OPERATOR_CONTROLLERS_ALERTWEBHOOK_H
#define OPERATOR_CONTROLLERS_ALERTWEBHOOK_H

#include "operator/controller.h"

extern const struct controller_desc alertwebhook_controller;

/*
 * alertwebhook_edit_config - alertmanager.yaml with the receivers `null` and `Default` pointing at
 * the operator.
 *
 * text  YAML, len bytes.      *ret  the new text, owned by the caller; NULL when nothing has to
 * change. Errors: ERR_INVALID for text that is no YAML. Threads: pure.
 */
int alertwebhook_edit_config(const char *text, size_t len, char **ret, struct error **err);

#endif
