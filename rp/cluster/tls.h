/*
 * tls.h - steps: the signed certificates of a managed domain are put to use inside the cluster.
 *
 * They lie in the key vault of the clusters, "ID-apiserver" and "ID-ingress" (ID: of the document), and are renewed there.
 * Each step brings Secrets and configuration to what the vault has now. Where the domain is the customer's, or the service
 * signs nothing, they do nothing.
 * Source: Azure/ARO-RP, pkg/cluster/tls.go; OpenShift APIServer and IngressController.
 */
#ifndef RP_CLUSTER_TLS_H
#define RP_CLUSTER_TLS_H

#include "rp/cluster/cluster.h"

/* configureAPIServerCertificate: api.DOMAIN is served with it; other named certificates stay. */
int cluster_configure_api_server_certificate(void *arg, const struct opctx *ctx,
                                             struct error **err);
/* configureIngressCertificate: the default ingress serves it. */
int cluster_configure_ingress_certificate(void *arg, const struct opctx *ctx, struct error **err);

#endif
