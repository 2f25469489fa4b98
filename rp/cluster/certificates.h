/*
 * certificates.h - the signed certificates of a cluster in the service's key vault, for the names that it has in the service's
 * DNS zone. Steps for such clusters only (WHEN_SIGNED). Source: Azure/ARO-RP, pkg/cluster/tls.go.
 */
#ifndef RP_CLUSTER_CERTIFICATES_H
#define RP_CLUSTER_CERTIFICATES_H

#include "pkg/azure/keyvault.h"
#include "rp/cluster/cluster.h"

/* Both are asked for, then both are waited for. */
int cluster_create_certificates(void *arg, const struct opctx *ctx, struct error **err);
/* Those of an issuer that the service has since left are made anew. */
int cluster_correct_certificate_issuer(void *arg, const struct opctx *ctx, struct error **err);
/* Also after the service has stopped to make such certificates (WHEN_VAULT): none there is fine. */
int cluster_delete_certificates(void *arg, const struct opctx *ctx, struct error **err);

/* "ID-apiserver", "ID-ingress"; owned. */
char *certificate_give_apiserver(const struct cluster *c);
char *certificate_give_ingress(const struct cluster *c);
/* Where they are. The caller's. ERR_INVALID: KEYVAULT_PREFIX is not set. */
int certificates_open_vault(struct cluster *c, const struct opctx *ctx, struct key_vault **ret,
                            struct error **err);

#endif
