/*
 * config_server.h - how new machines reach the machine config server, from which they get all that their pointer does not say.
 *
 * A machine that starts for the first time resolves nothing of the cluster's names in the second layout: what does that comes
 * with the configuration that it has yet to fetch. So its pointer has the address of the API's internal load balancer, and
 * the server's certificate is valid for that. Where the address is unknown, and in the first layout with its private zone,
 * the name is used.
 *
 * Threads: pure.
 * Source: openshift/installer, pkg/asset/ignition/machine, pkg/asset/tls/mcscertkey.go; Azure/ARO-RP, pkg/cluster (mcs certificates).
 */
#ifndef RP_CLUSTER_INSTALLER_CONFIG_SERVER_H
#define RP_CLUSTER_INSTALLER_CONFIG_SERVER_H

#include "rp/cluster/installer/installer.h"

/* Where machines of that role ("master", "worker") fetch their configuration. The caller's. */
char *config_server_give_url(const struct installer_inputs *in, const char *role);

/* A pointer, or other text, with the name in such URLs replaced by the address; the caller's. NULL: nothing of it is there. */
char *config_server_give_direct(const char *domain, const char *api_int_ip, const char *text);

/* ---- for what an installer made that knows only the name; nothing happens where the name is used ---- */

/* As config_server_give_direct, by the inputs. */
char *config_server_give_redirected(const struct installer_inputs *in, const char *text);
/* The server's certificate in a graph (its root authority is there) becomes one for the address, too. */
int config_server_certify(const struct installer_inputs *in, int64_t wall_ns, json *graph,
                          struct error **err);
/* A manifest that holds a pointer or the certificate of the graph. *ret_changed: it did, and was changed. */
int config_server_patch(const struct installer_inputs *in, const json *graph, json *object,
                        bool *ret_changed, struct error **err);
/* The same for the bootstrap machine's configuration. */
int config_server_patch_bootstrap(const struct installer_inputs *in, const json *graph,
                                  json *config, struct error **err);

#endif
