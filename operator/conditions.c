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

bool condition_was_erased(const json *before, const json *now, const char *type)
{
    return condition_find(before, type) && !condition_find(now, type);
}

bool conditions_base_were_erased(const json *before, const json *now, const char *controller)
{
    for (size_t i = 0; i < ARRAY_LEN(known_suffixes); i++) {
        cleanup_free char *type = xasprintf("%s%s", controller, known_suffixes[i]);
        if (condition_was_erased(before, now, type))
            return true;
    }
    return false;
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

/* An edit of one condition, and what its Event will tell. */
struct turn {
    struct condition c;
    bool moved;    /* the status changed */
    bool appeared; /* and was not there before */
    json *cluster; /* identity for the Event; owned */
};

/* Before the edit: what it will change. An edit may be tried several times. */
static void turn_note(struct turn *t, const json *cluster)
{
    const json *before = condition_find(cluster, t->c.type);
    t->appeared = before == NULL;
    t->moved = !before || !text_same(before, "status", t->c.status);
    json_free(t->cluster);
    t->cluster = json_make("{'apiVersion':%s,'kind':%s,'metadata':{'name':%s,'uid':%s}}",
                           "aro.openshift.io/v1alpha1", "Cluster", CLUSTER_NAME,
                           json_path_str(cluster, "metadata.uid"));
}

/* An administrator looks at the Cluster's Events for what changed and when: a condition that turns, or starts out bad.
 * One that is unknown because somebody turned its check off is no reason to warn. */
static void turn_record(const struct turn *t, const struct services *sv, const char *good_status)
{
    bool good = str_eq(t->c.status, good_status);
    bool off = str_eq(t->c.status, STATUS_UNKNOWN) && !t->c.message;
    const char *message = t->c.message ? t->c.message : off ? "the check is turned off" : NULL;
    if (!sv->events || !t->moved || (t->appeared && (good || off)))
        return;
    event_record(sv->events, t->cluster, good || off ? "Normal" : "Warning", t->c.type,
                 "%s is %s%s%s", t->c.type, t->c.status, message ? ": " : "",
                 message ? message : "");
}

struct check_edit {
    const struct services *sv;
    struct turn turn;
};

static bool edit_check(json *cluster, void *arg)
{
    struct check_edit *e = arg;
    turn_note(&e->turn, cluster);
    bool changed = condition_put(cluster, &e->turn.c, clock_wall_ns(e->sv->clock));
    changed |= conditions_prune(cluster);
    if (e->sv->role == ROLE_MASTER &&
        !str_eq(json_path_str(cluster, "status.operatorVersion"), e->sv->version)) {
        json_put(json_get(cluster, "status"), "operatorVersion", json_new_str(e->sv->version));
        changed = true;
    }
    return changed;
}

int conditions_write_check(struct services *sv, const struct opctx *ctx, const struct condition *c,
                           struct error **err)
{
    struct check_edit e = { .sv = sv, .turn.c = *c };
    int rc = cluster_status_edit(sv, ctx, edit_check, &e, err);
    if (rc == 0)
        turn_record(&e.turn, sv, STATUS_TRUE);
    json_free(e.turn.cluster);
    return rc;
}

struct base_edit {
    const struct services *sv;
    const char *controller, *progressing;
    struct turn degraded;
};

static bool edit_base(json *cluster, void *arg)
{
    struct base_edit *e = arg;
    cleanup_free char *available = xasprintf("%sControllerAvailable", e->controller);
    cleanup_free char *progressing = xasprintf("%sControllerProgressing", e->controller);
    const struct condition rows[] = {
        { .type = available, .status = STATUS_TRUE },
        { .type = progressing,
          .status = e->progressing ? STATUS_TRUE : STATUS_FALSE,
          .message = e->progressing },
        e->degraded.c,
    };
    turn_note(&e->degraded, cluster);
    bool changed = false;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        changed |= condition_put(cluster, &rows[i], clock_wall_ns(e->sv->clock));
    return changed;
}

int conditions_write_base(struct services *sv, const struct opctx *ctx, const char *controller,
                          const char *progressing, const char *degraded, struct error **err)
{
    cleanup_free char *type = xasprintf("%sControllerDegraded", controller);
    struct base_edit e = { .sv = sv, .controller = controller, .progressing = progressing };
    e.degraded.c = (struct condition){ .type = type,
                                       .status = degraded ? STATUS_TRUE : STATUS_FALSE,
                                       .message = degraded };
    int rc = cluster_status_edit(sv, ctx, edit_base, &e, err);
    if (rc == 0)
        turn_record(&e.degraded, sv, STATUS_FALSE);
    json_free(e.degraded.cluster);
    return rc;
}
