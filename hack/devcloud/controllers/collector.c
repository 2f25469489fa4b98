/*
 * The garbage collector: objects whose owners are gone follow them, and owners that are deleted in the foreground wait for
 * what belongs to them.
 *
 * Each kind that the server has is watched (metadata alone), and its objects are indexed by their owners' uids. An index may
 * lag behind: so whoever would be deleted because an owner is not found has the API server asked for that owner first.
 * Nothing gets lost: a dependent that was seen before its owner went is found in the index when the owner goes; one that is
 * seen later is looked at when it is seen.
 */
#include <string.h>

#include "hack/devcloud/controllers/behaviours.h"
#include "hack/devcloud/controllers/garbage.h"
#include "hack/devcloud/controllers/owned.h"
#include "hack/devcloud/controllers/served.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/thread.h"

#define KINDS_KEY "kinds" /* look which kinds there are */
#define KINDS_PERIOD_MS 30000
#define BY_OWNER "owner"

struct collector;
struct collector_kind {
    struct informer_handler handler;
    struct collector *owner;
    const struct gvr *gvr;
    struct informer *informer;
    struct collector_kind *next; /* never removed: a kind that went may come back */
};

struct collector {
    struct source source;
    struct control *c;
    struct workqueue *queue;
    pthread_mutex_t mu; /* over the list's head: read by handlers, grown by the worker */
    struct collector_kind *kinds;
};

static struct collector_kind *first_kind(struct collector *g)
{
    pthread_mutex_lock(&g->mu);
    struct collector_kind *k = g->kinds;
    pthread_mutex_unlock(&g->mu);
    return k;
}

/* ---- keys: "GROUP|RESOURCE|NAMESPACE|NAME" ---- */

static void enqueue(struct collector *g, const struct gvr *gvr, const char *nspace,
                    const char *name)
{
    cleanup_free char *key = xasprintf("%s|%s|%s|%s", gvr->group, gvr->resource, nspace, name);
    workqueue_add(g->queue, key);
}

static void enqueue_object(void *arg, struct kube_object *o)
{
    struct collector_kind *k = arg;
    enqueue(k->owner, k->gvr, kube_object_namespace(o), kube_object_name(o));
}

static void enqueue_dependents(struct collector *g, const char *uid)
{
    for (struct collector_kind *k = first_kind(g); k; k = k->next)
        informer_each_indexed(k->informer, BY_OWNER, uid, enqueue_object, k);
}

/* Owners that wait for an object that went. */
static void enqueue_owners(struct collector *g, const json *object)
{
    const json *list = json_path(object, "metadata.ownerReferences");
    for (size_t i = 0; i < json_len(list); i++) {
        const json *ref = json_at(list, i);
        const char *version = json_path_str(ref, "apiVersion"), *kind = json_path_str(ref, "kind");
        const struct gvr *gvr = version && kind ? served_find(g->c->served, version, kind) : NULL;
        const char *nspace = json_path_str(object, "metadata.namespace");
        if (gvr && json_path_str(ref, "name"))
            enqueue(g, gvr, gvr->namespaced && nspace ? nspace : "", json_path_str(ref, "name"));
    }
}

/* ---- events ---- */

static void index_owners(const struct kube_object *o, index_emit_fn emit, void *emit_arg)
{
    size_t len;
    const char *bytes = kube_object_bytes(o, &len);
    if (!memmem(bytes, len, "\"ownerReferences\"", strlen("\"ownerReferences\"")))
        return;
    cleanup_json json *tree = kube_object_give_json(o);
    const json *list = json_path(tree, "metadata.ownerReferences");
    for (size_t i = 0; i < json_len(list); i++)
        if (json_path_str(json_at(list, i), "uid"))
            emit(emit_arg, json_path_str(json_at(list, i), "uid"));
}

static void on_event(struct informer_handler *h, const struct informer_event *e)
{
    struct collector_kind *k = container_of(h, struct collector_kind, handler);
    struct kube_object *o = e->new_obj ? e->new_obj : e->old_obj;
    size_t len;
    const char *bytes = kube_object_bytes(o, &len);
    bool owned = memmem(bytes, len, "\"ownerReferences\"", strlen("\"ownerReferences\"")) != NULL;
    if (e->type != INFORMER_DELETE) {
        if (owned || kube_object_is_deleting(o))
            enqueue_object(k, o);
        return;
    }
    enqueue_dependents(k->owner, kube_object_uid(o));
    cleanup_json json *tree = owned ? kube_object_give_json(o) : NULL;
    enqueue_owners(k->owner, tree);
}

/* ---- kinds ---- */

static bool is_known(struct collector *g, const struct gvr *gvr)
{
    for (struct collector_kind *k = first_kind(g); k; k = k->next)
        if (gvr_same(k->gvr, gvr))
            return true;
    return false;
}

static void watch_kind(struct collector *g, const struct gvr *gvr)
{
    struct collector_kind *k = xnew(struct collector_kind);
    struct informer_config cfg = { .gvr = gvr, .projection = PROJECT_METADATA, .optional = true };
    k->owner = g;
    k->gvr = gvr;
    k->handler.on_event = on_event;
    k->informer = kube_cache_informer(g->c->cache, &cfg);
    informer_add_index(k->informer, BY_OWNER, index_owners);
    pthread_mutex_lock(&g->mu);
    k->next = g->kinds;
    g->kinds = k;
    pthread_mutex_unlock(&g->mu);
    informer_add_handler(k->informer, &k->handler);
}

/* Events belong to nobody and are many. */
static bool is_collected(const struct control *c, const char *resource)
{
    if (!c->garbage)
        return !str_eq(resource, "events");
    for (const char *const *name = c->garbage; *name; name++)
        if (str_eq(*name, resource))
            return true;
    return false;
}

static int look_for_kinds(struct collector *g, const struct opctx *ctx, struct error **err)
{
    static const char *const verbs[] = { "list", "watch", "delete", "patch", NULL };
    cleanup_served_list struct served_list kinds = { NULL, 0 };
    if (served_give_list(g->c->served, ctx, verbs, &kinds, err) < 0)
        return -1;
    for (size_t i = 0; i < kinds.len; i++)
        if (is_collected(g->c, kinds.v[i]->resource) && !is_known(g, kinds.v[i]))
            watch_kind(g, kinds.v[i]);
    return 0;
}

static struct collector_kind *find_kind(struct collector *g, const char *group,
                                        const char *resource)
{
    for (struct collector_kind *k = first_kind(g); k; k = k->next)
        if (str_eq(k->gvr->group, group) && str_eq(k->gvr->resource, resource))
            return k;
    return NULL;
}

/* ---- owners ---- */

static enum owner_state state_of(const json *owner, const json *ref)
{
    if (!owner || !str_eq(json_path_str(owner, "metadata.uid"), json_path_str(ref, "uid")))
        return OWNER_ABSENT;
    bool waits = owned_is_deleting(owner) && garbage_has_finalizer(owner, FINALIZER_FOREGROUND) &&
                 json_path_bool(ref, "blockOwnerDeletion", false);
    return waits ? OWNER_WAITING : OWNER_SOLID;
}

/* As the watches know it; what they do not find is asked for. An owner of a kind that is unknown here counts as there. */
static int ask_owner(struct collector *g, const struct opctx *ctx, const json *ref,
                     const char *nspace, enum owner_state *ret, struct error **err)
{
    const char *version = json_path_str(ref, "apiVersion"), *kind = json_path_str(ref, "kind");
    const char *name = json_path_str(ref, "name");
    const struct gvr *gvr = version && kind ? served_find(g->c->served, version, kind) : NULL;
    struct collector_kind *k = gvr ? find_kind(g, gvr->group, gvr->resource) : NULL;
    *ret = OWNER_SOLID;
    if (!k || !name || (gvr->namespaced && !*nspace))
        return 0;
    const char *of = gvr->namespaced ? nspace : NULL;
    cleanup_kube_object struct kube_object *cached = informer_get(k->informer, of, name);
    cleanup_json json *live = cached ? kube_object_give_json(cached) : NULL;
    *ret = state_of(live, ref);
    if (*ret != OWNER_ABSENT)
        return 0;
    json_free(take(live));
    if (owned_find(g->c, ctx, gvr, of, name, &live, err) < 0)
        return error_wrap(err, "asking for the owner %s %s", kind, name);
    *ret = state_of(live, ref);
    return 0;
}

/* ---- dependents ---- */

struct dependents {
    const char *uid; /* of the owner */
    json *list;      /* of {group, resource, nspace, name, blocks, waits} */
    struct collector_kind *kind;
};

static void add_dependent(void *arg, struct kube_object *o)
{
    struct dependents *d = arg;
    cleanup_json json *tree = kube_object_give_json(o);
    const json *refs = json_path(tree, "metadata.ownerReferences");
    bool blocks = false;
    for (size_t i = 0; i < json_len(refs); i++)
        blocks |= str_eq(json_path_str(json_at(refs, i), "uid"), d->uid) &&
                  json_path_bool(json_at(refs, i), "blockOwnerDeletion", false);
    json_append(d->list, json_make("{'group':%s,'resource':%s,'nspace':%s,'name':%s,'blocks':%b}",
                                   d->kind->gvr->group, d->kind->gvr->resource,
                                   kube_object_namespace(o), kube_object_name(o), blocks));
}

static json *give_dependents(struct collector *g, const char *uid)
{
    struct dependents d = { .uid = uid, .list = json_new_array() };
    for (d.kind = first_kind(g); d.kind; d.kind = d.kind->next)
        informer_each_indexed(d.kind->informer, BY_OWNER, uid, add_dependent, &d);
    return d.list;
}

/* A lost race ends well: the newer state comes as an event of its own. */
static int patch_meta(struct collector *g, const struct opctx *ctx, const struct gvr *gvr,
                      const json *object, const char *field, json *value, struct error **err)
{
    cleanup_json json *patch = json_make(
        "{'metadata':{'uid':%s,'resourceVersion':%s,%s:%j}}", json_path_str(object, "metadata.uid"),
        json_path_str(object, "metadata.resourceVersion"), field, value);
    struct error *e = NULL;
    if (kube_patch(g->c->kube, ctx,
                   KUBE_REF(gvr, json_path_str(object, "metadata.namespace"),
                            json_path_str(object, "metadata.name")),
                   KUBE_PATCH_MERGE, patch, NULL, NULL, &e) == 0)
        return 0;
    if (!error_is(e, ERR_NOT_FOUND))
        return error_move(err, &e);
    error_free(e);
    return 0;
}

static int release_dependent(struct collector *g, const struct opctx *ctx, const json *entry,
                             const char *uid, struct error **err)
{
    struct collector_kind *k =
        find_kind(g, json_path_str(entry, "group"), json_path_str(entry, "resource"));
    const char *nspace = json_path_str(entry, "nspace");
    cleanup_json json *live = NULL;
    if (owned_find(g->c, ctx, k->gvr, *nspace ? nspace : NULL, json_path_str(entry, "name"), &live,
                   err) < 0)
        return -1;
    if (!live)
        return 0;
    const json *refs = json_path(live, "metadata.ownerReferences");
    cleanup_free bool *keep = xcalloc(json_len(refs) + 1, sizeof(*keep));
    for (size_t i = 0; i < json_len(refs); i++)
        keep[i] = !str_eq(json_path_str(json_at(refs, i), "uid"), uid);
    return patch_meta(g, ctx, k->gvr, live, "ownerReferences", garbage_give_references(live, keep),
                      err);
}

/* ---- one object ---- */

static int orphan_dependents(struct collector *g, const struct opctx *ctx, const struct gvr *gvr,
                             const json *owner, struct error **err)
{
    const char *uid = json_path_str(owner, "metadata.uid");
    cleanup_json json *dependents = give_dependents(g, uid);
    for (size_t i = 0; i < json_len(dependents); i++)
        if (release_dependent(g, ctx, json_at(dependents, i), uid, err) < 0)
            return error_wrap(err, "releasing a dependent");
    return patch_meta(g, ctx, gvr, owner, "finalizers",
                      garbage_give_finalizers(owner, FINALIZER_ORPHAN), err);
}

static int delete_dependents(struct collector *g, const struct opctx *ctx, const struct gvr *gvr,
                             const json *owner, struct error **err)
{
    cleanup_json json *dependents = give_dependents(g, json_path_str(owner, "metadata.uid"));
    bool blocked = false;
    for (size_t i = 0; i < json_len(dependents); i++) {
        const json *d = json_at(dependents, i);
        struct collector_kind *k =
            find_kind(g, json_path_str(d, "group"), json_path_str(d, "resource"));
        blocked |= json_path_bool(d, "blocks", false);
        enqueue(g, k->gvr, json_path_str(d, "nspace"), json_path_str(d, "name"));
    }
    return blocked ? 0
                   : patch_meta(g, ctx, gvr, owner, "finalizers",
                                garbage_give_finalizers(owner, FINALIZER_FOREGROUND), err);
}

static int carry_out(struct collector *g, const struct opctx *ctx, const struct gvr *gvr,
                     const json *object, enum verdict verdict, const enum owner_state *owners,
                     struct error **err)
{
    size_t len = json_len(json_path(object, "metadata.ownerReferences"));
    if (verdict == VERDICT_KEEP)
        return 0;
    if (verdict == VERDICT_TRIM) {
        cleanup_free bool *keep = xcalloc(len + 1, sizeof(*keep));
        for (size_t i = 0; i < len; i++)
            keep[i] = owners[i] == OWNER_SOLID;
        return patch_meta(g, ctx, gvr, object, "ownerReferences",
                          garbage_give_references(object, keep), err);
    }
    struct kube_delete_options opt = KUBE_DELETE_DEFAULTS;
    struct error *e = NULL;
    opt.propagation = verdict == VERDICT_FOREGROUND ? "Foreground" : garbage_policy(object);
    opt.uid = json_path_str(object, "metadata.uid");
    opt.resource_version = json_path_str(object, "metadata.resourceVersion");
    if (kube_delete(g->c->kube, ctx,
                    KUBE_REF(gvr, json_path_str(object, "metadata.namespace"),
                             json_path_str(object, "metadata.name")),
                    &opt, &e) == 0)
        return 0;
    if (!error_is(e, ERR_NOT_FOUND))
        return error_move(err, &e);
    error_free(e);
    return 0;
}

static int judge(struct collector *g, const struct opctx *ctx, const struct gvr *gvr,
                 const json *object, struct error **err)
{
    const json *refs = json_path(object, "metadata.ownerReferences");
    const char *nspace = json_path_str(object, "metadata.namespace");
    size_t len = json_len(refs);
    cleanup_free enum owner_state *owners = xcalloc(len + 1, sizeof(*owners));
    for (size_t i = 0; i < len; i++)
        if (ask_owner(g, ctx, json_at(refs, i), nspace ? nspace : "", &owners[i], err) < 0)
            return -1;
    cleanup_json json *dependents = give_dependents(g, json_path_str(object, "metadata.uid"));
    return carry_out(g, ctx, gvr, object, garbage_judge(owners, len, json_len(dependents) > 0),
                     owners, err);
}

static int sync_object(struct collector *g, const struct opctx *ctx, const char *key,
                       struct error **err)
{
    cleanup_strv struct strv part = STRV_INIT;
    cleanup_json json *live = NULL;
    strv_split(&part, key, "|", true);
    struct collector_kind *k = part.len == 4 ? find_kind(g, part.v[0], part.v[1]) : NULL;
    if (!k)
        return 0;
    const char *nspace = *part.v[2] ? part.v[2] : NULL;
    if (owned_find(g->c, ctx, k->gvr, nspace, part.v[3], &live, err) < 0)
        return -1;
    if (!live)
        return 0;
    if (!owned_is_deleting(live))
        return judge(g, ctx, k->gvr, live, err);
    if (garbage_has_finalizer(live, FINALIZER_ORPHAN))
        return orphan_dependents(g, ctx, k->gvr, live, err);
    if (garbage_has_finalizer(live, FINALIZER_FOREGROUND))
        return delete_dependents(g, ctx, k->gvr, live, err);
    return 0;
}

/* ---- the source ---- */

static struct collector *of_source(struct source *s)
{
    return container_of(s, struct collector, source);
}

static int start(struct source *s, struct workqueue *q, const struct opctx *ctx, struct error **err)
{
    (void)ctx;
    (void)err;
    of_source(s)->queue = q;
    workqueue_add_every(q, KINDS_KEY, KINDS_PERIOD_MS);
    return 0;
}

static bool has_synced(struct source *s)
{
    (void)s;
    return true; /* owners are asked for before anything is deleted */
}

static void stop(struct source *s)
{
    for (struct collector_kind *k = first_kind(of_source(s)); k; k = k->next)
        informer_remove_handler(k->informer, &k->handler);
}

static struct source *give_source(struct control *c)
{
    struct collector *g = xnew(struct collector);
    g->c = c;
    g->source =
        (struct source){ .name = "kinds", .start = start, .has_synced = has_synced, .stop = stop };
    mutex_init(&g->mu);
    return &g->source;
}

static void free_source(struct source *s)
{
    struct collector *g = of_source(s);
    while (g->kinds) {
        struct collector_kind *next = g->kinds->next;
        free(g->kinds);
        g->kinds = next;
    }
    pthread_mutex_destroy(&g->mu);
    free(g);
}

static int reconcile(struct control *c, struct source *source, const struct opctx *ctx,
                     const char *key, struct result *ret, struct error **err)
{
    struct collector *g = of_source(source);
    (void)c;
    (void)ret;
    return strchr(key, '|') ? sync_object(g, ctx, key, err) : look_for_kinds(g, ctx, err);
}

/* A definition that is established is a new kind. */
static const struct behaviour_watch watches[] = {
    { .gvr = &GVR_CUSTOMRESOURCEDEFINITIONS, .map = WATCH_FIXED },
};

const struct behaviour garbage_behaviour = {
    .name = "garbage-collector",
    .doc = "Deletes what belongs to objects that are gone, and holds owners that wait for it.",
    BEHAVIOUR_WATCHES(watches),
    .give_source = give_source,
    .free_source = free_source,
    .reconcile = reconcile,
};
