#include <string.h>

#include "hack/devcloud/cluster/cluster_impl.h"
#include "hack/devcloud/cluster/crd.h"
#include "hack/devcloud/cluster/meta.h"
#include "pkg/base/mem.h"

struct kinds *cluster_give_kinds(struct cluster *c)
{
    (void)pthread_mutex_lock(&c->mu);
    struct kinds *k = kinds_ref(c->kinds);
    (void)pthread_mutex_unlock(&c->mu);
    return k;
}

static void free_definitions(struct definition *v, size_t len)
{
    for (size_t i = 0; i < len; i++)
        crd_kinds_unref(v[i].kinds);
    free(v);
}

void cluster_free_kinds(struct cluster *c)
{
    free_definitions(c->definitions, c->definitions_len);
    kinds_unref(c->kinds);
}

static json *give_trees(const struct record_list *all)
{
    json *list = json_new_array();
    for (size_t i = 0; i < all->len; i++)
        json_append(list, record_give_tree(all->v[i]));
    return list;
}

/* Accepts names and establishes, in the state. */
static void settle(struct cluster *c, const struct record *r, const struct record_list *all,
                   struct definition *ret)
{
    char now[TIME_TEXT_MAX];
    cluster_now(c, now);
    cleanup_json json *crd = record_give_tree(r), *others = give_trees(all);
    cleanup_record struct record *after = NULL;
    bool changed = !meta_is_deleting(crd) && crd_settle(crd, others, now);
    if (changed) /* a lost race: the other writer reloads too */
        (void)state_put(c->state, CRD_COLLECTION, crd, r, &after, NULL);
    ret->revision = after ? after->revision : r->revision;
    ret->kinds = crd_give_kinds(crd, c->catalog);
}

static const struct definition *find_known(const struct cluster *c, const struct record *r)
{
    for (size_t i = 0; i < c->definitions_len; i++)
        if (c->definitions[i].revision == r->revision &&
            strcmp(c->definitions[i].kinds->name, r->name) == 0)
            return &c->definitions[i];
    return NULL;
}

void cluster_reload_kinds(struct cluster *c)
{
    (void)pthread_mutex_lock(&c->mu);
    cleanup_record_list struct record_list all = { 0 };
    (void)state_list(c->state, CRD_COLLECTION, NULL, 0, &all, NULL);
    struct definition *fresh = xcalloc(all.len + 1, sizeof(*fresh));
    struct crd_kinds **crds = xcalloc(all.len + 1, sizeof(*crds));
    for (size_t i = 0; i < all.len; i++) {
        const struct definition *known = find_known(c, all.v[i]);
        if (known)
            fresh[i] = (struct definition){ known->revision, crd_kinds_ref(known->kinds) };
        else
            settle(c, all.v[i], &all, &fresh[i]);
        crds[i] = fresh[i].kinds;
    }
    struct kinds *kinds = kinds_new(c->catalog, c->cfg.minor, crds, all.len);
    free(crds);
    cluster_free_kinds(c);
    c->kinds = kinds;
    c->definitions = fresh;
    c->definitions_len = all.len;
    (void)pthread_mutex_unlock(&c->mu);
}
