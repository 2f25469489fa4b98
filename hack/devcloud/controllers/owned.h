/*
 * owned.h - objects that belong to others: owner references, label selectors, adoption. Threads: any.
 * Source: Kubernetes API conventions; k8s.io/kubernetes pkg/controller.
 */
#ifndef HACK_DEVCLOUD_CONTROLLERS_OWNED_H
#define HACK_DEVCLOUD_CONTROLLERS_OWNED_H

#include "hack/devcloud/controllers/behaviour.h"

/* A LabelSelector as the API's query text; NULL when it is missing or selects everything, which no owner of pods may. */
char *owned_give_selector(const json *selector);
/* [reference to the owner as the controller], for metadata.ownerReferences. */
json *owned_give_references(const json *owner);
/* The controlling owner's reference; borrowed, NULL when there is none. */
const json *owned_controller(const json *object);
bool owned_by(const json *object, const json *owner); /* controlled by it, told by uid */
bool owned_is_deleting(const json *object);

/* The objects of a kind in the owner's namespace that the selector finds and the owner controls; those that nobody controls
 * are taken over first, unless the owner is being deleted. An array, owned by the caller. */
int owned_list(struct control *c, const struct opctx *ctx, const struct gvr *gvr, const json *owner,
               const char *selector, json **ret, struct error **err);
/* An object as it is now; 0 with NULL when absent. */
int owned_find(struct control *c, const struct opctx *ctx, const struct gvr *gvr,
               const char *nspace, const char *name, json **ret, struct error **err);
/* Merges into the status what differs from it (consumed); no request when nothing does. An
 * object that is gone has no status: success. */
int owned_write_status(struct control *c, const struct opctx *ctx, const struct gvr *gvr,
                       const json *object, json *status, struct error **err);
/* Deletes that very object; absent is success. */
int owned_delete(struct control *c, const struct opctx *ctx, const struct gvr *gvr,
                 const json *object, struct error **err);

/* A short name for what JSON says, in letters that spell no words: ten bytes and the end. */
#define OWNED_HASH_MAX 11
void owned_hash(const json *value, char out[OWNED_HASH_MAX]);
/* The condition of that type in a status's list, set (consumed); its lastTransitionTime moves with the status only. */
void owned_set_condition(json *conditions, json *condition, const char *now);
const json *owned_condition(const json *object, const char *type); /* NULL: none */

#endif
