/*
 * tls.h - the certificates and keys that a cluster begins with. Private to this folder.
 *
 * Keys are P-256, but for the RSA key of service accounts, whose tokens say RS256.
 * Threads: pure.
 * Source: openshift/installer, pkg/asset/tls.
 */
#ifndef RP_CLUSTER_INSTALLER_TLS_H
#define RP_CLUSTER_INSTALLER_TLS_H

#include "pkg/base/json.h"

struct tls_inputs {
    const char *domain;
    const char *service_ip; /* of kubernetes.default */
    const char *api_int_ip; /* NULL: unknown */
    int64_t wall_ns;        /* when they begin to be valid */
};

/* Adds the assets "*tls...." to the graph, each with its files "tls/NAME.crt". */
int tls_make_assets(const struct tls_inputs *in, json *graph, struct error **err);

/* Only that of the machine config server again, by the root authority of the graph. service_ip is not needed. */
int tls_make_config_server(const struct tls_inputs *in, json *graph, struct error **err);

#define ASSET_CONFIG_SERVER "*tls.MCSCertKey"
/* The authorities of the API server's certificates, one after the other. */
#define ASSET_APISERVER_CA_BUNDLE "*tls.KubeAPIServerCompleteCABundle"
#define ASSET_ADMIN_CLIENT_CERT "*tls.AdminKubeConfigClientCertKey"
#define ASSET_KUBELET_CLIENT_CERT "*tls.KubeletClientCertKey"
#define ASSET_LOCALHOST_CA_BUNDLE "*tls.KubeAPIServerLocalhostCABundle"

#endif
