/*
 * faults.h - what tests do to the surroundings of a cluster: Azure's state and behaviour.
 *
 * One driver: the control interface of the simulated Azure (hack/devcloud/azure/azure.h). E2E_AZURE_URL names it,
 * E2E_AZURE_CA is the file with its authority. Threads: one at a time.
 */
#ifndef TEST_HARNESS_FAULTS_H
#define TEST_HARNESS_FAULTS_H

#include "pkg/base/env.h"
#include "pkg/base/json.h"
#include "pkg/base/opctx.h"
#include "pkg/net/http_client.h"

struct faults;
/* ERR_INVALID: the environment does not name it. */
int faults_open(struct http_client *http, const struct env *env, struct faults **ret,
                struct error **err);
void faults_close(struct faults *f); /* accepts NULL */

DEFINE_RELEASE(struct faults *, faults_close)
#define cleanup_faults CLEANUP_WITH(faults_close_slot)

/* The whole state: applications, permissions, resources. */
int faults_azure_state(struct faults *f, const struct opctx *ctx, json **ret, struct error **err);
/* A JSON merge patch of the state. */
int faults_azure_patch(struct faults *f, const struct opctx *ctx, const json *patch,
                       struct error **err);
/* What happens to requests that match: an array as azure.h says; an empty one ends all. */
int faults_azure_set(struct faults *f, const struct opctx *ctx, const json *list,
                     struct error **err);
/* What was asked so far, as azure.h says. */
int faults_azure_requests(struct faults *f, const struct opctx *ctx, json **ret,
                          struct error **err);

#endif
