/* first_user.h - what the first user of a development cloud needs, asked of Azure Resource Manager as any user would. */
#ifndef HACK_DEVCLOUD_UP_FIRST_USER_H
#define HACK_DEVCLOUD_UP_FIRST_USER_H

#include "hack/devcloud/up/user.h"

/* Signs in; makes resource groups and a network with two subnets; registers the provider of clusters with the subscription.
 * All is done when it returns 0, and may be there already. */
int first_user_prepare(const struct cloud_user *u, struct error **err);

#endif
