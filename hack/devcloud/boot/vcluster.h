/*
 * vcluster.h - one virtual OpenShift cluster, from the moment when its bootstrap machine was provisioned until it is stopped.
 *
 * A thread of its own does what the machines would do, as a client of the API: it fetches and reads the Ignition configuration,
 * starts the API server with the certificates in it, applies what the installer and the release bring, writes the
 * bootstrap's ConfigMap, and then looks at everything again every tick: where to listen, machines, operators. It remembers
 * nothing that the API or Azure could tell. While the bootstrap machine runs, so does its SSH server. What goes wrong is written to the machine's serial log.
 */
#ifndef HACK_DEVCLOUD_BOOT_VCLUSTER_H
#define HACK_DEVCLOUD_BOOT_VCLUSTER_H

#include "hack/devcloud/boot/cloud.h"
#include "pkg/base/env.h"
#include "pkg/net/http_client.h"

struct vcluster_config { /* all borrowed until vcluster_free */
    struct cloud *cloud;
    struct http_client *http;       /* for logs of pods */
    struct http_transport *sources; /* where Ignition configurations are fetched */
    const char *dir; /* private folder for pods and the SSH server; NULL: pods only look Running */
    const char *bin_dir;        /* executables of pods */
    const char *const *pod_env; /* "NAME=value" for pods; may be NULL */
    uint16_t port;              /* of the API on the cluster's addresses; 0 = 6443 */
    int64_t tick_ms;            /* 0 = 1000 */
    const struct clock *clock;
    const struct rng *rng;
    const struct env *env;
    const struct log *log;
};

struct vcluster;
/* m, the bootstrap machine, is borrowed during the call. */
int vcluster_start(const struct vcluster_config *cfg, const struct azure_machine *m,
                   struct vcluster **ret, struct error **err);
const char *vcluster_group(const struct vcluster *v);   /* ID of its resource group; borrowed */
const char *vcluster_machine(const struct vcluster *v); /* ID of its bootstrap machine; borrowed */
void vcluster_ask_to_stop(struct vcluster *v);
void vcluster_free(struct vcluster *v); /* stops, joins; accepts NULL */

#endif
