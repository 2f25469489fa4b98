/*
 * apply.h - objects that a cluster is to have, made through its API. Threads: blocks; one at a time for an array.
 */
#ifndef HACK_DEVCLOUD_BOOT_APPLY_H
#define HACK_DEVCLOUD_BOOT_APPLY_H

#include "pkg/kube/client.h"
#include "pkg/kube/discovery.h"

struct applier { /* all borrowed */
    struct kube_client *kube;
    struct discovery *discovery;
    const struct opctx *ctx;
};

/*
 * One round over the objects (an array), in order: each that is not there is created, without a status. What is there already
 * stays as it is. All are tried; the result is -1 with what was refused (the first few) when any was, and *ret_left counts
 * those. Another round may help: a namespace or a kind may be on its way.
 */
int apply_objects(const struct applier *a, const json *objects, size_t *ret_left,
                  struct error **err);

/* Merges into the status of an object (given by its kind and name) what differs. Absent: ERR_NOT_FOUND. */
int apply_status(const struct applier *a, const json *object, const json *status,
                 struct error **err);

/* The same for an object that was just read. */
int apply_status_over(const struct applier *a, const json *live, const json *status,
                      struct error **err);

/* The object as it is now; 0 with NULL: absent, or of a kind that is not served. Owned by the caller. */
int apply_find(const struct applier *a, const json *object, json **ret, struct error **err);

#endif
