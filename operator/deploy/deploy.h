/*
 * deploy.h - puts the operator into a cluster, updates it, and tells how it is doing. Called by the resource provider and
 * by hack/deploy-operator.
 *
 * What is deployed comes from staticresources/operator (embedded in the binary) plus what depends on the cluster: the
 * Secret `cluster`, identity secrets, the Cluster resource. The roles are made from the controllers' own tables and
 * committed as staticresources/operator/{master,worker}/role.yaml, so that this library does not link the controllers.
 * Threads: any; every call blocks and obeys the context.
 */
#ifndef OPERATOR_DEPLOY_DEPLOY_H
#define OPERATOR_DEPLOY_DEPLOY_H

#include "pkg/base/json.h"
#include "pkg/base/secret.h"
#include "pkg/kube/client.h"

struct deploy_options { /* all borrowed */
    const char *image;  /* e.g. "arosvc.azurecr.io/aro:1a2b3c4"; ports and digests are understood */
    bool is_development;              /* RP_MODE=development in the pods */
    bool pod_security;                /* OpenShift 4.11 and later */
    const struct secret *pull_secret; /* .dockerconfigjson of Secret cluster; JSON text */
    const struct secret *gcs_cert_pem, *gcs_key_pem; /* mdsd's; NULL: none */
    const json *cluster_spec; /* spec of the Cluster resource; NULL where it is not touched */
    /* Workload identity; NULL client ID: the cluster has a service principal. */
    const char *identity_client_id, *identity_tenant_id, *identity_region,
        *identity_subscription_id;
};

/* Version of an image reference: its tag; the digest's first 12 digits when there is no tag; "latest" otherwise. Owned. */
char *deploy_give_version(const char *image);
/* All objects but the Cluster resource, in no particular order. Pure. */
int deploy_give_objects(const struct deploy_options *opt, json **ret, struct error **err);

/* Objects and Cluster resource. Waits for the CRDs to be established. */
int deploy_install(struct kube_client *k, const struct opctx *ctx, const struct deploy_options *opt,
                   struct error **err);
/* Without the Cluster resource: an upgrade is an update with a new image. */
int deploy_update(struct kube_client *k, const struct opctx *ctx, const struct deploy_options *opt,
                  struct error **err);
/* The Cluster resource alone; keeps its annotations and spec.banner. */
int deploy_sync_cluster(struct kube_client *k, const struct opctx *ctx, const json *cluster_spec,
                        struct error **err);
int deploy_credentials_request(struct kube_client *k, const struct opctx *ctx,
                               const struct deploy_options *opt, struct error **err);
/* Workload identity: tells the cloud credential operator up to which version the identities are ready. */
int deploy_ensure_upgrade_annotation(struct kube_client *k, const struct opctx *ctx,
                                     const char *upgradeable_to, struct error **err);

/* Both Deployments fully rolled out. *ret_why (may be NULL): what is missing, owned; NULL when ready. */
int deploy_is_ready(struct kube_client *k, const struct opctx *ctx, bool *ret, char **ret_why,
                    struct error **err);
/* Both Deployments and every pod of them carry the version. */
int deploy_is_running_version(struct kube_client *k, const struct opctx *ctx, const char *version,
                              bool *ret, struct error **err);
/* Polls is_ready until the context ends. */
int deploy_wait_ready(struct kube_client *k, const struct opctx *ctx, int64_t poll_ms,
                      struct error **err);
/* Rolls the named Deployments (NULL-terminated) by the restart annotation. */
int deploy_restart(struct kube_client *k, const struct opctx *ctx, const char *const *deployments,
                   struct error **err);
/* Puts mdsd's renewed certificate into the operator's Secret and touches nothing else there; the operator rolls the
 * shippers out. ERR_NOT_FOUND: there is no Secret yet. */
int deploy_renew_certificate(struct kube_client *k, const struct opctx *ctx,
                             const struct secret *cert_pem, const struct secret *key_pem,
                             struct error **err);
/* Sets flag aro.forcereconciliation of the Cluster resource. */
int deploy_set_force_reconcile(struct kube_client *k, const struct opctx *ctx, bool on,
                               struct error **err);

#endif
