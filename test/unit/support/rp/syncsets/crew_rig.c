#include "test/unit/support/rp/syncsets/crew_rig.h"

#include <stdlib.h>

#include "pkg/base/mem.h"
#include "pkg/base/thread.h"
#include "rp/syncsets/types/conditions.h"

static void build(struct crew_rig *c)
{
    struct sets_controllers *k = xnew(struct sets_controllers);
    k->cfg = c->cfg;
    mutex_init(&k->threads_mu);
    mutex_init(&k->scout_mu);
    k->owner = xstrdup("rig");
    k->soft = stop_new(NULL);
    k->hard = stop_new(NULL);
    k->ctx = opctx_root(c->cfg.clock, c->cfg.rng, k->soft, NULL);
    k->work_ctx = opctx_root(c->cfg.clock, c->cfg.rng, k->hard, NULL);
    k->crowd = crowd_new(c->cfg.workers);
    measures_init(&k->measures, c->metrics);
    assert_int_equal(
        keeper_start(&k->work_ctx, c->r.store, c->cfg.lease_s, c->metrics, &k->keeper, NULL), 0);
    c->k = k;
}

void crew_rig_init(struct crew_rig *c)
{
    *c = (struct crew_rig){ 0 };
    sets_rig_init(&c->r);
    fake_env_init(&c->env);
    c->metrics = metrics_new();
    const struct http_client_config http = { .clock = clock_system(), .env = &c->env.base };
    assert_int_equal(http_client_new(&http, &c->http, NULL), 0);
    const struct sets_remotes_config remotes = {
        .http = c->http, .clock = clock_system(), .rng = rng_system(), .env = &c->env.base
    };
    assert_int_equal(sets_remotes_new(&remotes, &c->remotes, NULL), 0);
    const struct sets_queue_config queue = {
        .db = c->r.db, .metrics = c->metrics, .clock = clock_system(), .rng = rng_system()
    };
    assert_int_equal(sets_queue_open(&queue, &c->queue, NULL), 0);
    c->cfg = (struct sets_controllers_config){ .store = c->r.store,
                                               .queue = c->queue,
                                               .remotes = c->remotes,
                                               .metrics = c->metrics,
                                               .name = "rig",
                                               .workers = 2,
                                               .probers = 1,
                                               .reapply_s = 7200,
                                               .lease_s = 120,
                                               .job_max_s = 120,
                                               .set_max_s = 300,
                                               .tick_ms = 50,
                                               .clock = clock_system(),
                                               .rng = rng_system() };
    build(c);
}

void crew_rig_release(struct crew_rig *c)
{
    sets_controllers_stop(c->k, 0);
    sets_queue_close(c->queue);
    sets_remotes_free(c->remotes);
    http_client_free(c->http);
    metrics_free(c->metrics);
    fake_env_release(&c->env);
    sets_rig_release(&c->r);
}

char *crew_rig_cluster(struct crew_rig *c, const char *name)
{
    cleanup_free char *body = xasprintf(
        "{'metadata':{'name':'%s','namespace':'n','labels':{'env':'prod'},'annotations':{'hive."
        "openshift.io/fake-cluster':'true'}},'spec':{'installedTimestamp':'2026-01-01T00:00:00Z'}}",
        name);
    cleanup_json json *made = sets_rig_create(&c->r, TYPE_CLUSTERS, body);
    return xstrdup(json_path_str(made, "metadata.uid"));
}

void crew_rig_set(struct crew_rig *c, const char *name, const char *mode, const char *object)
{
    cleanup_free char *body = xasprintf(
        "{'metadata':{'name':'%s'},'spec':{'clusterDeploymentSelector':{'matchLabels':{'env':"
        "'prod'}},'resourceApplyMode':'%s','enableResourceTemplates':true,'resources':[{"
        "'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'%s','namespace':'default'}}]}}",
        name, mode, object);
    json_free(sets_rig_create(&c->r, TYPE_SELECTORSYNCSETS, body));
}

void crew_rig_drop(struct crew_rig *c, enum api_type_id type, const char *nspace, const char *name)
{
    const struct sets_write w = {
        .type = &api_types[type], .nspace = nspace, .name = name, .actor = "test"
    };
    assert_int_equal(sets_delete(&c->r.ctx, c->r.store, &w, NULL, NULL), 0);
}

void crew_rig_work(struct crew_rig *c, const char *uid)
{
    cleanup_error struct error *err = NULL;
    work_rig_match(&c->r);
    if (reconcile(c->k, uid, &err) < 0)
        fail_msg("%s", error_text(err));
}

json *crew_rig_status(struct crew_rig *c, enum api_type_id type, const char *name)
{
    cleanup_json json *object = NULL;
    assert_int_equal(sets_get(&c->r.ctx, c->r.store, &api_types[type], "n", name, &object, NULL),
                     0);
    const json *status = json_get(object, "status");
    return status ? json_give_copy(status) : json_new_object();
}

/* Ends the thread, and lets others run afterwards. */
static void join(struct crew_rig *c, pthread_t thread)
{
    stop_request(c->k->soft);
    pthread_join(thread, NULL);
    stop_unref(c->k->soft);
    c->k->soft = stop_new(NULL);
    c->k->ctx = opctx_with_stop(&c->k->ctx, c->k->soft);
}

void crew_rig_run_until(struct crew_rig *c, void (*fn)(void *controllers), const char *text)
{
    pthread_t thread;
    assert_int_equal(thread_start(&thread, "rig", fn, c->k, NULL), 0);
    while (work_rig_number(&c->r, text) == 0)
        (void)opctx_sleep_ms(&c->r.ctx, 10, NULL);
    join(c, thread);
}

void crew_rig_look_until(struct crew_rig *c, const char *name, const char *type, const char *word)
{
    pthread_t thread;
    bool seen = false;
    assert_int_equal(thread_start(&thread, "rig", prober_run, c->k, NULL), 0);
    while (!seen) {
        cleanup_json json *status = crew_rig_status(c, TYPE_CLUSTERS, name);
        seen = api_condition_is(status, type, word);
        (void)opctx_sleep_ms(&c->r.ctx, 10, NULL);
    }
    join(c, thread);
}
