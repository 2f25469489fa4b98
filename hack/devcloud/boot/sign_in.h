/*
 * sign_in.h - how kubeadmin signs in: the OAuth server that `oc login -u kubeadmin` talks to, and who a token stands for.
 *
 * It answers before the API server does:
 *   GET /.well-known/oauth-authorization-server
 *   GET /oauth/authorize?client_id=openshift-challenging-client&response_type=token, with a password (Basic): a redirection
 *       with an access token, good at the API for a day; without one or with a wrong one: 401 and a challenge
 *   GET /apis/user.openshift.io/v1/users/~
 * The password is checked against what Secret kube-system/kubeadmin holds at that time; without the Secret nobody signs in.
 * Threads: intercept from any.
 * Source: OpenShift docs, "Configuring the internal OAuth server"; RFC 6749, 4.2; RFC 8414; openshift/oc, pkg/helpers/tokencmd.
 */
#ifndef HACK_DEVCLOUD_BOOT_SIGN_IN_H
#define HACK_DEVCLOUD_BOOT_SIGN_IN_H

#include "hack/devcloud/cluster/cluster.h"
#include "pkg/kube/client.h"

struct sign_in;
/* All borrowed for its life. */
struct sign_in *sign_in_new(struct cluster *c, struct kube_client *kube, const struct clock *clock,
                            const struct rng *rng);
bool sign_in_intercept(void *sign_in, struct http_call *call); /* cluster_server_config.intercept */
void sign_in_free(struct sign_in *s);                          /* accepts NULL */

#endif
