/*
 * balancer_edit.h - changes of a resource of the network that the cluster itself changes, too, as a load balancer whenever one of its
 * Services gets an address: read, edited, and written under the etag that was read.
 * Threads: the operation's own.
 */
#ifndef RP_CLUSTER_BALANCER_EDIT_H
#define RP_CLUSTER_BALANCER_EDIT_H

#include "rp/cluster/cluster.h"

/* Changes a live resource in place; -1 ends the edit with that error, and nothing is written. Each time it is given what was read
 * anew. */
typedef int (*balancer_edit_fn)(json *resource, void *arg, struct error **err);
/* Writes when something differs then; begins again when somebody else was first, a few times (ERR_PRECONDITION). ERR_NOT_FOUND: there
 * is no such resource. */
int balancer_edit(struct arm *arm, const struct opctx *ctx, const char *id, balancer_edit_fn edit,
                  void *arg, struct error **err);

#endif
