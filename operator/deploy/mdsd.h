/*
 * mdsd.h - the older shipper of a cluster's logs: on each node fluent bit reads them, and mdsd ships them with a client certificate.
 *
 * The operator runs it where there is no gateway to ship through; in clusters that no operator runs in the service does. Both make the
 * same objects, so that the operator takes over what the service made before an upgrade. Threads: pure.
 * Source: Azure/ARO-RP, pkg/operator/controllers/genevalogging; of 2020, pkg/genevalogging.
 */
#ifndef OPERATOR_DEPLOY_MDSD_H
#define OPERATOR_DEPLOY_MDSD_H

#include "pkg/base/json.h"

/* Where all of it is. */
#define LOGGING_NAMESPACE "openshift-azure-logging"
#define LOGGING_ACCOUNT "geneva"
#define LOGGING_CONSTRAINTS "privileged-genevalogging" /* of that account (privileged.h) */
#define LOGGING_CERTIFICATES "certificates"            /* Secret of mdsd */

/* Images as the service's registry mirrors them: what follows its host and a slash. */
#define MDSD_FLUENTBIT_IMAGE \
    "fluentbit:1.9.10-cm20250429@sha256:" \
    "a115a12041f48404a21fb678e3f853b531ca6d9b9935482b67b400427ffbdfef"
#define MDSD_IMAGE \
    "distroless/genevamdsd:mariner_20250225.2@sha256:" \
    "da59ef7cfe3b0b9b6b453930cc629605cf3528ed11dbb88cdc50a38633198add"

struct mdsd_options {                         /* all borrowed; texts may be empty, never NULL */
    const char *fluentbit_image, *mdsd_image; /* whole */
    const json *settings;                     /* spec.genevaLogging of the Cluster resource */
    const char *environment, *location;       /* of the service */
    const char *resource_id;                  /* of the cluster, any letter case */
    const char *cert_base64, *key_base64;     /* PEM, as Secrets have it */
};

/* DaemonSet, ConfigMap and Secret: an array, the caller's. ERR_INVALID: the resource ID is none. */
int mdsd_give_objects(const struct mdsd_options *o, json **ret, struct error **err);

/* Namespace and service account, appended to objects. */
int logging_add_namespace(json *objects, struct error **err);
int logging_add_account(json *objects, struct error **err);

#endif
