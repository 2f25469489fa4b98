/*
 * outcome.h - how an operation on a cluster ended: made once, kept in the cluster's document (member "operationOutcome")
 * until the operation is over, so that whoever finishes it tells the same.
 *
 *   status                   Succeeded or Failed: of the operation
 *   provisioningState        of the cluster from then on; absent when the document goes
 *   failedProvisioningState  likewise; absent: none
 *   adminUpdateError         of an admin update: "" when it succeeded; else absent
 *   endTime                  RFC 3339
 *   error                    {code, message, target, details} for the customer; present when Failed
 *   errorDetails             the whole error, for the log
 *   resultType               Success, UserError or InternalServerError
 *
 * Source: Azure/ARO-RP, pkg/backend/openshiftcluster.go.
 */
#ifndef RP_BACKEND_OUTCOME_H
#define RP_BACKEND_OUTCOME_H

#include "pkg/base/error.h"
#include "pkg/base/json.h"

#define OUTCOME_MEMBER "operationOutcome"

#define STATE_SUCCEEDED "Succeeded"
#define STATE_FAILED "Failed"
bool state_is_terminal(const char *state);

/* cluster: its whole document, with the state in which the operation ran. e: why it failed, NULL: it did not. Owned. */
json *outcome_make(const json *cluster, const struct error *e, int64_t wall_ns);
/* Into the document, unless one is there already: a document_mutate; arg is the outcome (const json *). */
int outcome_put(json *cluster, void *arg, struct error **err);
/* As it is kept, or NULL. Borrowed. */
const json *outcome_of(const json *cluster);

#endif
