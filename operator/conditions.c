#include "operator/conditions.h"

#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define X(id, type) const char COND_##id[] = type;
CHECK_CONDITIONS(X)
#undef X

static const char *const known_types[] = {
#define X(id, type) type,
    CHECK_CONDITIONS(X)
#undef X
    /* Nobody sets these here; newer and older resource providers do. */
    "ManagedUpgradeOperatorStatus",
    "GuardRailsStatus",
};
static const char *const known_suffixes[] = {
    "ControllerAvailable",
    "ControllerProgressing",
    "ControllerDegraded",
};

bool condition_is_known(const char *type)
{
    if (!type)
        return false;
    for (size_t i = 0; i < ARRAY_LEN(known_types); i++)
        if (str_eq(type, known_types[i]))
            return true;
    for (size_t i = 0; i < ARRAY_LEN(known_suffixes); i++)
        if (str_ends(type, known_suffixes[i]))
            return true;
    return false;
}

json *condition_find(const json *cluster, const char *type)
{
    json *list = json_path(cluster, "status.conditions");
    for (size_t i = 0; i < json_len(list); i++)
        if (str_eq(json_path_str(json_at(list, i), "type"), type))
            return json_at(list, i);
    return NULL;
}

/* A Cluster may come without status, and hostile status shapes are replaced: they carry nothing to
 * keep. */
static json *conditions_of(json *cluster)
{
    if (!json_is_object(json_get(cluster, "status")))
        json_put(cluster, "status", json_new_object());
    json *status = json_get(cluster, "status");
    if (!json_is_array(json_get(status, "conditions")))
        json_put(status, "conditions", json_new_array());
    return json_get(status, "conditions");
}

static bool text_same(const json *c, const char *key, const char *want)
{
    const char *have = json_str(json_get(c, key));
    return strcmp(have ? have : "", want ? want : "") == 0;
}

static void put_text(json *c, const char *key, const char *text)
{
    if (text && *text)
        json_put(c, key, json_new_str(text));
    else
        json_del(c, key);
}

bool condition_put(json *cluster, const struct condition *want, int64_t wall_ns)
{
    json *list = conditions_of(cluster);
    json *c = condition_find(cluster, want->type);
    if (!c) {
        json_append(list, json_make("{'type':%s}", want->type));
        c = json_at(list, json_len(list) - 1);
    }
    bool same_status = text_same(c, "status", want->status);
    if (same_status && text_same(c, "reason", want->reason) &&
        text_same(c, "message", want->message))
        return false;

    put_text(c, "status", want->status);
    put_text(c, "reason", want->reason);
    put_text(c, "message", want->message);
    if (!same_status || !json_str(json_get(c, "lastTransitionTime"))) {
        char now[TIME_TEXT_MAX];
        time_rfc3339(wall_ns, now);
        json_put(c, "lastTransitionTime", json_new_str(now));
    }
    return true;
}

bool conditions_prune(json *cluster)
{
    json *list = json_path(cluster, "status.conditions");
    bool changed = false;
    for (size_t i = json_len(list); i > 0; i--) {
        if (condition_is_known(json_path_str(json_at(list, i - 1), "type")))
            continue;
        json_remove_at(list, i - 1);
        changed = true;
    }
    return changed;
}

/* ---- writers ---- */

struct status_edit {
    struct services *sv;
    status_edit_fn edit;
    void *arg;
};

static int try_status_edit(void *arg, const struct opctx *ctx, int attempt, struct error **err)
{
    (void)attempt; /* every attempt reads live */
    const struct status_edit *e = arg;
    cleanup_json json *cluster = NULL;
    if (kube_get(e->sv->kube, ctx, KUBE_REF(&GVR_CLUSTERS, NULL, CLUSTER_NAME), &cluster, err) < 0)
        return -1;
    if (!e->edit(cluster, e->arg))
        return 0;
    return kube_update(e->sv->kube, ctx, KUBE_STATUS(&GVR_CLUSTERS, NULL, CLUSTER_NAME), cluster,
                       NULL, NULL, err);
}

int cluster_status_edit(struct services *sv, const struct opctx *ctx, status_edit_fn edit,
                        void *arg, struct error **err)
{
    struct status_edit e = { sv, edit, arg };
    if (kube_retry_on_conflict(ctx, try_status_edit, &e, err) < 0)
        return error_wrap(err, "writing the status of Cluster " CLUSTER_NAME);
    return 0;
}

struct check_edit {
    const struct services *sv;
    const struct condition *c;
    bool moved;    /* the status changed */
    bool appeared; /* and was not there before */
    json *cluster; /* identity for the Event; owned */
};

static bool edit_check(json *cluster, void *arg)
{
    struct check_edit *e = arg;
    json *before = condition_find(cluster, e->c->type);
    e->appeared = before == NULL;
    e->moved = !before || !text_same(before, "status", e->c->status);
    json_free(e->cluster);
    e->cluster = json_make("{'apiVersion':%s,'kind':%s,'metadata':{'name':%s,'uid':%s}}",
                           "aro.openshift.io/v1alpha1", "Cluster", CLUSTER_NAME,
                           json_path_str(cluster, "metadata.uid"));

    bool changed = condition_put(cluster, e->c, clock_wall_ns(e->sv->clock));
    changed |= conditions_prune(cluster);
    if (e->sv->role == ROLE_MASTER &&
        !str_eq(json_path_str(cluster, "status.operatorVersion"), e->sv->version)) {
        json_put(json_get(cluster, "status"), "operatorVersion", json_new_str(e->sv->version));
        changed = true;
    }
    return changed;
}

/* An administrator looks at the Cluster's Events for what changed and when: a check that turns, or
 * starts out bad. */
static void record_turn(const struct services *sv, const struct check_edit *e)
{
    bool good = str_eq(e->c->status, STATUS_TRUE);
    if (!sv->events || !e->moved || (e->appeared && good))
        return;
    event_record(sv->events, e->cluster, good ? "Normal" : "Warning", e->c->type, "%s is %s: %s",
                 e->c->type, e->c->status, e->c->message ? e->c->message : "");
}

int conditions_write_check(struct services *sv, const struct opctx *ctx, const struct condition *c,
                           struct error **err)
{
    struct check_edit e = { .sv = sv, .c = c };
    int rc = cluster_status_edit(sv, ctx, edit_check, &e, err);
    if (rc == 0)
        record_turn(sv, &e);
    json_free(e.cluster);
    return rc;
}

struct base_edit {
    const struct services *sv;
    const char *controller, *progressing, *degraded;
};

static bool edit_base(json *cluster, void *arg)
{
    const struct base_edit *e = arg;
    const struct {
        const char *suffix, *status, *message;
    } rows[] = {
        { "ControllerAvailable", STATUS_TRUE, NULL },
        { "ControllerProgressing", e->progressing ? STATUS_TRUE : STATUS_FALSE, e->progressing },
        { "ControllerDegraded", e->degraded ? STATUS_TRUE : STATUS_FALSE, e->degraded },
    };
    bool changed = false;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        cleanup_free char *type = xasprintf("%s%s", e->controller, rows[i].suffix);
        struct condition c = { .type = type, .status = rows[i].status, .message = rows[i].message };
        changed |= condition_put(cluster, &c, clock_wall_ns(e->sv->clock));
    }
    return changed;
}

int conditions_write_base(struct services *sv, const struct opctx *ctx, const char *controller,
                          const char *progressing, const char *degraded, struct error **err)
{
    struct base_edit e = { sv, controller, progressing, degraded };
    return cluster_status_edit(sv, ctx, edit_base, &e, err);
}
