/* first_user.h - what the first user of a development cloud needs, asked of Azure Resource Manager as any user would. */
#ifndef HACK_DEVCLOUD_UP_FIRST_USER_H
#define HACK_DEVCLOUD_UP_FIRST_USER_H

#include "pkg/base/json.h"
#include "pkg/net/http.h"

struct first_user {
    struct http_transport *transport;
    const struct opctx *ctx;
    const char *azure_url;
    const char *secret; /* of the service principal */
    /* Called between looks at what is not done yet; -1 ends it. */
    int (*pause)(void *arg, struct error **err);
    void *arg;
};

/* Signs in; makes resource groups and a network with two subnets; registers the provider of clusters with the subscription.
 * All is done when it returns 0, and may be there already. */
int first_user_prepare(const struct first_user *u, struct error **err);

#endif
