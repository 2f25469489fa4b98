/*
 * status.h - metav1.Status as an error: what the API server says, or what its HTTP code implies.
 * Private to pkg/kube.
 *
 * The error's kind follows the reason, then the code. error_get_code is the reason, error_get_body
 * the Status JSON (made up when the peer sent none), error_get_retry_after the header's or
 * details.retryAfterSeconds, error_get_status the HTTP code. Threads: pure.
 * Source: k8s.io/apimachinery/pkg/api/errors.
 */
#ifndef PKG_KUBE_STATUS_H
#define PKG_KUBE_STATUS_H

#include "pkg/base/json.h"
#include "pkg/net/http.h"

#define STATUS_TEXT_MAX 2048 /* bytes of a foreign error text that are kept */

/* The error of a Status object, for instance that of an ERROR watch event. http_status 0: its own
 * code. Always -1. */
int status_set_error(const json *status, int http_status, struct error **err);

/* The error of a reply with a status outside 2xx. method tells which reason a 409 without one has.
 * Always -1. */
int status_set_error_from_response(const struct http_response *r, const char *method,
                                   int64_t wall_now_ns, struct error **err);

/* -1 with its error when text is a Status whose status is not Success (a failure inside a 200). */
int status_check_body(const char *text, size_t len, struct error **err);

/* Whether details.causes of the error holds that reason: "ResourceVersionTooLarge",
 * "NamespaceTerminating", "FieldManagerConflict". */
bool status_has_cause(const struct error *e, const char *reason);
/* "Too large resource version" in each of the spellings of 1.17 to today. */
bool status_is_too_large_rv(const struct error *e);
/* Throttled, timed out, unavailable, or with a delay in its details: the same call may succeed. */
bool status_is_retriable(const struct error *e);

#endif
