/*
 * lifecycle.h - what rp/cluster is given in this process: Azure, clusters, and the installer that ARO_RP_INSTALLER names.
 * Threads: made and freed by one; what it gives is safe from any.
 */
#ifndef CMD_ARO_RP_LIFECYCLE_H
#define CMD_ARO_RP_LIFECYCLE_H

#include "cmd/aro-rp/first_party.h"
#include "rp/cluster/config.h"

struct lifecycle_config { /* all borrowed */
    const struct rp_env *env;
    const struct env *process_env;
    struct http_client *http;
    struct http_transport *transport;
    const struct azure_cloud *cloud;
    struct first_party *first_party;
    struct rp_secrets *secrets;
    struct azure_tokens *service_tokens; /* NULL: the first party's are used */
    const struct log *log;
    const struct clock *clock;
    const struct rng *rng;
};

struct lifecycle;
/* ERR_INVALID: a variable names what there is none of. SyncSets is opened here, too. */
int lifecycle_new(const struct lifecycle_config *cfg, struct lifecycle **ret, struct error **err);
void lifecycle_free(struct lifecycle *l); /* accepts NULL */
/* The argument of cluster_manager. Borrowed. */
struct cluster_config *lifecycle_clusters(struct lifecycle *l);
/* SyncSets; borrowed; NULL: there is none, or no lifecycle. */
struct hive *lifecycle_hive(const struct lifecycle *l);

#endif
