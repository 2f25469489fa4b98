#include "hack/devcloud/boot/rollout.h"

#include "hack/devcloud/boot/config_server.h"
#include "hack/devcloud/boot/credentials.h"
#include "hack/devcloud/boot/machines.h"
#include "hack/devcloud/boot/operators.h"
#include "hack/devcloud/boot/release.h"
#include "hack/devcloud/boot/router.h"
#include "hack/devcloud/boot/settings.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define FULL_TICKS 10 /* between looks at all operators when nothing has happened */
#define ROUNDS 3      /* a namespace may stand behind what is in it */

struct rollout {
    const struct clock *clock;
    const struct rng *rng;
    enum rollout_stage stage;
    json *own;      /* objects whose status the installer wrote */
    json *statuses; /* objects whose status operators write, when they are ready */
    json *watched;  /* those among them whose status follows the object */
    /* Of the last look at all of them: */
    json *settings;
    bool had_workers;
    unsigned ticks;
};

enum rollout_stage rollout_stage(const struct rollout *r)
{
    return r->stage;
}

const char *rollout_stage_text(enum rollout_stage s)
{
    static const char *const texts[] = {
        [ROLLOUT_STARTED] = "applying manifests",
        [ROLLOUT_APPLIED] = "all manifests are applied",
        [ROLLOUT_BOOTSTRAPPED] = "bootkube.service complete",
    };
    return texts[s];
}

struct rollout *rollout_new(const struct clock *clock, const struct rng *rng)
{
    struct rollout *r = xnew(struct rollout);
    r->clock = clock;
    r->rng = rng;
    r->own = json_new_array();
    r->statuses = json_new_array();
    r->watched = json_new_array();
    return r;
}

void rollout_free(struct rollout *r)
{
    if (!r)
        return;
    json_free(r->own);
    json_free(r->statuses);
    json_free(r->watched);
    json_free(r->settings);
    free(r);
}

/* ---- manifests ---- */

/* Who writes which status: what the installer brought with one is complete, the rest is the operators'. */
static void sort_statuses(struct rollout *r, const struct bootstrap *b, const json *all)
{
    json_free(r->own);
    json_free(r->statuses);
    json_free(r->watched);
    r->own = json_new_array();
    r->statuses = json_new_array();
    r->watched = json_new_array();
    for (size_t i = 0; i < json_len(all); i++) {
        const json *object = json_at(all, i);
        const json *manifest = i < json_len(b->manifests) ? json_at(b->manifests, i) : NULL;
        if (!json_get(object, "status"))
            continue;
        cleanup_json json *brief = json_make(
            "{'apiVersion':%s,'kind':%s,'metadata':{'name':%s,'namespace':%s},'status':%j}",
            json_path_str(object, "apiVersion"), json_path_str(object, "kind"),
            json_path_str(object, "metadata.name"), json_path_str(object, "metadata.namespace"),
            json_give_copy(json_get(object, "status")));
        json_append(manifest && json_get(manifest, "status") ? r->own : r->statuses,
                    json_ref(brief));
        if (json_path_has(object, "status.observedGeneration"))
            json_append(r->watched, json_ref(brief));
    }
}

static int apply_rounds(struct view *v, const json *objects, struct error **err)
{
    size_t left = 1;
    for (int i = 0; i < ROUNDS && left; i++) {
        error_clear(err);
        if (apply_objects(&v->api, objects, &left, err) < 0)
            discovery_forget(v->api.discovery);
    }
    return left ? -1 : 0;
}

static int apply_all(struct rollout *r, struct view *v, struct error **err)
{
    cleanup_json json *kinds = release_give_kinds();
    struct error *e = NULL;
    if (apply_rounds(v, kinds, &e) < 0)
        return error_move(err, &e);
    cleanup_json json *all = release_give_all(v->boot);
    if (apply_rounds(v, all, &e) < 0)
        return error_move(err, &e);
    sort_statuses(r, v->boot, all);
    for (size_t i = 0; i < json_len(r->own); i++)
        if (apply_status(&v->api, json_at(r->own, i), json_get(json_at(r->own, i), "status"), err) <
            0)
            return error_wrap(err, "status of %s", json_path_str(json_at(r->own, i), "kind"));
    r->stage = ROLLOUT_APPLIED;
    return 0;
}

/* ---- the end of the bootstrap ---- */

/* The control plane moves to the masters: there must be some. */
static int check_masters(const struct view *v, struct error **err)
{
    for (size_t i = 0; i < json_len(v->boot->manifests); i++) {
        const json *m = json_at(v->boot->manifests, i);
        const char *name = json_path_str(m, "metadata.name");
        if (!str_eq(json_path_str(m, "kind"), "Machine"))
            continue;
        cleanup_free char *id =
            xasprintf("%s/providers/Microsoft.Compute/virtualMachines/%s", v->group_id, name);
        if (v->cloud->look(v->cloud, id, NULL) != CLOUD_RUNS)
            return error_set(err, ERR_UNAVAILABLE, "waiting for machine %s", name);
        if (v->configs && config_server_boot(v->configs, v, id, "master", err) < 0)
            return -1;
    }
    return 0;
}

static int tell_complete(struct rollout *r, struct view *v, struct error **err)
{
    cleanup_json json *list = json_make(
        "[{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'bootstrap','namespace':"
        "'kube-system'},'data':{'status':'complete'}}]");
    size_t left;
    if (!settings_is_due(v->settings, "bootstrap", v->age_ms))
        return 0;
    if (check_masters(v, err) < 0 || apply_objects(&v->api, list, &left, err) < 0)
        return -1;
    r->stage = ROLLOUT_BOOTSTRAPPED;
    return 0;
}

/* ---- ticks ---- */

/* Which operators to look at: all now and then, and when something has happened that they depend on. */
static const json *choose_operators(struct rollout *r, const struct view *v)
{
    bool is_calm = r->ticks % FULL_TICKS != 0 && r->had_workers == v->has_workers &&
                   json_equal(r->settings, v->settings);
    r->ticks++;
    if (is_calm)
        return r->watched;
    json_free(r->settings);
    r->settings = json_give_copy(v->settings);
    r->had_workers = v->has_workers;
    return r->statuses;
}

/* All have their turn, whatever one of them says. */
static int operate(struct rollout *r, struct view *v, struct error **err)
{
    int64_t now = clock_wall_ns(r->clock);
    struct error *all = NULL, *e = NULL;
    if (machines_sync(v, r->rng, now, &e) < 0)
        error_join(&all, &e);
    if (credentials_sync(v, now, &e) < 0)
        error_join(&all, &e);
    if (router_sync(v, &e) < 0)
        error_join(&all, &e);
    if (operators_sync(v, choose_operators(r, v), now, &e) < 0)
        error_join(&all, &e);
    return all ? error_move(err, &all) : 0;
}

int rollout_tick(struct rollout *r, struct view *v, struct error **err)
{
    if (r->stage == ROLLOUT_STARTED && apply_all(r, v, err) < 0)
        return error_wrap(err, "applying manifests");
    if (r->stage == ROLLOUT_APPLIED && tell_complete(r, v, err) < 0)
        return -1;
    if (r->stage < ROLLOUT_BOOTSTRAPPED)
        return 0;
    return operate(r, v, err);
}
