/* variables.h - the settings of a development cloud under the names of env.example: those of its resource provider, and of
 * the shell that uses it. */
#ifndef HACK_DEVCLOUD_UP_VARIABLES_H
#define HACK_DEVCLOUD_UP_VARIABLES_H

#include "pkg/base/strv.h"

/* Groups and the network that the first user finds. */
#define VARIABLES_LOCATION "eastus"
#define VARIABLES_NETWORK_GROUP "dev"
#define VARIABLES_RP_GROUP "rp"
#define VARIABLES_DOMAIN_GROUP "dns"
#define VARIABLES_DOMAIN "aro.example"
#define VARIABLES_CLUSTER "cluster"
#define VARIABLES_CLUSTER_NETWORK "dev-vnet" /* in the group of its name */
/* Opens no registry: nothing is pulled in a development cloud. */
#define VARIABLES_PULL_SECRET "{\"auths\":{\"registry.example.com\":{\"auth\":\"ZGV2OmRldg==\"}}}"

/* NAME=value each; the secret is the service principal's. */
void variables_add(struct strv *env, const char *secret);
/* What a process of the cloud takes over from its surroundings: no settings of another cloud. */
void variables_inherit(struct strv *env, char *const *surroundings);

#endif
