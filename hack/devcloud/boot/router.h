/*
 * router.h - the cluster's way in: the address of Service openshift-ingress/router-default, as the cloud provider finds one.
 *
 * The Service gets what it asks for (loadBalancerIP), if there is such a thing: a public IP of the cluster's group that has
 * the address, or a free address of the workers' subnet. One that asks for nothing gets some address: that of a public IP
 * INFRA-router, which is made, or whichever of the subnet is free; nothing is guessed. The address becomes a frontend "router" of the load balancer
 * INFRA or INFRA-internal, with rules for 80 and 443. Threads: one at a time for a cluster.
 * Source: kubernetes-sigs/cloud-provider-azure, pkg/provider/azure_loadbalancer.go.
 */
#ifndef HACK_DEVCLOUD_BOOT_ROUTER_H
#define HACK_DEVCLOUD_BOOT_ROUTER_H

#include "hack/devcloud/boot/view.h"

/* Does nothing before workers run and the stage "ingress" is due, and when the Service has an address. An address that
 * cannot be had is an error each time, and the Service stays without one. */
int router_sync(struct view *v, struct error **err);

#endif
