/*
 * defaults.h - what deploy-operator deploys when it is not told: read from the cluster itself.
 */
#ifndef HACK_DEPLOY_OPERATOR_DEFAULTS_H
#define HACK_DEPLOY_OPERATOR_DEFAULTS_H

#include "operator/deploy/deploy.h"
#include "pkg/base/env.h"

struct defaults_config { /* all borrowed */
    const char *image;   /* NULL: of this build, in the service's registry */
    const char *
        cluster_spec_text; /* YAML or JSON of the Cluster resource or of its spec; NULL: see below */
    const char
        *pull_secret_text; /* NULL: PULL_SECRET, what the operator has, what the cluster has */
    const struct env *env;
};

/* Options with everything that they borrow; released by defaults_release. */
struct defaults {
    struct deploy_options options;
    char *image;
    json *cluster_spec;
    struct secret *pull_secret, *gcs_cert_pem, *gcs_key_pem;
    json *identity; /* of Secret azure-cloud-credentials, decoded; NULL for a service principal */
};

/*
 * defaults_find - reads the cluster.
 *
 * The Cluster resource: the given text; else the one that is there is left alone (cluster_spec is
 * NULL: update instead of install); else one derived from the cluster's infrastructure, DNS and
 * azure-credentials. ERR_INVALID says what is missing.
 */
int defaults_find(struct kube_client *k, const struct opctx *ctx, const struct defaults_config *cfg,
                  struct defaults *ret, struct error **err);
void defaults_release(struct defaults *d);

#endif
