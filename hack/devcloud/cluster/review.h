/* review.h - questions that are asked by creating: access reviews, token reviews. Nothing is stored. */
#ifndef HACK_DEVCLOUD_CLUSTER_REVIEW_H
#define HACK_DEVCLOUD_CLUSTER_REVIEW_H

#include "hack/devcloud/cluster/cluster_impl.h"

struct review {
    const char *collection;
    int (*serve)(const struct op *op, json *body, struct error **err);
};
/* NULL: the resource is stored. */
const struct review *review_find(const char *collection);

#endif
