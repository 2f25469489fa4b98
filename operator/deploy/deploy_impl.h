/* deploy_impl.h - what the parts of the deployer share. Private to them. */
#ifndef OPERATOR_DEPLOY_DEPLOY_IMPL_H
#define OPERATOR_DEPLOY_DEPLOY_IMPL_H

#include "operator/deploy/deploy.h"

#define DEPLOY_NAMESPACE "openshift-azure-operator"
#define DEPLOY_MASTER "aro-operator-master"
#define DEPLOY_WORKER "aro-operator-worker"
#define DEPLOY_CONTAINER "aro-operator"
#define DEPLOY_SECRET "cluster"
#define DEPLOY_CREDENTIALS "azure-cloud-credentials"
#define DEPLOY_CLUSTER "cluster"
#define DEPLOY_POLL_MS 1000

/* The version as a label: at most 63 characters, none but letters and digits at its ends. Owned. */
char *deploy_give_version_label(const char *image);
/* The CredentialsRequest. */
int deploy_give_credentials_request(const struct deploy_options *opt, json **ret,
                                    struct error **err);

/* Puts a value into data of a Secret; NULL: nothing. */
void deploy_put_secret(json *object, const char *key, const struct secret *value);

/* deploy_wait.c: block until something of the cluster is there, or the time is over (ERR_TIMEOUT). */
int deploy_wait_crds(struct kube_client *k, const struct opctx *ctx, const json *objects,
                     struct error **err);
/* Until the logging namespace is not on its way out. *ret: it is there. */
int deploy_wait_logging(struct kube_client *k, const struct opctx *ctx, bool *ret,
                        struct error **err);
/* Every namespace that objects live in, but those among the objects. */
int deploy_wait_namespaces(struct kube_client *k, const struct opctx *ctx, const json *objects,
                           struct error **err);

#endif
