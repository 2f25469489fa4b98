/* crd_cleanup.h - deleting a definition deletes its objects first. Threads: any. */
#ifndef HACK_DEVCLOUD_CLUSTER_CRD_CLEANUP_H
#define HACK_DEVCLOUD_CLUSTER_CRD_CLEANUP_H

#include "hack/devcloud/cluster/cluster_impl.h"

/* Marks a definition that is being deleted: finalizer and condition, in place. */
void crd_cleanup_begin(struct cluster *c, json *crd);
/* After a deletion of something of this kind: deletes objects of definitions that are going away, and
 * the definitions that have none left. */
void crd_cleanup_go_on(struct cluster *c, const struct resource *r);

#endif
