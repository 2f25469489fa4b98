/*
 * served.h - all kinds that a server has now, for those that have to look at every one: the garbage collector, the end of a
 * namespace. Threads: safe from any.
 */
#ifndef HACK_DEVCLOUD_CONTROLLERS_SERVED_H
#define HACK_DEVCLOUD_CONTROLLERS_SERVED_H

#include "pkg/kube/client.h"

struct served_list {
    const struct gvr **v; /* the rows live as long as struct served; v is owned by the caller */
    size_t len;
};
void served_list_release(struct served_list *l);
#define cleanup_served_list CLEANUP_WITH(served_list_release)

struct served;
struct served *served_new(struct kube_client *kube);
void served_free(struct served *s);
DEFINE_RELEASE(struct served *, served_free)
#define cleanup_served CLEANUP_WITH(served_free_slot)

/* Asks the server: every kind, in its preferred version, whose objects have all the verbs (NULL-terminated). The same kind
 * is the same row each time. */
int served_give_list(struct served *s, const struct opctx *ctx, const char *const *verbs,
                     struct served_list *ret, struct error **err);
/* A row that some earlier list had, of that apiVersion's group and that kind; NULL: none. */
const struct gvr *served_find(struct served *s, const char *api_version, const char *kind);

#endif
