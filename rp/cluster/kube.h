/*
 * kube.h - steps: clients of the cluster's own API, and the edit that most steps inside the cluster are.
 *
 * The service reaches a cluster at the address of its private endpoint only: that is where every connection goes, while
 * port and TLS name stay as the kubeconfig has them. API servers are rolled out while a cluster is made: a request that
 * finds none is sent again for five minutes. Who only looks gives each look a shorter time.
 * Threads: the operation's own.
 */
#ifndef RP_CLUSTER_KUBE_H
#define RP_CLUSTER_KUBE_H

#include "rp/cluster/cluster.h"

/* initializeKubernetesClients: makes c->kube of the document's aroServiceKubeconfig, else of its adminKubeconfig; nothing
 * when there is one. ERR_INTERNAL: the document has neither, or no address of the private endpoint. */
int cluster_initialize_kubernetes_clients(void *arg, const struct opctx *ctx, struct error **err);
/* Of one look of a condition: a server that hangs must not stand for all of the condition's time. */
#define CLUSTER_LOOK_MS 60000
/* c->kube is gone; also without one. */
void cluster_release_kubernetes_clients(struct cluster *c);

/* Changes a live object in place; -1 ends the edit with that error, and nothing is written. May run several times, each time
 * on what was read anew. */
typedef int (*cluster_edit_fn)(json *object, void *arg, struct error **err);
/* Reads, edits and, if anything differs then, writes; begins again when somebody else was first. */
int cluster_edit(struct kube_client *k, const struct opctx *ctx, const struct kube_ref *ref,
                 cluster_edit_fn edit, void *arg, struct error **err);
/* *ret is NULL when there is none. */
int cluster_get_if_present(struct kube_client *k, const struct opctx *ctx,
                           const struct kube_ref *ref, json **ret, struct error **err);
/* Makes it, or is content with one of its name. */
int cluster_create_once(struct kube_client *k, const struct opctx *ctx, const struct kube_ref *ref,
                        const json *object, struct error **err);

#endif
