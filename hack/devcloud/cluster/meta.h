/*
 * meta.h - metadata of objects: who they are, what the server sets, what is refused.
 * Source: k8s.io/apiserver registry/rest, k8s.io/apimachinery api/validation.
 */
#ifndef HACK_DEVCLOUD_CLUSTER_META_H
#define HACK_DEVCLOUD_CLUSTER_META_H

#include "hack/devcloud/cluster/cluster_impl.h"

/* Namespace and name of a new object, generateName included; BadRequest when the namespace differs
 * from the request's. */
int meta_begin(const struct op *op, json *obj, struct error **err);
/* Draws another suffix for generateName; false when the name was given. */
bool meta_rename(const struct op *op, json *obj);
/* uid, creationTimestamp; drops what a client cannot set. */
void meta_stamp(const struct op *op, json *obj);
/* BadRequest unless it is the name of the request. */
int meta_check_name(const struct op *op, const char *name, struct error **err);
/* Name, namespace, uid and resourceVersion of an update against the request and the live object. */
int meta_check_update(const struct op *op, json *obj, const json *live, struct error **err);
/* Takes over what an update cannot change. */
void meta_carry(json *obj, const json *live);
/* old NULL: a create. */
void meta_validate(const struct op *op, const json *obj, const json *old, struct invalid *out);

bool meta_is_deleting(const json *obj);
size_t meta_finalizers_len(const json *obj);
bool meta_has_finalizer(const json *obj, const char *name);
void meta_add_finalizer(json *obj, const char *name);
void meta_remove_finalizer(json *obj, const char *name);

#endif
