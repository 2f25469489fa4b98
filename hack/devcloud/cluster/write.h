/* write.h - creating and changing objects. Threads: any. */
#ifndef HACK_DEVCLOUD_CLUSTER_WRITE_H
#define HACK_DEVCLOUD_CLUSTER_WRITE_H

#include "hack/devcloud/cluster/cluster_impl.h"

/* Creates obj (consumed: the body as it came, kind checked). owned: managedFields are set already. *ret
 * is the object as answered. */
int write_create(const struct op *op, json *obj, bool owned, json **ret, struct error **err);

/*
 * Makes the new object from the live one (both whole, with apiVersion and kind). owned: managedFields of
 * the result are final. Called again when another write came in between.
 */
struct write_change {
    int (*make)(const struct op *op, const json *live, void *arg, json **ret, struct error **err);
    void *arg;
    bool owned;
};
/* NotFound when there is no object; subresource of the request decides which part may change. */
int write_update(const struct op *op, const struct write_change *change, json **ret,
                 struct error **err);

/* A whole tree of a record: apiVersion and kind in front. */
json *write_give_tree(const struct op *op, const struct record *r);

#endif
