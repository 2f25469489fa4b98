#include "rp/syncsets/controllers/clustersync.h"

#include <stdlib.h>
#include <string.h>

#include "pkg/base/map.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/types/conditions.h"

static json *give_time(int64_t s)
{
    char text[TIME_TEXT_MAX];
    time_rfc3339(s * NS_PER_S, text);
    return json_new_str(text);
}

/* ---- entries ---- */

static const json *find_entry(const json *list, const char *name)
{
    for (size_t i = 0; i < json_len(list); i++)
        if (str_eq(json_path_str(json_at(list, i), "name"), name))
            return json_at(list, i);
    return NULL;
}

static void put_unless_empty(json *entry, const char *key, json *list)
{
    if (json_len(list))
        json_put(entry, key, list);
    else
        json_free(list);
}

static json *give_entry(const struct set_state *s, const json *old)
{
    size_t n;
    cleanup_free struct apply_object *tracked = workload_give_tracked(s, &n);
    json *e = json_make("{'name':%s,'observedGeneration':%ld,'result':%s}", s->name,
                        s->attempt.generation, s->attempt.failed ? "Failure" : "Success");
    put_unless_empty(e, "resourcesToDelete", apply_give_references(tracked, n));
    const json *blocked = s->blocked ? s->blocked : json_get(old, "deletionsBlocked");
    if (json_len(blocked))
        json_put(e, "deletionsBlocked", json_give_copy(blocked));
    if (s->attempt.failed && s->message)
        json_put(e, "failureMessage", json_new_str(s->message));
    if (s->first_success)
        json_put(e, "firstSuccessTime", give_time(s->first_success));
    return e;
}

static json *give_entries(const struct workload *w, bool is_selector, const json *old_list)
{
    json *list = json_new_array();
    for (size_t i = 0; i < w->len; i++) {
        const struct set_state *s = &w->sets[i];
        if (s->is_selector != is_selector || !s->attempt.is_known || s->is_finished)
            continue;
        const json *old = find_entry(old_list, s->name);
        cleanup_json json *before = old ? json_give_copy(old) : NULL;
        json *e = give_entry(s, old);
        json *since = json_get(before, "lastTransitionTime");
        cleanup_json json *kept = since ? json_ref(since) : NULL;
        (void)json_del(before, "lastTransitionTime");
        bool is_same = before && kept && json_equal(before, e);
        json_put(e, "lastTransitionTime", is_same ? take(kept) : give_time(w->now_s));
        json_append(list, e);
    }
    return list;
}

/* ---- conditions ---- */

static void name_failing(struct buf *b, const struct workload *w, bool is_selector, size_t *ret_n)
{
    cleanup_strv struct strv names = STRV_INIT;
    for (size_t i = 0; i < w->len; i++)
        if (w->sets[i].is_selector == is_selector && w->sets[i].attempt.is_known &&
            w->sets[i].attempt.failed && !w->sets[i].is_finished)
            strv_add(&names, w->sets[i].name);
    if (names.len == 0)
        return;
    strv_sort(&names);
    cleanup_free char *joined = strv_give_joined(&names, ", ");
    buf_addf(b, "%s%sSyncSet%s %s", *ret_n ? " and " : "", is_selector ? "Selector" : "",
             names.len > 1 ? "s" : "", joined);
    *ret_n += names.len;
}

static bool is_any_unknown(const struct workload *w)
{
    for (size_t i = 0; i < w->len; i++)
        if (w->sets[i].set && !w->sets[i].is_held && !w->sets[i].attempt.is_known)
            return true;
    return false;
}

static void put_failed(json *status, const struct workload *w)
{
    cleanup_buf struct buf b = BUF_INIT(BUF_UNBOUNDED);
    size_t n = 0;
    name_failing(&b, w, false, &n);
    name_failing(&b, w, true, &n);
    if (n == 0 && is_any_unknown(w)) /* ended early: it cannot be said yet */
        return;
    if (n)
        buf_addf(&b, " %s failing", n > 1 ? "are" : "is");
    api_condition_put(status, "Failed", n ? "True" : "False", n ? "Failure" : "Success",
                      n ? buf_str(&b) : "All SyncSets and SelectorSyncSets have been applied",
                      w->now_s * NS_PER_S);
}

struct owners {
    struct map *by_object; /* title -> struct strv of sets */
    const struct set_state *s;
};

static void free_strv(void *v)
{
    strv_release(v);
    free(v);
}

static bool note_owner(void *arg, const struct apply_object *o)
{
    struct owners *all = arg;
    if (!*o->name)
        return true;
    cleanup_free char *title = xasprintf("%s%s%s %s%s%s", o->kind, *o->group ? "." : "", o->group,
                                         o->nspace, *o->nspace ? "/" : "", o->name);
    struct strv *sets = map_get(all->by_object, title);
    if (!sets)
        map_set(all->by_object, title, sets = xnew(struct strv));
    cleanup_free char *set = xasprintf("%s %s", set_state_kind(all->s), all->s->name);
    strv_add_unique(sets, set);
    return true;
}

#define CONFLICTS_MAX 20 /* are named */

static void put_conflicts(json *status, const struct workload *w)
{
    cleanup_map struct map *by_object = map_new(free_strv);
    cleanup_strv struct strv lines = STRV_INIT;
    for (size_t i = 0; i < w->len; i++) {
        struct owners all = { by_object, &w->sets[i] };
        if (w->sets[i].plan)
            apply_plan_each(w->sets[i].plan, note_owner, &all);
    }
    for (struct map_iter it = { 0 }; map_next(by_object, &it);) {
        const struct strv *sets = it.value;
        if (sets->len < 2)
            continue;
        cleanup_free char *names = strv_give_joined(sets, ", ");
        strv_addf(&lines, "%s: %s", it.key, names);
    }
    if (lines.len == 0 && !api_condition_find(status, "ResourceConflicts"))
        return;
    strv_sort(&lines);
    size_t n = lines.len;
    while (lines.len > CONFLICTS_MAX) {
        lines.len--;
        free(take(lines.v[lines.len]));
    }
    cleanup_free char *joined = strv_give_joined(&lines, "; ");
    cleanup_free char *message = n > CONFLICTS_MAX
                                     ? xasprintf("%s; and %zu more", joined, n - CONFLICTS_MAX)
                                     : xstrdup(joined);
    api_condition_put(status, "ResourceConflicts", n ? "True" : "False",
                      n ? "ObjectInSeveralSets" : "NoConflicts", message, w->now_s * NS_PER_S);
}

static void put_paused(json *status, const struct clustersync *cs)
{
    if (!cs->is_paused && !api_condition_find(status, "Paused"))
        return;
    api_condition_put(status, "Paused", cs->is_paused ? "True" : "False",
                      cs->is_paused ? "AnnotationSet" : "NotPaused",
                      cs->is_paused ? "an annotation of the cluster pauses its sets" : "",
                      cs->w->now_s * NS_PER_S);
}

/* ---- the whole ---- */

/* Once, when every set has succeeded once: the latest of these times, or now when there is no set. */
static void put_first_success(json *status, struct clustersync *cs)
{
    const struct workload *w = cs->w;
    int64_t latest = 0;
    if (cs->was_complete || !json_path_str(w->cluster, "spec.installedTimestamp"))
        return;
    for (size_t i = 0; i < w->len; i++) {
        const struct set_state *s = &w->sets[i];
        if (!s->set)
            continue;
        if (!s->first_success)
            return;
        if (s->first_success > latest)
            latest = s->first_success;
    }
    cs->complete_s = latest ? latest : w->now_s;
    json_put(status, "firstSuccessTime", give_time(cs->complete_s));
}

void clustersync_edit(json *status, const json *object, void *arg)
{
    struct clustersync *cs = arg;
    cleanup_json json *before = json_give_copy(status);
    (void)object;
    cs->was_complete = json_get(status, "firstSuccessTime") != NULL;
    cs->complete_s = 0;
    put_paused(status, cs);
    if (cs->is_tried) {
        json *of_namespace = give_entries(cs->w, false, json_get(before, "syncSets"));
        json *global = give_entries(cs->w, true, json_get(before, "selectorSyncSets"));
        json_put(status, "syncSets", of_namespace);
        json_put(status, "selectorSyncSets", global);
        put_failed(status, cs->w);
        if (cs->is_rendered) {
            put_conflicts(status, cs->w);
            put_first_success(status, cs);
        }
    }
    if (!json_equal(before, status))
        json_put(status, "controlledBy", json_new_str(cs->controller));
}
