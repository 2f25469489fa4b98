/*
 * config_server_cert.h - the certificate of a cluster's machine config server, from which new machines get their configuration: it is
 * valid for the address that their pointers name (installer/config_server.h). Before OpenShift 4.19, which renews it by itself.
 * Source: Azure/ARO-RP, pkg/cluster/mcs.go; openshift/machine-config-operator, docs/MachineConfigServer.md.
 */
#ifndef RP_CLUSTER_CONFIG_SERVER_CERT_H
#define RP_CLUSTER_CONFIG_SERVER_CERT_H

#include "rp/cluster/cluster.h"

/*
 * fixMCSCert: makes one by the cluster's root authority where it lacks `apiserverProfile.intIp`, names its own key as its issuer's,
 * cannot be read or ends within a year. Its pods read it when they start: those that are older than the certificate are deleted, also
 * when it was made by an earlier try that was cut off.
 */
int cluster_ensure_config_server_cert(void *arg, const struct opctx *ctx, struct error **err);

/* Whether the one that is there is valid for the address. */
int config_server_cert_is_for(const struct cluster *c, const struct opctx *ctx, const char *address,
                              bool *ret, struct error **err);
/* Whether probes of Azure's load balancers would refuse it. */
int config_server_cert_is_refused(const struct cluster *c, const struct opctx *ctx, bool *ret,
                                  struct error **err);

#endif
