/*
 * store_table.h - hash table of objects by namespace and name; one pointer a slot. Private to
 * pkg/kube.
 *
 * Open addressing with linear probing; removal shifts back, so there are no tombstones. Objects carry
 * their hash. The table owns no reference. Threads: one writer, or readers only.
 */
#ifndef PKG_KUBE_STORE_TABLE_H
#define PKG_KUBE_STORE_TABLE_H

#include "pkg/kube/object_impl.h"

struct table {
    struct kube_object **slots;
    size_t cap; /* a power of two, or 0 */
    size_t len;
};

struct object_key {
    const char *nspace, *name;
    size_t nspace_len, name_len;
    uint32_t hash;
};
/* seed is secret, so that who chooses names cannot force collisions. nspace may be NULL. */
struct object_key object_key(uint64_t seed, const char *nspace, size_t nspace_len, const char *name,
                             size_t name_len);
struct object_key object_key_of(const struct kube_object *o); /* by its own hash */

void table_release(struct table *t);
struct kube_object *table_find(const struct table *t, const struct object_key *key);
/* o->hash is set. Returns the object of the same key that it replaced, or NULL. */
struct kube_object *table_put(struct table *t, struct kube_object *o);
struct kube_object *table_remove(struct table *t, const struct object_key *key);

/* for (size_t i = 0; i < t->cap; i++) if (t->slots[i]) ... */

#endif
