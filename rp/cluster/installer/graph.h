/*
 * graph.h - what the install graph holds (installer.h), and kubeconfigs made from it.
 *
 * Texts are read from the assets' files, so a graph of either driver will do. Errors: ERR_INVALID names the asset that is
 * missing or damaged. wall_ns is the present: certificates that are made begin then.
 * Threads: pure; a graph belongs to one thread.
 */
#ifndef RP_CLUSTER_INSTALLER_GRAPH_H
#define RP_CLUSTER_INSTALLER_GRAPH_H

#include "pkg/base/json.h"
#include "pkg/base/secret.h"

/* Names of assets that are read here. */
#define ASSET_INSTALL_CONFIG "*installconfig.InstallConfig"
#define ASSET_CLUSTER_ID "*installconfig.ClusterID"
#define ASSET_BOOTSTRAP "*bootstrap.Bootstrap"
#define ASSET_MASTER "*machine.Master"
#define ASSET_WORKER "*machine.Worker"
#define ASSET_ADMIN_INTERNAL_CLIENT "*kubeconfig.AdminInternalClient"
#define ASSET_ADMIN_CLIENT "*kubeconfig.AdminClient"
#define ASSET_ADMIN_SIGNER "*tls.AdminKubeConfigSignerCertKey"
#define ASSET_ROOT_CA "*tls.RootCA"
#define ASSET_KUBEADMIN_PASSWORD "*password.KubeadminPassword"
#define ASSET_METADATA "*cluster.Metadata"

/* ---- files ---- (JSON text; the caller's) */
int graph_give_bootstrap_ignition(const json *graph, struct secret **ret, struct error **err);
/* What a machine gets as customData: where its configuration is, and whom to trust for it. */
int graph_give_master_ignition(const json *graph, struct secret **ret, struct error **err);
int graph_give_worker_ignition(const json *graph, struct secret **ret, struct error **err);

int graph_give_kubeadmin_password(const json *graph, struct secret **ret, struct error **err);
int graph_give_root_ca(const json *graph, char **ret_pem, struct error **err);
/* A new pair for the machine config server, by the root authority of the graph, valid for api-int.DOMAIN and for the address
 * (text). The caller's. */
int graph_make_config_server(json *graph, const char *domain, const char *api_int_ip,
                             int64_t wall_ns, char **ret_cert_pem, struct secret **ret_key_pem,
                             struct error **err);
/* That everything that is read here can be read. */
int graph_check(const json *graph, int64_t wall_ns, struct error **err);
/* Borrowed. */
int graph_need_infra_id(const json *graph, const char **ret, struct error **err);

/* ---- kubeconfigs ---- (YAML text; the caller's) */
/* system:admin at https://api-int.DOMAIN:6443, as installed. */
int graph_give_admin_kubeconfig(const json *graph, struct secret **ret, struct error **err);
/* system:aro-service in system:masters, a new certificate for ten years. */
int graph_give_service_kubeconfig(const json *graph, int64_t wall_ns, struct secret **ret,
                                  struct error **err);
/* system:aro-sre, in no group, for ten years. */
int graph_give_sre_kubeconfig(const json *graph, int64_t wall_ns, struct secret **ret,
                              struct error **err);
/* For the customer: system:admin at https://api.DOMAIN:6443, whose certificate the customer's machine has to know; for one
 * year. */
int graph_give_user_admin_kubeconfig(const json *graph, int64_t wall_ns, struct secret **ret,
                                     struct error **err);
/* Whether such a one has to be made anew: absent (NULL), unreadable, for the internal name, without a key, or with less than
 * 275 days left. */
bool user_admin_kubeconfig_is_due(const struct secret *kubeconfig, int64_t wall_ns);

#endif
