/* behaviours.h - all of them; controllers.c has the table. */
#ifndef HACK_DEVCLOUD_CONTROLLERS_BEHAVIOURS_H
#define HACK_DEVCLOUD_CONTROLLERS_BEHAVIOURS_H

#include "hack/devcloud/controllers/behaviour.h"

extern const struct behaviour accounts_behaviour, account_secrets_behaviour, daemonset_behaviour,
    deployment_behaviour, endpoints_behaviour, garbage_behaviour, namespace_behaviour,
    nodes_behaviour, replicaset_behaviour, scheduler_behaviour;

#endif
