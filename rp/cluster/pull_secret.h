/*
 * pull_secret.h - what the cluster fetches images with: not kept, made anew from the document whenever it is needed.
 * Source: Azure/ARO-RP, pkg/util/pullsecret.
 */
#ifndef RP_CLUSTER_PULL_SECRET_H
#define RP_CLUSTER_PULL_SECRET_H

#include "rp/cluster/cluster.h"

/*
 * {"auths":{HOST:{"auth":...}}}: the service's (development only), over it the customer's for each host, over it what the
 * service has got from registries for this cluster; without cloud.openshift.com, so that the cluster reports to nobody.
 * *ret is the caller's. ERR_INVALID, InvalidParameter: the customer's is no JSON object.
 */
int cluster_give_pull_secret(struct cluster *c, const struct opctx *ctx, struct secret **ret,
                             struct error **err);
/* The same without the customer's: what the operator in the cluster is given to put over the customer's. */
int cluster_give_service_pull_secret(struct cluster *c, const struct opctx *ctx,
                                     struct secret **ret, struct error **err);
/* The customer gave one. */
bool cluster_has_pull_secret(const struct cluster *c);

/* ---- pure parts ---- */
/* Text NULL or empty: no hosts. An object with an object `auths`; release it with json_free_wiped. ERR_INVALID. */
int pull_secret_parse(const char *text, size_t len, json **ret, struct error **err);
/* Sets one host's credential. */
void pull_secret_put(json *pull_secret, const char *host, const char *username,
                     const struct secret *password);
/* Members of `over` win: hosts, and what else it has. */
void pull_secret_merge(json *pull_secret, const json *over);

#endif
