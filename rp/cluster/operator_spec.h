/*
 * operator_spec.h - what the cluster's operator is told: its image and the spec of its Cluster resource, from the document.
 * Threads: the operation's own. Source: Azure/ARO-RP, pkg/operator/deploy.
 */
#ifndef RP_CLUSTER_OPERATOR_SPEC_H
#define RP_CLUSTER_OPERATOR_SPEC_H

#include "rp/cluster/cluster.h"

/* Whether the environment says where clusters ship their logs. */
bool operator_spec_ships_logs(const struct cluster *c);
/* Where: spec.genevaLogging of the Cluster resource. Empty: the operator ships none by itself. Owned by the caller. */
json *operator_spec_give_logging(const struct cluster *c);
/* The host of the service's registry. Owned by the caller. */
char *operator_spec_give_registry(const struct cluster *c);
/* The version that the document pins, in that registry; else ARO_IMAGE; else this build's. Owned by the caller. */
char *operator_spec_give_image(const struct cluster *c);
/* Host names that lead to the service's gateway, an array; empty: no gateway. Owned by the caller. */
json *operator_spec_give_gateway_domains(const struct cluster *c);
/* Whether the address of the default ingress is known: without it there is no spec. */
bool operator_spec_is_known(const struct cluster *c);
/* ERR_INTERNAL: "no Ingress Profiles found", "ingress IP is empty". */
int operator_spec_give(const struct cluster *c, json **ret, struct error **err);

#endif
