/*
 * typed.h - comparing, merging and cutting objects by their schema: the ground of field ownership.
 *
 * Lists whose schema gives them keys (or makes them sets) are compared and merged item by item; other
 * lists, and objects marked atomic, are one value. Below what no schema describes, objects are merged
 * and lists are one value. Threads: pure.
 * Source: structured-merge-diff 4.0, typed.
 */
#ifndef HACK_DEVCLOUD_CLUSTER_TYPED_H
#define HACK_DEVCLOUD_CLUSTER_TYPED_H

#include "hack/devcloud/cluster/fieldset.h"
#include "hack/devcloud/cluster/schema.h"

/* The fields that a value sets: what a manager owns who applies it. ERR_INVALID when items of a keyed
 * list lack a key or repeat one. */
int typed_give_fields(const struct schema *schema, const json *value, struct fieldset **ret,
                      struct error **err);

struct typed_diff {
    struct fieldset *added, *modified, *removed;
};
void typed_diff_init(struct typed_diff *d);
void typed_diff_release(struct typed_diff *d);
bool typed_diff_is_empty(const struct typed_diff *d);
void typed_compare(const struct schema *schema, const json *before, const json *after,
                   struct typed_diff *ret);

/* live with config laid over it; both borrowed, objects. */
json *typed_give_merged(const struct schema *schema, const json *live, const json *config);
/* value without the members of gone. */
json *typed_give_without(const struct schema *schema, const json *value,
                         const struct fieldset *gone);

/* The path element of an item of a list that is compared item by item; owned by the caller. NULL:
 * a key is missing. */
char *typed_give_element(const struct schema *list, const json *item);

#endif
