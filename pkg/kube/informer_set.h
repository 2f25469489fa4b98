/*
 * informer_set.h - one informer for several namespaces: an informer for each, behind one face. Private to
 * pkg/kube.
 *
 * A request of the API is about one namespace or all, so each has a reflector of its own; who reads or
 * listens sees one. Events are handed on one at a time. What is read is of one moment within a namespace.
 *
 * Order of locks: a part's delivery, then the set's. So nothing is asked of a part while the set's is
 * held, and a handler that was removed stays with the parts, mute, until the next one comes or the end.
 */
#ifndef PKG_KUBE_INFORMER_SET_H
#define PKG_KUBE_INFORMER_SET_H

#include "pkg/kube/informer_impl.h"

struct informer_set;

/* The parts are borrowed; the array is copied. */
struct informer_set *informer_set_new(struct informer *const *parts, size_t len);
void informer_set_free(struct informer_set *s); /* before its parts; accepts NULL */
bool informer_set_is_of(const struct informer_set *s, struct informer *const *parts, size_t len);

bool informer_set_has_synced(const struct informer_set *s);
struct kube_object *informer_set_get(struct informer_set *s, const char *nspace, const char *name);
size_t informer_set_sum(struct informer_set *s, size_t (*of)(struct informer *part));
void informer_set_each(struct informer_set *s, const char *nspace, informer_each_fn fn, void *arg);
void informer_set_add_index(struct informer_set *s, const char *name, index_fn fn);
void informer_set_each_indexed(struct informer_set *s, const char *index, const char *value,
                               informer_each_fn fn, void *arg);
void informer_set_add_handler(struct informer_set *s, struct informer_handler *h);
void informer_set_remove_handler(struct informer_set *s, struct informer_handler *h);

#endif
