#include "hack/devcloud/cluster/crd_cleanup.h"

#include <string.h>

#include "hack/devcloud/cluster/crd.h"
#include "hack/devcloud/cluster/meta.h"

void crd_cleanup_begin(struct cluster *c, json *crd)
{
    char now[TIME_TEXT_MAX];
    cluster_now(c, now);
    meta_add_finalizer(crd, CRD_FINALIZER);
    (void)crd_set_condition(crd, "Terminating", "True", "InstanceDeletionPending",
                            "CustomResourceDefinition marked for deletion; CustomResource deletion "
                            "will begin soon",
                            now);
}

/* Deletes one object, or marks it when finalizers hold it. */
static void drop(struct cluster *c, const struct record *r)
{
    cleanup_record struct record *after = NULL;
    cleanup_json json *tree = record_give_tree(r);
    char now[TIME_TEXT_MAX];
    if (!meta_finalizers_len(tree)) {
        (void)state_delete(c->state, r, &after, NULL);
        return;
    }
    if (meta_is_deleting(tree))
        return;
    cluster_now(c, now);
    json *m = json_get(tree, "metadata");
    json_put(m, "deletionTimestamp", json_new_str(now));
    json_put(m, "deletionGracePeriodSeconds", json_new_int(0));
    (void)state_put(c->state, r->collection, tree, r, &after, NULL);
}

static void finish(struct cluster *c, const struct record *r, json *crd)
{
    cleanup_record struct record *after = NULL;
    meta_remove_finalizer(crd, CRD_FINALIZER);
    if (meta_finalizers_len(crd))
        (void)state_put(c->state, CRD_COLLECTION, crd, r, &after, NULL);
    else
        (void)state_delete(c->state, r, &after, NULL);
    cluster_reload_kinds(c);
}

static void go_on(struct cluster *c, const struct record *r)
{
    cleanup_json json *crd = record_give_tree(r);
    if (!meta_is_deleting(crd) || !meta_has_finalizer(crd, CRD_FINALIZER))
        return;
    cleanup_free char *collection = crd_give_collection(crd);
    cleanup_record_list struct record_list all = { 0 };
    if (state_list(c->state, collection, NULL, 0, &all, NULL) < 0)
        return;
    for (size_t i = 0; i < all.len; i++)
        drop(c, all.v[i]);
    if (!state_count(c->state, collection))
        finish(c, r, crd);
}

void crd_cleanup_go_on(struct cluster *c, const struct resource *r)
{
    cleanup_record_list struct record_list all = { 0 };
    if (!r->custom && strcmp(r->collection, CRD_COLLECTION) != 0)
        return;
    if (state_list(c->state, CRD_COLLECTION, NULL, 0, &all, NULL) < 0)
        return;
    for (size_t i = 0; i < all.len; i++)
        go_on(c, all.v[i]);
}
