/* subresource.h - scale, finalize, token, eviction, binding. Threads: any. */
#ifndef HACK_DEVCLOUD_CLUSTER_SUBRESOURCE_H
#define HACK_DEVCLOUD_CLUSTER_SUBRESOURCE_H

#include "hack/devcloud/cluster/cluster_impl.h"

struct subresource {
    const char *name;
    const char *collection; /* NULL: any that has it */
    const char *verb;       /* NULL: get, update and patch */
    int (*serve)(const struct op *op, struct error **err);
};
/* NULL: not one of these (status is served as the object itself). */
const struct subresource *subresource_find(const struct op *op);

#endif
