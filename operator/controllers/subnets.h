/* subnets.h - the controller AzureSubnets. */
#ifndef OPERATOR_CONTROLLERS_SUBNETS_H
#define OPERATOR_CONTROLLERS_SUBNETS_H

#include "operator/controller.h"

extern const struct controller_desc subnets_controller;

/* The network security group that the service gives a subnet; owned; NULL with an error when the
 * Cluster lacks a field. */
char *subnets_give_nsg_id(const json *cluster, bool is_master, struct error **err);
/* Edit a subnet as Azure answered it. Letter case of IDs is ignored. ERR_INTERNAL when it has no
 * properties. */
int subnets_set_nsg(json *subnet, const char *nsg_id, bool *ret_changed, struct error **err);
int subnets_add_endpoints(json *subnet, bool *ret_changed, struct error **err);

#endif
