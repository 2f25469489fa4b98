/* first_cluster.h - makes a cluster as a user would, tells how far it is, and how the operator in it is doing. */
#ifndef HACK_DEVCLOUD_UP_FIRST_CLUSTER_H
#define HACK_DEVCLOUD_UP_FIRST_CLUSTER_H

#include <stdio.h>

#include "hack/devcloud/up/user.h"

struct first_cluster {
    const struct cloud_user *user;
    const char *
        rp_url; /* of the resource provider itself, for the administrators' API; no slash at its end */
    const char *pull_secret; /* JSON */
    FILE *out;
};

/* Creates the cluster VARIABLES_CLUSTER by a PUT, and returns when all conditions of its operator tell of no trouble; prints
 * them.
 * Every step of the creation is told with the time that it took. ERR_INTERNAL: the creation failed, in Azure's words.
 * There is no time limit but the user's pause. */
int first_cluster_make(const struct first_cluster *f, struct error **err);

#endif
