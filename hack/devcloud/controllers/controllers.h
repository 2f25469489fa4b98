/*
 * controllers.h - what animates an API server: Deployments roll out, pods are placed, garbage goes. An ordinary client, for
 * a real kube-apiserver and the virtual one alike.
 */
#ifndef HACK_DEVCLOUD_CONTROLLERS_CONTROLLERS_H
#define HACK_DEVCLOUD_CONTROLLERS_CONTROLLERS_H

#include "pkg/base/env.h"
#include "pkg/base/opctx.h"
#include "pkg/kube/config.h"
#include "pkg/net/http.h"

struct controllers_config { /* all borrowed for the run */
    const struct kube_config *kube;
    struct http_transport *transport; /* NULL: connections as kube says */
    /* Resources ("pods") among which garbage is collected, owners as well as what they own; a watch and a thread for each.
     * NULL: all that are served. */
    const char *const *garbage;
    const struct clock *clock;
    const struct rng *rng;
    const struct env *env;
    const struct log *log;
};
/* Blocks until stop is set. ret_straggles, set before the return: threads of it did not end in time, and go on using what cfg
 * has; NULL: nobody wants to know. */
int controllers_run(const struct controllers_config *cfg, struct stop *stop, bool *ret_straggles,
                    struct error **err);

#endif
