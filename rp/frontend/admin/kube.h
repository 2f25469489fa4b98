/*
 * kube.h - the API server of the cluster that a request names, with the rights of support engineers. Threads: one request's.
 */
#ifndef RP_FRONTEND_ADMIN_KUBE_H
#define RP_FRONTEND_ADMIN_KUBE_H

#include "pkg/kube/client.h"
#include "pkg/kube/discovery.h"
#include "rp/frontend/request.h"

struct admin_kube {
    struct kube_config *cfg;
    struct kube_client *client;
    struct discovery *discovery;
};
void admin_kube_close(struct admin_kube *k); /* accepts one that was never opened */
#define cleanup_admin_kube CLEANUP_WITH(admin_kube_close)

/* By the kubeconfig that the cluster's document keeps, through its private endpoint. 404 ResourceNotFound without a cluster. */
int admin_kube_open(struct request *req, struct admin_kube *ret, struct error **err);
/* "Pod", "deployments.apps", in any letter case: what the server prefers; InvalidParameter when it knows no such kind. *ret is
 * k's. */
int admin_kube_find(struct request *req, struct admin_kube *k, const char *kind,
                    const struct gvr **ret, struct error **err);
/* Runs a handler's work. What the API server refused is the reply, with the server's status, reason and message; 504 when
 * the work takes longer than a worker may be held, two minutes. */
int admin_kube_answer(struct request *req, int (*act)(struct request *req, struct error **err),
                      struct error **err);

#endif
