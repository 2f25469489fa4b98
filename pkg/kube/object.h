/*
 * object.h - objects as the store keeps them: compact immutable JSON bytes behind a small header.
 *
 * A worker that needs a tree parses its own copy (kube_object_give_json). Threads: immutable,
 * atomically counted.
 */
#ifndef PKG_KUBE_OBJECT_H
#define PKG_KUBE_OBJECT_H

#include "pkg/base/json.h"
#include "pkg/kube/gvr.h"

struct kube_object; /* one allocation: header, strings, bytes */

/* What the store leaves out of the bytes while they arrive. */
enum kube_projection {
    PROJECT_FULL,     /* everything but managedFields and the last-applied annotation */
    PROJECT_METADATA, /* PartialObjectMetadata is requested from the server */
    PROJECT_KEY,      /* namespace, name, resourceVersion, uid only */
    PROJECT_RAW       /* nothing is dropped */
};

/* Makes an object from one JSON value. ERR_INVALID when metadata.name or resourceVersion is
 * missing. */
int kube_object_new(const char *text, size_t len, enum kube_projection projection,
                    struct kube_object **ret, struct error **err);
struct kube_object *kube_object_ref(struct kube_object *o);
void kube_object_unref(struct kube_object *o);
const char *kube_object_namespace(const struct kube_object *o); /* "" for cluster scope */
const char *kube_object_name(const struct kube_object *o);
const char *kube_object_resource_version(const struct kube_object *o);
const char *kube_object_uid(const struct kube_object *o);
int64_t kube_object_generation(const struct kube_object *o); /* 0 when absent */
bool kube_object_is_deleting(const struct kube_object *o);
const char *kube_object_bytes(const struct kube_object *o, size_t *ret_len); /* borrowed */
size_t kube_object_footprint(const struct kube_object *o);                   /* bytes of memory */
const char *kube_object_label(const struct kube_object *o, const char *key,
                              size_t *ret_len); /* span; NULL when absent */
/* The owner reference with controller=true (or, if any_owner, each): group and kind match, version
 * ignored. */
bool kube_object_owner(const struct kube_object *o, const char *group, const char *kind,
                       bool any_owner, char **ret_name);
json *kube_object_give_json(
    const struct kube_object *o); /* never NULL; cannot fail (bytes were checked) */

DEFINE_RELEASE(struct kube_object *, kube_object_unref)
#define cleanup_kube_object CLEANUP_WITH(kube_object_unref_slot)

#endif
