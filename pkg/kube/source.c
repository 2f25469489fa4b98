#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/kube/informer.h"
#include "pkg/kube/informer_impl.h"

struct kube_source {
    struct source base;
    struct informer_handler handler;
    struct informer *informer;
    enum watch_map map;
    char *owner_group, *owner_kind, *fixed_key;
    bool owner_namespaced;
    struct predicate *predicates;
    size_t predicates_len;
    char *name;
    struct workqueue *queue; /* NULL: not started */
    atomic_bool synced;
};

/* ---- events to keys ---- */

static char *give_key(const char *nspace, const char *name)
{
    return *nspace ? xasprintf("%s/%s", nspace, name) : xstrdup(name);
}

static char *give_owner_key(const struct kube_source *s, const struct kube_object *o)
{
    cleanup_free char *name = NULL;
    if (!kube_object_owner(o, s->owner_group, s->owner_kind, false, &name))
        return NULL;
    return give_key(s->owner_namespaced ? kube_object_namespace(o) : "", name);
}

/* NULL: the object concerns nobody. */
static char *give_key_of(const struct kube_source *s, const struct kube_object *o)
{
    if (!o)
        return NULL;
    switch (s->map) {
    case WATCH_SELF:
        return give_key(kube_object_namespace(o), kube_object_name(o));
    case WATCH_OWNER:
        return give_owner_key(s, o);
    case WATCH_NAMESPACE:
        return *kube_object_namespace(o) ? xstrdup(kube_object_namespace(o)) : NULL;
    case WATCH_FIXED:
        break;
    }
    return xstrdup(s->fixed_key);
}

static bool passes(const struct kube_source *s, const struct informer_event *e)
{
    for (size_t i = 0; i < s->predicates_len; i++) {
        if (!s->predicates[i].test(&s->predicates[i], e))
            return false;
    }
    return true;
}

/* What is there already, or did not change, waits behind what did. */
static int priority_of(const struct informer_event *e)
{
    bool unchanged =
        e->type == INFORMER_UPDATE && strcmp(kube_object_resource_version(e->old_obj),
                                             kube_object_resource_version(e->new_obj)) == 0;
    return e->initial || unchanged ? PRIORITY_LOW : PRIORITY_NORMAL;
}

static void on_event(struct informer_handler *h, const struct informer_event *e)
{
    struct kube_source *s = container_of(h, struct kube_source, handler);
    if (!passes(s, e))
        return;
    /* An owner that lost the object has to know, too. */
    cleanup_free char *old_key =
        e->new_obj && s->map != WATCH_OWNER ? NULL : give_key_of(s, e->old_obj);
    cleanup_free char *new_key = give_key_of(s, e->new_obj);
    int priority = priority_of(e);
    if (new_key)
        workqueue_add_priority(s->queue, new_key, priority);
    if (old_key && (!new_key || strcmp(old_key, new_key) != 0))
        workqueue_add_priority(s->queue, old_key, priority);
}

static void on_synced(struct informer_handler *h)
{
    struct kube_source *s = container_of(h, struct kube_source, handler);
    atomic_store(&s->synced, true);
}

/* ---- the source ---- */

static struct kube_source *of_source(struct source *s)
{
    return container_of(s, struct kube_source, base);
}

static int start(struct source *base, struct workqueue *q, const struct opctx *ctx,
                 struct error **err)
{
    struct kube_source *s = of_source(base);
    (void)ctx;
    if (s->queue)
        return error_set(err, ERR_INTERNAL, "source %s: started twice", s->name);
    s->queue = q;
    informer_add_handler(s->informer, &s->handler);
    return 0;
}

static bool has_synced(struct source *base)
{
    return atomic_load(&of_source(base)->synced);
}

static void stop(struct source *base)
{
    struct kube_source *s = of_source(base);
    if (!s->queue)
        return;
    informer_remove_handler(s->informer, &s->handler);
    s->queue = NULL;
    atomic_store(&s->synced, false);
}

/* A kind that is not in the table is taken for a namespaced one, as most are. */
static bool is_namespaced(const char *group, const char *kind)
{
    static const struct gvr *const kinds[] = {
#define X(id, group_, version_, resource_, kind_, namespaced_) &GVR_##id,
        KUBE_KINDS(X)
#undef X
    };
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        if (strcmp(kinds[i]->group, group) == 0 && strcmp(kinds[i]->kind, kind) == 0)
            return kinds[i]->namespaced;
    }
    return true;
}

struct source *kube_source_new(const struct kube_source_config *cfg)
{
    struct kube_source *s = xnew(struct kube_source);
    s->informer = cfg->informer;
    s->map = cfg->map;
    s->owner_group = xstrdup(cfg->owner_group ? cfg->owner_group : "");
    s->owner_kind = xstrdup(cfg->owner_kind ? cfg->owner_kind : "");
    s->owner_namespaced = is_namespaced(s->owner_group, s->owner_kind);
    s->fixed_key = xstrdup(cfg->fixed_key ? cfg->fixed_key : "");
    s->predicates_len = cfg->predicates_len;
    if (cfg->predicates_len)
        s->predicates = xmemdup(cfg->predicates, cfg->predicates_len * sizeof(*cfg->predicates));
    s->name = xstrdup(cfg->informer->label);
    s->handler = (struct informer_handler){ .on_event = on_event,
                                            .on_synced = on_synced,
                                            .wants_resync = true };
    s->base = (struct source){ .name = s->name,
                               .start = start,
                               .has_synced = has_synced,
                               .stop = stop,
                               .optional = atomic_load(&cfg->informer->optional) };
    return &s->base;
}

void kube_source_free(struct source *base)
{
    if (!base)
        return;
    struct kube_source *s = of_source(base);
    stop(base);
    free(s->owner_group);
    free(s->owner_kind);
    free(s->fixed_key);
    free(s->predicates);
    free(s->name);
    free(s);
}
