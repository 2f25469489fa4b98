/*
 * kubelet.h - a kubelet that is an ordinary client of the API server: it keeps nodes Ready and plays the pods that the
 * scheduler put on them. It animates a real kube-apiserver and the virtual one alike.
 *
 * Pods of the namespace given as `real` run as local processes of this build, each with a loopback address of its own as
 * POD_IP, a service-account token that is replaced while it lives, and a KUBECONFIG that refers to it. The status shows a
 * 10.x address, because the API server refuses loopback addresses in Endpoints. All other pods only look Running.
 * A pod's folder, with its token and its log, goes with it.
 * Logs are served over HTTPS as the API server asks for them (kubectl logs).
 */
#ifndef HACK_DEVCLOUD_KUBELET_KUBELET_H
#define HACK_DEVCLOUD_KUBELET_KUBELET_H

#include "pkg/base/env.h"
#include "pkg/kube/client.h"
#include "pkg/kube/config.h"

struct kubelet_config { /* all borrowed for the run */
    struct kube_client *kube;
    const struct kube_config *pod_config; /* server and CA for the pods' own kubeconfigs */
    const char *real_namespace;           /* NULL: every pod only pretends */
    const char *bin_dir; /* executables; argv[0] of a container is looked up here */
    const char *dir;     /* private folder: a subfolder a pod */
    const char *const
        *pod_env; /* "NAME=value" that pods have unless they set it themselves; may be NULL */
    /* Whether the machine of a node is on; from the kubelet's thread. One that is off says nothing and runs nothing. NULL: all
     * are on. */
    bool (*is_on)(void *arg, const char *node);
    void *arg;
    int64_t poll_ms;         /* how often processes and probes are looked at; 0 = 500 */
    int64_t token_period_ms; /* how often tokens are replaced; 0 = 60 s */
    const struct clock *clock;
    const struct rng *rng;
    const struct env
        *env; /* of this process: pods inherit its ARO_*, SSL_CERT_* and sanitizer options */
    const struct log *log;
};
/* Blocks until stop is set; ends all processes before it returns. */
int kubelet_run(const struct kubelet_config *cfg, struct stop *stop, struct error **err);

#endif
