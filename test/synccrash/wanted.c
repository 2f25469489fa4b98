/*
 * The model: what clients were told stands. From it follows what each cluster holds once all work is done. Values that begin
 * with "{{" are the cluster's label "tier".
 */
#include <inttypes.h>
#include <stdlib.h>

#include "pkg/base/mem.h"
#include "test/synccrash/synccrash.h"

struct wanted {
    pthread_mutex_t mu; /* guards the trees */
    json *standing;     /* {plural: {name: {"body", "uid", "generation"}}} */
    json *told;         /* see wanted_give_told */
};

struct wanted *wanted_new(void)
{
    struct wanted *m = xnew(struct wanted);
    mutex_init(&m->mu);
    m->standing = json_make("{'clusters':{},'syncsets':{},'selectorsyncsets':{}}");
    m->told = json_new_object();
    return m;
}

void wanted_free(struct wanted *m)
{
    json_free(m->standing);
    json_free(m->told);
    (void)pthread_mutex_destroy(&m->mu);
    free(m);
}

/* With the lock. */
static void note_told(struct wanted *m, const char *plural, const json *reply)
{
    const char *uid = json_path_str(reply, "metadata.uid");
    const char *revision = json_path_str(reply, "metadata.resourceVersion");
    if (!uid || !revision)
        return;
    if (!json_has(m->told, uid))
        json_put(m->told, uid, json_make("{'plural':%s,'revisions':{}}", plural));
    json_put(json_get(json_get(m->told, uid), "revisions"), revision, json_new_bool(true));
}

void wanted_tell(struct wanted *m, const char *plural, const char *name, const json *body,
                 const json *reply)
{
    (void)pthread_mutex_lock(&m->mu);
    json *all = json_get(m->standing, plural);
    if (body) {
        note_told(m, plural, reply);
        json_put(all, name,
                 json_make("{'body':%j,'uid':%s,'generation':%ld}", json_give_copy(body),
                           json_path_str(reply, "metadata.uid"),
                           json_path_int(reply, "metadata.generation", 0)));
    } else {
        const char *uid = json_path_str(json_get(all, name), "uid");
        if (uid && json_has(m->told, uid))
            json_put(json_get(m->told, uid), "gone", json_new_bool(true));
        (void)json_del(all, name);
    }
    (void)pthread_mutex_unlock(&m->mu);
}

json *wanted_give_told(struct wanted *m)
{
    (void)pthread_mutex_lock(&m->mu);
    json *copy = json_give_copy(m->told);
    (void)pthread_mutex_unlock(&m->mu);
    return copy;
}

/* ---- what follows ---- */

static bool refers(const json *spec, const char *cluster)
{
    const json *refs = json_get(spec, "clusterDeploymentRefs");
    for (size_t i = 0; i < json_len(refs); i++)
        if (str_eq(json_path_str(json_at(refs, i), "name"), cluster))
            return true;
    return false;
}

static bool selects(const json *spec, const json *labels)
{
    const json *selector = json_get(spec, "clusterDeploymentSelector");
    for (struct json_iter it = json_each(json_get(selector, "matchLabels")); json_next(&it);)
        if (!str_eq(json_str(it.value), json_str(json_get(labels, it.key))))
            return false;
    return selector != NULL;
}

static void add_data(json *state, const char *name, const json *data, const json *labels)
{
    if (!json_has(state, name))
        json_put(state, name, json_new_object());
    json *into = json_get(state, name);
    for (struct json_iter it = json_each(data); json_next(&it);) {
        const char *text = json_str(it.value);
        json_put(into, it.key,
                 json_new_str(str_starts(text, "{{") ? json_path_str(labels, "tier") : text));
    }
}

static void add_set(json *state, const json *spec, const json *labels)
{
    const json *resources = json_get(spec, "resources"), *patches = json_get(spec, "patches");
    for (size_t i = 0; i < json_len(resources); i++) {
        const json *r = json_at(resources, i);
        add_data(state, json_path_str(r, "metadata.name"), json_get(r, "data"), labels);
    }
    for (size_t i = 0; i < json_len(patches); i++) {
        const json *p = json_at(patches, i);
        cleanup_json json *patch = NULL;
        const char *text = json_path_str(p, "patch");
        if (json_parse_object(text, strlen(text), &patch, NULL) == 0)
            add_data(state, json_path_str(p, "name"), json_get(patch, "data"), labels);
    }
}

/* With the lock: {"state": {name: data}, "syncSets": {name: generation}, "selectorSyncSets": ...} */
static json *give_expected(const struct wanted *m, const char *cluster)
{
    static const struct {
        const char *plural, *list;
    } types[] = { { "syncsets", "syncSets" }, { "selectorsyncsets", "selectorSyncSets" } };
    const json *clusters = json_get(m->standing, "clusters");
    const json *labels = json_path(json_get(clusters, cluster), "body.labels");
    json *all = json_make("{'state':{'foreign':{}},'syncSets':{},'selectorSyncSets':{}}");
    for (size_t t = 0; t < ARRAY_LEN(types); t++)
        for (struct json_iter it = json_each(json_get(m->standing, types[t].plural));
             json_next(&it);) {
            const json *spec = json_path(it.value, "body.spec");
            if (t == 0 ? !refers(spec, cluster) : !selects(spec, labels))
                continue;
            add_set(json_get(all, "state"), spec, labels);
            json_put(json_get(all, types[t].list), it.key,
                     json_new_int(json_path_int(it.value, "generation", 0)));
        }
    return all;
}

/* ---- what is ---- */

static void compare_state(const json *expected, const json *found, const char *cluster,
                          struct strv *ret_wrong)
{
    for (struct json_iter it = json_each(expected); json_next(&it);) {
        if (json_has(found, it.key) && json_equal(it.value, json_get(found, it.key)))
            continue;
        cleanup_free char *want = json_give_sorted(it.value);
        cleanup_free char *have =
            json_has(found, it.key) ? json_give_sorted(json_get(found, it.key)) : xstrdup("absent");
        strv_addf(ret_wrong, "%s in %s: it must be %s, it is %s", it.key, cluster, want, have);
    }
    for (struct json_iter it = json_each(found); json_next(&it);)
        if (!json_has(expected, it.key))
            strv_addf(ret_wrong, "%s in %s: nobody wants it, and it is there", it.key, cluster);
}

static void compare_list(const json *expected, const json *status, const char *list,
                         const char *cluster, struct strv *ret_wrong)
{
    const json *sets = json_get(status, list);
    cleanup_json json *missing = json_give_copy(json_get(expected, list));
    for (size_t i = 0; i < json_len(sets); i++) {
        const json *s = json_at(sets, i);
        const char *name = json_path_str(s, "name");
        int64_t is = json_path_int(s, "observedGeneration", 0);
        int64_t want = json_path_int(json_get(expected, list), name, -1);
        (void)json_del(missing, name);
        if (want != is || !str_eq(json_path_str(s, "result"), "Success"))
            strv_addf(ret_wrong,
                      "the ClusterSync of %s: %s is at generation %" PRId64 " with %s, not %" PRId64
                      ": %s",
                      cluster, name, is, json_path_str(s, "result"), want,
                      json_path_str(s, "failureMessage") ? json_path_str(s, "failureMessage") : "");
    }
    for (struct json_iter it = json_each(missing); json_next(&it);)
        strv_addf(ret_wrong, "the ClusterSync of %s: %s is missing", cluster, it.key);
}

static bool is_done(const json *expected, const json *status, const char *set)
{
    const json *sets = json_get(status, "syncSets");
    for (size_t i = 0; i < json_len(sets); i++) {
        const json *s = json_at(sets, i);
        if (str_eq(json_path_str(s, "name"), set))
            return str_eq(json_path_str(s, "result"), "Success") &&
                   json_path_int(s, "observedGeneration", 0) ==
                       json_path_int(json_get(expected, "syncSets"), set, -1);
    }
    return false;
}

/* The set is there all the time, so that its generation tells which of its changes is done; the work that says so has deleted
 * what it made before, as far as anybody knows of that. */
static void find_forgotten(const json *expected, const json *found, const json *status,
                           const char *cluster, struct strv *ret_forgotten)
{
    if (!is_done(expected, status, BRIEF))
        return;
    for (struct json_iter it = json_each(found); json_next(&it);)
        if (str_starts(it.key, BRIEF "-") && !json_has(json_get(expected, "state"), it.key))
            strv_addf(ret_forgotten, "%s in %s: it was made and then forgotten", it.key, cluster);
}

void wanted_compare(struct world *w, struct strv *ret_wrong, struct strv *ret_forgotten)
{
    struct chance chance;
    chance_init(&chance, w->seed, 2000);
    for (size_t i = 0; i < CLUSTERS; i++) {
        cleanup_free char *cluster = xasprintf("c%zu", i);
        const struct ask ask = { "GET", "clustersyncs", NSPACE, cluster, NULL, false, NULL };
        cleanup_json json *sync = world_ask(w, &chance, &ask);
        cleanup_json json *found = fleet_give_state(w->fleet, i);
        (void)pthread_mutex_lock(&w->wanted->mu);
        cleanup_json json *expected = give_expected(w->wanted, cluster);
        (void)pthread_mutex_unlock(&w->wanted->mu);
        compare_state(json_get(expected, "state"), found, cluster, ret_wrong);
        compare_list(expected, json_get(sync, "status"), "syncSets", cluster, ret_wrong);
        compare_list(expected, json_get(sync, "status"), "selectorSyncSets", cluster, ret_wrong);
        find_forgotten(expected, found, json_get(sync, "status"), cluster, ret_forgotten);
    }
}
