/*
 * store.h - the objects of one informer: a table by key, namespaces, further indexes, and the stage
 * on which a list is prepared. Private to pkg/kube.
 *
 * Reading (store_find, store_list...) is for any thread. Everything else is for one writer at a time;
 * the informer's delivery lock sees to that. Objects in store_change are as stored, perhaps packed:
 * store_give_view makes them fit for others.
 */
#ifndef PKG_KUBE_STORE_H
#define PKG_KUBE_STORE_H

#include "pkg/kube/informer.h"
#include "pkg/kube/object_impl.h"

struct store;

struct store_options {
    const struct rng *rng; /* seeds the hash */
    size_t pack_above; /* bytes of objects from which they are packed; 0 = 1 MB, SIZE_MAX: never */
};
struct store *store_new(const struct store_options *opt);
void store_free(struct store *s);

/* ---- readers ---- */
/* A new reference to a plain or lazy object; NULL when absent. nspace may be NULL or "". */
struct kube_object *store_find(struct store *s, const char *nspace, const char *name);
size_t store_len(struct store *s);
size_t store_bytes(struct store *s); /* of all objects and of the store itself */
/* References to the objects of one moment, as stored; released by object_list_release. */
struct object_list {
    struct kube_object **v;
    size_t len;
};
void store_list(struct store *s, const char *nspace, struct object_list *ret); /* NULL: all */
void store_list_indexed(struct store *s, const char *index, const char *value,
                        struct object_list *ret);
void object_list_release(struct object_list *l);
/* The object as others may see it: itself, or a lazy one in place of a packed one. */
struct kube_object *store_give_view(struct store *s, struct kube_object *o);

/* ---- the writer ---- */
/* What happened to one key; both references belong to the receiver. */
struct store_change {
    struct kube_object *old_obj, *new_obj;
    /* On a stage only: the key is to be removed; new_obj is the store's own. */
    bool is_tombstone, is_shared;
};
void store_change_release(struct store_change *c);
/* draft has passed draft_check. */
void store_put(struct store *s, const struct draft *d, struct store_change *ret);
bool store_remove(struct store *s, const struct draft *d, struct store_change *ret);
/* Adding late builds it. The same name twice: the first stays. */
void store_add_index(struct store *s, const char *name, index_fn fn);

/*
 * A list is put on the stage object by object; unchanged objects are shared with the store, so that
 * nothing is held twice. The commit makes the store equal to the stage in one moment for readers.
 */
struct store_stage {
    struct store *store;
    struct store_change *v;
    size_t len, cap;
    size_t plain_bytes; /* of what is not packed on it */
    /* Objects of equal version and uid are compared by their texts, too: the server lost its memory,
     * and may have given the same versions to other changes. */
    bool strict;
};
void store_stage_begin(struct store *s, struct store_stage *st);
void store_stage_add(struct store_stage *st, const struct draft *d);
void store_stage_remove(struct store_stage *st, const struct draft *d); /* streaming list only */
void store_stage_cut(struct store_stage *st, size_t len); /* forgets what came later */
/* Afterwards st->v holds the changes of the listed keys in list order (both NULL where nothing
 * changed), and *ret_gone those of the keys that the list lacks. */
void store_stage_commit(struct store_stage *st, struct store_stage *ret_gone);
void store_stage_release(struct store_stage *st);

#endif
