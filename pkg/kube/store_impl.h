/* store_impl.h - what the store_*.c files share. Private to them. */
#ifndef PKG_KUBE_STORE_IMPL_H
#define PKG_KUBE_STORE_IMPL_H

#include <pthread.h>

#include "pkg/base/map.h"
#include "pkg/kube/store.h"
#include "pkg/kube/store_codec.h"
#include "pkg/kube/store_table.h"

struct store_nspace {
    struct ring objects;
    size_t len;
};

struct store_index {
    struct store_index *next;
    char *name;
    index_fn fn;
    struct map *values; /* value -> struct table of the objects */
};

#define STORE_FRESH_MAX 64

struct store {
    pthread_mutex_t mu; /* readers hold it; the writer holds it to change what they read */
    struct table table;
    struct map *nspaces; /* name -> struct store_nspace */
    struct store_index *indexes;
    size_t objects_bytes;
    uint64_t seed;
    uint8_t mark; /* of the relist in progress */
    size_t pack_above;
    struct codec *codec;   /* NULL: nothing is packed yet; then never replaced */
    struct packer *packer; /* the writer's */
    /* Objects of the latest events, still plain; the writer's. */
    struct kube_object *fresh[STORE_FRESH_MAX];
    size_t fresh_len, fresh_bytes;
};

struct object_key store_key_of_draft(const struct store *s, const struct draft *d);
/* The stored form of a draft, for a list. */
struct kube_object *store_give_object(struct store *s, const struct draft *d, uint32_t hash);
/* Takes note of a plain object that was linked just now: it is packed with others, later. */
void store_add_fresh(struct store *s, struct kube_object *o);
void store_drop_fresh(struct store *s);
/* Once there are enough objects, in the store and on the stage (may be NULL), all are packed. Without
 * mu held. */
void store_pack_if_large(struct store *s, struct store_stage *st);

/* With mu held. The store takes over the reference to o; the replaced object's passes to the caller. */
struct kube_object *store_link(struct store *s, struct kube_object *o);
struct kube_object *store_unlink(struct store *s, const struct object_key *key);
/* As store_link, for another form of the object that is there. */
struct kube_object *store_relink(struct store *s, struct kube_object *o);

/* With mu held. */
void store_index_add(struct store *s, struct store_index *x, struct kube_object *o);
void store_indexes_update(struct store *s, struct kube_object *old_obj,
                          struct kube_object *new_obj);
/* new_obj is old_obj in another form: it takes its place. */
void store_indexes_replace(struct store *s, struct kube_object *old_obj,
                           struct kube_object *new_obj);
void store_index_free(struct store_index *x);
size_t store_indexes_bytes(const struct store *s);

/* Appends references to all objects of a table. */
void object_list_add_table(struct object_list *l, const struct table *t);

#endif
