/*
 * router.h - the cluster's way in: the address of Service openshift-ingress/router-default, as the cloud provider finds one.
 *
 * An address that the Service asks for (loadBalancerIP) is given. Else a public ingress gets that of the public IP
 * INFRA-default-v4, or of INFRA-router, which is made; an internal one the highest usable address of the workers' subnet.
 * A public address becomes a frontend of the load balancer INFRA, with rules for 80 and 443.
 * Threads: one at a time for a cluster.
 * Source: kubernetes-sigs/cloud-provider-azure; Azure/ARO-RP, pkg/cluster (the router's address).
 */
#ifndef HACK_DEVCLOUD_BOOT_ROUTER_H
#define HACK_DEVCLOUD_BOOT_ROUTER_H

#include "hack/devcloud/boot/view.h"

/* Does nothing before workers run and the stage "ingress" is due, and when the Service has an address. */
int router_sync(struct view *v, struct error **err);

/* The highest address of "10.0.2.0/24" that Azure lets machines have: 10.0.2.254. Owned; NULL: no prefix. */
char *router_give_highest(const char *prefix);

#endif
