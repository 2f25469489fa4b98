#include "hack/devcloud/boot/operators.h"

#include "hack/devcloud/boot/settings.h"
#include "pkg/base/clock.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

/* What becomes ready with something else than most: ingress needs workers, the console needs ingress. */
static const struct {
    const char *kind, *name, *stage;
    const char *operator; /* whose ClusterOperator's settings count */
    bool needs_workers;
} rows[] = {
    { "ClusterOperator", "ingress", "ingress", "ingress", true },
    { "IngressController", "default", "ingress", "ingress", true },
    { "ClusterOperator", "console", "console", "console", true },
    { "Console", "cluster", "console", "console", true },
    { "ClusterOperator", "authentication", "console", "authentication", true },
    { "ClusterOperator", "monitoring", "operators", "monitoring", true },
    { "ClusterOperator", "image-registry", "operators", "image-registry", true },
    { "ClusterVersion", "version", "console", "version", true },
    { "KubeAPIServer", "cluster", "operators", "kube-apiserver", false },
};

struct judgement {
    const char *operator; /* NULL: none */
    bool is_ready;
};

static struct judgement judge(const struct view *v, const json *object)
{
    const char *kind = json_path_str(object, "kind");
    const char *name = json_path_str(object, "metadata.name");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (str_eq(rows[i].kind, kind) && str_eq(rows[i].name, name))
            return (struct judgement){
                rows[i].operator,(v->has_workers || !rows[i].needs_workers) &&
                                     settings_is_due(v->settings, rows[i].stage, v->age_ms)
            };
    return (struct judgement){ str_eq(kind, "ClusterOperator") ? name : NULL,
                               settings_is_due(v->settings, "operators", v->age_ms) };
}

/* ---- conditions ---- */

static const json *find_condition(const json *conditions, const char *type)
{
    for (size_t i = 0; i < json_len(conditions); i++)
        if (str_eq(json_path_str(json_at(conditions, i), "type"), type))
            return json_at(conditions, i);
    return NULL;
}

json *operators_give_timed(json *want, const json *before, const char *now)
{
    for (size_t i = 0; i < json_len(want); i++) {
        json *c = json_at(want, i);
        const json *old = find_condition(before, json_path_str(c, "type"));
        bool is_same = old && str_eq(json_path_str(old, "status"), json_path_str(c, "status"));
        const char *since = is_same ? json_path_str(old, "lastTransitionTime") : NULL;
        json_put(c, "lastTransitionTime", json_new_str(since ? since : now));
    }
    for (size_t i = 0; i < json_len(before); i++)
        if (!find_condition(want, json_path_str(json_at(before, i), "type")))
            json_append(want, json_give_copy(json_at(before, i)));
    return want;
}

static void set(json *condition, const char *status, const char *reason, const char *message)
{
    json_put(condition, "status", json_new_str(status));
    json_put(condition, "reason", json_new_str(reason));
    json_put(condition, "message", json_new_str(message));
}

/* Before its time an operator works on it, and nothing is available. */
static void set_installing(json *conditions)
{
    for (size_t i = 0; i < json_len(conditions); i++) {
        json *c = json_at(conditions, i);
        const char *type = json_path_str(c, "type");
        if (str_eq(type, "Progressing"))
            set(c, "True", "Installing", "The installation goes on.");
        else if (str_ends(type, "Available"))
            set(c, "False", "Installing", "The installation goes on.");
    }
}

static void obey_settings(const struct view *v, const char *operator, json * conditions)
{
    for (size_t i = 0; operator&& i<json_len(conditions); i++) {
        json *c = json_at(conditions, i);
        const char *status = settings_condition(v->settings, operator, json_path_str(c, "type"));
        if (status)
            set(c, status, "Setting", "The simulation's settings say so.");
    }
}

/* ---- one object ---- */

/* What the owner of a cluster wants it to be updated to is there at once. */
static void add_update(json *status, const json *spec)
{
    json *history = json_get(status, "history"), *newest = json_at(history, 0);
    const char *version = json_path_str(spec, "desiredUpdate.version");
    const char *image = json_path_str(spec, "desiredUpdate.image");
    if (!newest || !version || !*version || str_eq(version, json_path_str(newest, "version")))
        return;
    json *update = json_give_copy(newest);
    json_put(update, "version", json_new_str(version));
    if (image && *image)
        json_put(update, "image", json_new_str(image));
    json_insert_at(history, 0, update);
    json *desired = json_get(status, "desired");
    if (!json_is_object(desired))
        return;
    json_put(desired, "version", json_ref(json_get(update, "version")));
    json_put(desired, "image", json_ref(json_get(update, "image")));
}

static const json *find_version(const json *history, const char *version)
{
    for (size_t i = 0; i < json_len(history); i++)
        if (str_eq(json_path_str(json_at(history, i), "version"), version))
            return json_at(history, i);
    return NULL;
}

/* Each update of a ClusterVersion is on its way until it is there, and then is for good. */
static void set_history(json *status, bool is_ready, const json *now_status, const char *now)
{
    json *history = json_get(status, "history");
    for (size_t i = 0; i < json_len(history); i++) {
        json *entry = json_at(history, i);
        const json *before =
            find_version(json_get(now_status, "history"), json_path_str(entry, "version"));
        const char *began = json_path_str(before, "startedTime");
        const char *ended = json_path_str(before, "completionTime");
        json_put(entry, "startedTime", json_new_str(began ? began : now));
        json_put(entry, "state", json_new_str(is_ready ? "Completed" : "Partial"));
        json_put(entry, "completionTime", is_ready ? json_new_str(ended ? ended : now) : NULL);
    }
}

static json *give_status(const struct view *v, const json *object, const json *live,
                         const char *now)
{
    struct judgement j = judge(v, object);
    json *status = json_give_copy(json_get(object, "status"));
    json *conditions = json_get(status, "conditions");
    int64_t generation = json_path_int(live, "metadata.generation", 0);
    if (json_has(status, "observedGeneration") && generation)
        json_put(status, "observedGeneration", json_new_int(generation));
    add_update(status, json_get(live, "spec"));
    set_history(status, j.is_ready, json_get(live, "status"), now);
    if (!conditions)
        return status;
    if (!j.is_ready)
        set_installing(conditions);
    obey_settings(v, j.operator, conditions);
    conditions =
        operators_give_timed(json_ref(conditions), json_path(live, "status.conditions"), now);
    json_put(status, "conditions", conditions);
    return status;
}

static int sync_one(struct view *v, const json *object, const char *now, struct error **err)
{
    cleanup_json json *live = NULL;
    if (apply_find(&v->api, object, &live, err) < 0)
        return -1;
    if (!live)
        return 0; /* somebody has deleted it */
    cleanup_json json *status = give_status(v, object, live, now);
    return apply_status_over(&v->api, live, status, err);
}

int operators_sync(struct view *v, const json *objects, int64_t wall_ns, struct error **err)
{
    char now[TIME_TEXT_MAX];
    time_rfc3339(wall_ns, now);
    for (size_t i = 0; i < json_len(objects); i++) {
        const json *object = json_at(objects, i);
        struct error *e = NULL;
        if (sync_one(v, object, now, &e) == 0)
            continue;
        if (!error_is(e, ERR_CONFLICT)) {
            error_move(err, &e);
            return error_wrap(err, "status of %s %s", json_path_str(object, "kind"),
                              json_path_str(object, "metadata.name"));
        }
        error_free(e);
    }
    return 0;
}
