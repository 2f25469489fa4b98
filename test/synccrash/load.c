#include <stdlib.h>

#include "pkg/base/mem.h"
#include "rp/syncsets/types/conditions.h"
#include "test/synccrash/synccrash.h"

#define OBJECTS_MAX 6
#define PAUSE_MAX_MS 150

struct client {
    struct world *w;
    struct chance chance;
    size_t number;
    long long serial;
    size_t holder; /* of the object that moves */
};

static uint64_t below(struct client *c, uint64_t n)
{
    return rng_below(&c->chance.rng, n);
}

/* ---- sets ---- */

static json *give_object(struct client *c, const char *name)
{
    cleanup_free char *serial = xasprintf("%lld", c->serial);
    return json_make("{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':%s,'namespace':"
                     "'default'},'data':{'" SERIAL "':%s}}",
                     name, serial);
}

static void put(struct client *c, const char *plural, const char *name, json *spec)
{
    bool is_global = str_eq(plural, "selectorsyncsets");
    cleanup_json json *body = json_make("{'metadata':{'name':%s},'spec':%j}", name, spec);
    if (!is_global)
        json_put(json_get(body, "metadata"), "namespace", json_new_str(NSPACE));
    const struct ask ask = { "PUT", plural, is_global ? NULL : NSPACE, name, body, true, NULL };
    cleanup_json json *reply = world_ask(c->w, &c->chance, &ask);
    if (reply)
        wanted_tell(c->w->wanted, plural, name, body, reply);
}

static void drop(struct client *c, const char *plural, const char *name)
{
    const char *nspace = str_eq(plural, "selectorsyncsets") ? NULL : NSPACE;
    const struct ask ask = { "DELETE", plural, nspace, name, NULL, false, NULL };
    json_free(world_ask(c->w, &c->chance, &ask));
    wanted_tell(c->w->wanted, plural, name, NULL, NULL);
}

/* Names of some of the clusters, at least of one. */
static json *give_refs(struct client *c)
{
    json *refs = json_new_array();
    uint64_t which = below(c, (1 << CLUSTERS) - 1) + 1;
    for (unsigned i = 0; i < CLUSTERS; i++) {
        cleanup_free char *name = xasprintf("c%u", i);
        if (which & (1U << i))
            json_append(refs, json_make("{'name':%s}", name));
    }
    return refs;
}

static json *give_all_refs(void)
{
    return json_make("[{'name':'c0'},{'name':'c1'},{'name':'c2'},{'name':'c3'}]");
}

/* Some of the objects of that name, in an order of the day. */
static json *give_objects(struct client *c, const char *name)
{
    json *list = json_new_array();
    size_t from = below(c, OBJECTS_MAX);
    for (size_t i = 0; i < OBJECTS_MAX; i++) {
        cleanup_free char *one = xasprintf("%s-%zu", name, (from + i) % OBJECTS_MAX);
        if (!chance_one_in(&c->chance, 3))
            json_append(list, give_object(c, one));
    }
    return list;
}

/* ---- what clients do ---- */

/* A set that comes and goes, its objects and clusters, too. */
static void change_set(struct client *c)
{
    static const char *const behaviors[] = { "Apply", "CreateOrUpdate", "ServerSideApply" };
    const char *name = c->number == 0 ? "one" : "two";
    if (chance_one_in(&c->chance, 8)) {
        drop(c, "syncsets", name);
        return;
    }
    put(c, "syncsets", name,
        json_make("{'clusterDeploymentRefs':%j,'resourceApplyMode':'Sync','applyBehavior':%s,"
                  "'resources':%j}",
                  give_refs(c), behaviors[c->number == 0 ? 0 : below(c, ARRAY_LEN(behaviors))],
                  give_objects(c, name)));
}

static void change_selector(struct client *c)
{
    json *objects = give_objects(c, "gold");
    for (size_t i = 0; i < json_len(objects); i++)
        json_put(json_get(json_at(objects, i), "data"), "tier",
                 json_new_str("{{ fromCDLabel \"tier\" }}"));
    put(c, "selectorsyncsets", "gold",
        json_make("{'clusterDeploymentSelector':{'matchLabels':{'tier':'gold'}},"
                  "'resourceApplyMode':'Sync','enableResourceTemplates':true,'resources':%j}",
                  objects));
}

/* Who was harmed at work on a cluster five times in a row has it set aside for an hour. */
static void lift(struct world *w, struct chance *chance, size_t cluster)
{
    cleanup_free char *name = xasprintf("c%zu", cluster);
    const struct ask look = { "GET", "clusters", NSPACE, name, NULL, false, NULL };
    const struct ask again = { "POST", "clusters", NSPACE, name, NULL, false, "requeue" };
    cleanup_json json *found = world_ask(w, chance, &look);
    if (!api_condition_is(json_get(found, "status"), "Quarantined", "True"))
        return;
    json_free(world_ask(w, chance, &again));
    atomic_fetch_add(&w->lifted, 1);
}

static void change_label(struct client *c)
{
    static const char *const tiers[] = { "gold", "silver" };
    size_t cluster = below(c, CLUSTERS);
    cleanup_free char *name = xasprintf("c%zu", cluster);
    cleanup_json json *labels = json_make("{'tier':%s}", tiers[below(c, ARRAY_LEN(tiers))]);
    cleanup_json json *body = json_make("{'labels':%j}", json_ref(labels));
    cleanup_json json *patch = json_make("{'metadata':{'labels':%j}}", json_ref(labels));
    const struct ask ask = { "PATCH", "clusters", NSPACE, name, patch, false, NULL };
    lift(c->w, &c->chance, cluster);
    cleanup_json json *reply = world_ask(c->w, &c->chance, &ask);
    if (reply)
        wanted_tell(c->w->wanted, "clusters", name, body, reply);
}

static const struct {
    const char *plural, *name;
} holders[] = { { "syncsets", "mover-a" },
                { "syncsets", "mover-b" },
                { "selectorsyncsets", "mover-c" } };

static void hold(struct client *c, size_t holder)
{
    json *spec =
        json_make("{'resourceApplyMode':'Sync','resources':[%j]}", give_object(c, KEPT "moved"));
    if (str_eq(holders[holder].plural, "syncsets"))
        json_put(spec, "clusterDeploymentRefs", give_all_refs());
    else
        json_put(spec, "clusterDeploymentSelector", json_new_object());
    put(c, holders[holder].plural, holders[holder].name, spec);
}

/* An object goes from set to set: the next one has it before the last one leaves it. */
static void move(struct client *c)
{
    size_t last = c->holder;
    c->holder = (last + 1 + below(c, ARRAY_LEN(holders) - 1)) % ARRAY_LEN(holders);
    c->serial--; /* both say the same */
    hold(c, c->holder);
    c->serial++;
    if (c->holder != last)
        drop(c, holders[last].plural, holders[last].name);
    hold(c, c->holder);
}

/* Each time other objects, of names that never come again: one that was made and then forgotten stays to the end. The set is the first
 * to be applied, so that most of the work on a cluster, which may be broken off, is behind it. */
static void change_names(struct client *c)
{
    cleanup_free char *one = xasprintf(BRIEF "-%lld-a", c->serial);
    cleanup_free char *other = xasprintf(BRIEF "-%lld-b", c->serial);
    put(c, "syncsets", BRIEF,
        json_make("{'clusterDeploymentRefs':%j,'resourceApplyMode':'Sync','order':-1,"
                  "'resources':[%j,%j]}",
                  give_all_refs(), give_object(c, one), give_object(c, other)));
}

/* A foreign object is patched, and one in mode Upsert is changed. */
static void change_patch(struct client *c)
{
    cleanup_free char *patch = xasprintf("{\"data\":{\"" SERIAL "\":\"%lld\"}}", c->serial);
    put(c, "syncsets", "patcher",
        json_make("{'clusterDeploymentRefs':%j,'resources':[%j],'patches':[{'apiVersion':'v1',"
                  "'kind':'ConfigMap','name':'foreign','namespace':'default','patchType':'merge',"
                  "'patch':%s}]}",
                  give_all_refs(), give_object(c, KEPT "patched"), patch));
}

/* The next change comes once this one has reached some clusters, or all. */
static void roll_out(struct client *c)
{
    json *objects = json_new_array();
    for (size_t i = 0; i < RING_OBJECTS; i++) {
        cleanup_free char *name = xasprintf(RING "-%zu", i);
        json_append(objects, give_object(c, name));
    }
    rollout_ask(c->w->rollout, c->serial);
    put(c, "selectorsyncsets", RING,
        json_make("{'clusterDeploymentSelector':{},'resourceApplyMode':'Sync','rollout':{"
                  "'canarySelector':{'matchLabels':{'" RING_LABEL "':'first'}},"
                  "'maxConcurrentClusters':%ld},'resources':%j}",
                  (int64_t)RING_MAX, objects));
    size_t enough = 1 + below(c, CLUSTERS);
    while (atomic_load(&c->w->more) && rollout_reached(c->w->rollout, c->serial) < enough)
        world_pause(c->w);
}

/* ---- the whole ---- */

void load_register(struct world *w)
{
    struct client c = { .w = w };
    chance_init(&c.chance, w->seed, 3000);
    for (size_t i = 0; i < CLUSTERS; i++) {
        cleanup_free char *name = xasprintf("c%zu", i);
        cleanup_json json *body =
            json_make("{'metadata':{'name':%s,'namespace':'" NSPACE "','labels':{'tier':'silver',"
                      "'" RING_LABEL "':%s}},'spec':{'kubeconfig':%s}}",
                      name, i == RING_CANARY ? "first" : "second", fleet_kubeconfig(w->fleet, i));
        cleanup_json json *labels = json_make("{'labels':{'tier':'silver'}}");
        const struct ask ask = { "PUT", "clusters", NSPACE, name, body, true, NULL };
        cleanup_json json *reply = world_ask(w, &c.chance, &ask);
        fleet_make(w->fleet, i, "foreign");
        if (reply)
            wanted_tell(w->wanted, "clusters", name, labels, reply);
    }
}

void load_lift_all(struct world *w)
{
    struct chance chance;
    chance_init(&chance, w->seed, 8000);
    for (size_t i = 0; i < CLUSTERS; i++)
        lift(w, &chance, i);
}

void load_run(struct world *w, size_t number)
{
    static void (*const doings[LOAD_CLIENTS])(struct client *) = {
        change_set, change_set,   change_selector, change_label,
        move,       change_patch, change_names,    roll_out,
    };
    struct client c = { .w = w, .number = number };
    chance_init(&c.chance, w->seed, number);
    while (atomic_load(&w->more)) {
        c.serial++;
        doings[number](&c);
        (void)opctx_sleep_ms(w->ctx, (int64_t)below(&c, PAUSE_MAX_MS), NULL);
    }
}
