/*
 * config.h - what the lifecycle of clusters is given by its process, and the lifecycle itself as the backend runs it.
 */
#ifndef RP_CLUSTER_CONFIG_H
#define RP_CLUSTER_CONFIG_H

#include "pkg/azure/azure.h"
#include "pkg/base/env.h"
#include "pkg/net/http_client.h"
#include "rp/cluster/manager.h"
#include "rp/env/env.h"

struct hive;
struct installer;
struct rp_secrets;

/* All borrowed for the life of the process. */
struct cluster_config {
    const struct rp_env *env;
    const struct env *process_env;    /* for clients of clusters, and the installer */
    struct http_client *http;         /* makes connections to clusters */
    struct http_transport *transport; /* to Azure */
    const struct azure_cloud *cloud;
    /* The application that acts in customers' tenants. The credential is the caller's. */
    struct azure_credential *(*give_first_party)(void *arg, const char *tenant_id);
    void *first_party_arg;
    /* The service's own identity: its resource group, DNS zone, vaults and registry. NULL: the application above, in the
     * service's own tenant. */
    struct azure_tokens *service_tokens;
    struct rp_secrets *secrets;  /* the service's own; NULL: there are none */
    struct hive *hive;           /* SyncSets; NULL: there is none */
    struct installer *installer; /* NULL: creates fail with CLUSTER_NO_INSTALLER */
    const struct clock *clock;
    const struct rng *rng;
};

#define CLUSTER_NO_INSTALLER "InstallerNotAvailable"

extern const struct cluster_manager_ops cluster_manager; /* its argument: struct cluster_config */

#endif
