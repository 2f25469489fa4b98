/*
 * fail.h - refusals as the API server words them: struct error carries reason (its code), HTTP status
 * and details (its body), and becomes a Status object. Threads: pure.
 * Source: k8s.io/apimachinery, api/errors and util/validation/field.
 */
#ifndef HACK_DEVCLOUD_CLUSTER_FAIL_H
#define HACK_DEVCLOUD_CLUSTER_FAIL_H

#include "pkg/base/json.h"

/* All return -1. details (may be NULL) is consumed. */
int fail_with(struct error **err, int status, const char *reason, json *details, const char *fmt,
              ...) PRINTF_LIKE(5, 6);
int fail_bad_request(struct error **err, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* What an object is called in messages: resource in lower case plural, "deployments.apps". */
struct fail_object {
    const char *group, *resource, *kind, *name;
};
int fail_not_found(struct error **err, const struct fail_object *o);
int fail_exists(struct error **err, const struct fail_object *o);
int fail_conflict(struct error **err, const struct fail_object *o, const char *why);
int fail_forbidden(struct error **err, const struct fail_object *o, const char *why);
int fail_method(struct error **err, const struct fail_object *o, const char *verb);
int fail_expired(struct error **err, const char *why);
#define FAIL_MODIFIED \
    "the object has been modified; please apply your changes to the latest version and try again"

/* Field errors, collected and then told together. */
struct invalid {
    json *causes;
};
void invalid_release(struct invalid *v);
/* "spec.x: Required value: why"; why may be NULL. */
void invalid_required(struct invalid *v, const char *field, const char *why);
void invalid_value(struct invalid *v, const char *field, const json *value, const char *fmt, ...)
    PRINTF_LIKE(4, 5);
void invalid_forbidden(struct invalid *v, const char *field, const char *why);
void invalid_unsupported(struct invalid *v, const char *field, const json *value,
                         const char *supported);
void invalid_duplicate(struct invalid *v, const char *field, const json *value);
void invalid_other(struct invalid *v, const char *reason, const char *field, const char *message);
/* 0 when nothing was collected, else -1 with "KIND.GROUP \"NAME\" is invalid: ...". */
int invalid_check(const struct invalid *v, const struct fail_object *o, struct error **err);

json *fail_give_status(const struct error *e);
/* {"kind":"Status","status":"Success",...}; details is consumed, may be NULL. */
json *fail_give_success(json *details);

#endif
