/*
 * inputs.h - the inputs of an installation, checked, and names that follow from them. Private to this folder.
 * Threads: pure.
 */
#ifndef RP_CLUSTER_INSTALLER_INPUTS_H
#define RP_CLUSTER_INSTALLER_INPUTS_H

#include "rp/cluster/installer/installer.h"

/* ERR_INVALID: a line for each thing that is missing or no good. What is in the install-config is checked as far as drivers
 * of ours read it. */
int inputs_check(const struct installer_inputs *in, struct error **err);

/* What load balancers and security groups are called in the cluster's layout. The caller's. */
char *inputs_give_public_lb(const struct installer_inputs *in);
/* Whether there is one: where routes of the customer lead traffic out there may be none. */
bool inputs_has_public_lb(const struct installer_inputs *in);
char *inputs_give_internal_lb(const struct installer_inputs *in);
char *inputs_give_nsg(const struct installer_inputs *in);
char *inputs_give_route_table(const struct installer_inputs *in);

/* https://api-int.DOMAIN:PORT PATH; likewise for the public name. The caller's. */
char *inputs_give_internal_url(const struct installer_inputs *in, int port, const char *path);
char *inputs_give_public_url(const struct installer_inputs *in);

/* The address of kubernetes.default: the first of the service network. ERR_INVALID. */
#define INPUTS_IP_MAX 16
int inputs_service_ip(const struct installer_inputs *in, char out[INPUTS_IP_MAX],
                      struct error **err);

#endif
