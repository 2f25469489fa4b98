/* The generated client against the server: each operation of each type. */
#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/net/http_client.h"
#include "pkg/syncsets/operations.h"
#include "test/unit/support/fake_env.h"
#include "test/unit/support/rp/syncsets/sets_rig.h"
#include "test/unit/support/test.h"

struct rig {
    struct sets_rig sets;
    struct fake_env env;
    struct http_client *http;
    struct http_peer *peer;
    struct syncsets *c;
    struct opctx ctx;
};
static void rig_open(struct rig *r)
{
    sets_rig_init(&r->sets);
    sets_rig_serve(&r->sets, NULL);
    r->ctx = opctx_with_timeout_ms(&r->sets.ctx, 60000);
    fake_env_init(&r->env);
    const struct http_client_config cfg = { .clock = clock_system(), .env = &r->env.base };
    const struct http_peer_config peer = { 0 };
    assert_int_equal(http_client_new(&cfg, &r->http, NULL), 0);
    assert_int_equal(http_peer_new(r->http, &peer, &r->peer, NULL), 0);
    cleanup_free char *url = xasprintf("http://127.0.0.1:%u", sets_api_port(r->sets.api));
    const struct syncsets_config client = { .url = url, .transport = http_peer_transport(r->peer) };
    assert_int_equal(syncsets_new(&client, &r->c, NULL), 0);
}
static void rig_close(struct rig *r)
{
    syncsets_free(r->c);
    http_peer_unref(r->peer);
    http_client_free(r->http);
    fake_env_release(&r->env);
    sets_rig_release(&r->sets);
}

/* Types with a namespace and without have functions of different shapes. */
typedef int (*create_fn)(struct syncsets *, const struct opctx *, const json *,
                         const struct syncsets_options *, json **, struct error **);
typedef int (*get_fn)(struct syncsets *, const struct opctx *, const char *, const char *, json **,
                      struct error **);
typedef int (*list_fn)(struct syncsets *, const struct opctx *, const char *,
                       const struct syncsets_options *, json **, struct error **);
typedef int (*write_fn)(struct syncsets *, const struct opctx *, const char *, const char *,
                        const json *, const struct syncsets_options *, json **, struct error **);
typedef int (*delete_fn)(struct syncsets *, const struct opctx *, const char *, const char *,
                         const struct syncsets_options *, json **, struct error **);
typedef int (*watch_fn)(struct syncsets *, const struct opctx *, const char *,
                        const struct syncsets_options *, struct syncsets_watch **, struct error **);

#define GLOBAL(type) \
    static int get_##type(struct syncsets *c, const struct opctx *ctx, const char *nspace, \
                          const char *name, json **ret, struct error **err) \
    { \
        (void)nspace; \
        return syncsets_get_##type(c, ctx, name, ret, err); \
    } \
    static int list_##type(struct syncsets *c, const struct opctx *ctx, const char *nspace, \
                           const struct syncsets_options *opt, json **ret, struct error **err) \
    { \
        (void)nspace; \
        return syncsets_list_##type(c, ctx, opt, ret, err); \
    } \
    static int update_##type(struct syncsets *c, const struct opctx *ctx, const char *nspace, \
                             const char *name, const json *object, \
                             const struct syncsets_options *opt, json **ret, struct error **err) \
    { \
        (void)nspace; \
        return syncsets_update_##type(c, ctx, name, object, opt, ret, err); \
    } \
    static int patch_##type(struct syncsets *c, const struct opctx *ctx, const char *nspace, \
                            const char *name, const json *patch, \
                            const struct syncsets_options *opt, json **ret, struct error **err) \
    { \
        (void)nspace; \
        return syncsets_patch_##type(c, ctx, name, patch, opt, ret, err); \
    } \
    static int delete_##type(struct syncsets *c, const struct opctx *ctx, const char *nspace, \
                             const char *name, const struct syncsets_options *opt, json **ret, \
                             struct error **err) \
    { \
        (void)nspace; \
        return syncsets_delete_##type(c, ctx, name, opt, ret, err); \
    } \
    static int watch_##type(struct syncsets *c, const struct opctx *ctx, const char *nspace, \
                            const struct syncsets_options *opt, struct syncsets_watch **ret, \
                            struct error **err) \
    { \
        (void)nspace; \
        return syncsets_watch_##type(c, ctx, opt, ret, err); \
    }
GLOBAL(selector_sync_set)
GLOBAL(namespace)

struct type_case {
    const char *name, *object; /* in single quotes */
    create_fn create;
    get_fn get;
    list_fn list;
    write_fn update, patch;
    delete_fn delete;
    watch_fn watch;
};
#define FUNCTIONS(prefix, type) \
    syncsets_create_##type, prefix##get_##type, prefix##list_##type, prefix##update_##type, \
        prefix##patch_##type, prefix##delete_##type, prefix##watch_##type
static struct type_case cases[] = {
    { "clusters", "{'metadata':{'name':'o','namespace':'a'},'spec':{'kubeconfig':'foobar'}}",
      FUNCTIONS(syncsets_, cluster) },
    { "syncsets",
      "{'metadata':{'name':'o','namespace':'a'},'spec':{'clusterDeploymentRefs':[{'name':'c'}]}}",
      FUNCTIONS(syncsets_, sync_set) },
    { "selectorsyncsets", "{'metadata':{'name':'o'},'spec':{'clusterDeploymentSelector':{}}}",
      FUNCTIONS(, selector_sync_set) },
    { "secrets", "{'metadata':{'name':'o','namespace':'a'},'spec':{'data':{'k':'dg=='}}}",
      FUNCTIONS(syncsets_, secret) },
    { "namespaces", "{'metadata':{'name':'o'}}", FUNCTIONS(, namespace) },
};

static void must(int status, struct error **err)
{
    if (status < 0)
        fail_msg("%s", error_text(*err));
}

static void is_next(struct rig *r, struct syncsets_watch *w, const char *type)
{
    cleanup_syncsets_event struct syncsets_event e = { 0 };
    cleanup_error struct error *err = NULL;
    must(syncsets_watch_next(w, &r->ctx, &e, &err), &err);
    assert_string_equal(e.type, type);
    assert_string_equal(json_path_str(e.object, "metadata.name"), "o");
}

static void check_writes(struct rig *r, const struct type_case *t, const json *object)
{
    cleanup_error struct error *err = NULL;
    cleanup_json json *read = NULL, *updated = NULL, *patched = NULL, *again = NULL;
    cleanup_json json *patch = json_make("{'metadata':{'labels':{'a':'b'}}}");
    cleanup_json json *change = json_make("[{'op':'add','path':'/metadata/labels/c','value':'d'}]");
    must(t->get(r->c, &r->ctx, "a", "o", &read, &err), &err);
    const char *version = json_path_str(read, "metadata.resourceVersion");
    const struct syncsets_options old = { .if_match = "1000000" }, now = { .if_match = version };
    cleanup_json json *more = json_give_copy(object);
    json_put(json_get(more, "metadata"), "annotations", json_make("{'x':'y'}"));

    assert_int_equal(t->update(r->c, &r->ctx, "a", "o", more, &old, &updated, &err), -1);
    assert_true(error_is(err, ERR_CONFLICT));
    error_clear(&err);
    must(t->update(r->c, &r->ctx, "a", "o", more, &now, &updated, &err), &err);
    must(t->patch(r->c, &r->ctx, "a", "o", patch, NULL, &patched, &err), &err);
    must(t->patch(r->c, &r->ctx, "a", "o", change, NULL, &again, &err), &err);

    assert_string_equal(json_path_str(updated, "metadata.annotations.x"), "y");
    assert_string_equal(json_path_str(patched, "metadata.labels.a"), "b");
    assert_string_equal(json_path_str(again, "metadata.labels.c"), "d");
}

static void check_type(void **state)
{
    const struct type_case *t = *state;
    struct rig r;
    cleanup_error struct error *err = NULL;
    cleanup_json json *object = sets_rig_parse(t->object), *made = NULL, *list = NULL, *gone = NULL,
                      *none = NULL;
    cleanup_syncsets_watch struct syncsets_watch *w = NULL;
    const struct syncsets_options labelled = { .label_selector = "a=b,c=d", .limit = 10 };
    rig_open(&r);

    must(t->create(r.c, &r.ctx, object, NULL, &made, &err), &err);
    assert_int_equal(t->create(r.c, &r.ctx, object, NULL, &none, &err), -1);
    assert_true(error_is(err, ERR_EXISTS));
    error_clear(&err);
    const struct syncsets_options since = { .resource_version =
                                                json_path_str(made, "metadata.resourceVersion") };
    must(t->watch(r.c, &r.ctx, "a", &since, &w, &err), &err);
    check_writes(&r, t, object);
    must(t->list(r.c, &r.ctx, "a", &labelled, &list, &err), &err);
    assert_int_equal(json_len(json_get(list, "items")), 1);
    must(t->delete (r.c, &r.ctx, "a", "o", NULL, &gone, &err), &err);
    assert_int_equal(t->get(r.c, &r.ctx, "a", "o", &none, &err), -1);
    assert_true(error_is(err, ERR_NOT_FOUND));

    for (int i = 0; i < 3; i++)
        is_next(&r, w, "MODIFIED");
    is_next(&r, w, "DELETED");
    syncsets_watch_close(take(w));
    rig_close(&r);
}

static void clusters_can_be_acted_on(void **state)
{
    (void)state;
    struct rig r;
    cleanup_error struct error *err = NULL;
    cleanup_json json *object = sets_rig_parse(cases[0].object), *made = NULL, *paused = NULL,
                      *resumed = NULL, *due = NULL, *lifted = NULL, *sync = NULL;
    rig_open(&r);
    const struct syncsets_options upsert = { .upsert = true };

    must(syncsets_update_cluster(r.c, &r.ctx, "a", "o", object, &upsert, &made, &err), &err);
    must(syncsets_pause_cluster(r.c, &r.ctx, "a", "o", &paused, &err), &err);
    must(syncsets_resume_cluster(r.c, &r.ctx, "a", "o", &resumed, &err), &err);
    must(syncsets_resync_cluster(r.c, &r.ctx, "a", "o", &due, &err), &err);
    must(syncsets_requeue_cluster(r.c, &r.ctx, "a", "o", &lifted, &err), &err);
    must(syncsets_get_cluster_sync(r.c, &r.ctx, "a", "o", &sync, &err), &err);

    assert_int_equal(json_len(json_path(paused, "metadata.annotations")), 1);
    assert_int_equal(json_len(json_path(resumed, "metadata.annotations")), 0);
    assert_string_equal(json_path_str(sync, "kind"), "ClusterSync");
    rig_close(&r);
}

static void sets_can_be_looked_at(void **state)
{
    (void)state;
    struct rig r;
    cleanup_error struct error *err = NULL;
    cleanup_json json *cluster = sets_rig_parse(cases[0].object),
                      *set = sets_rig_parse(cases[2].object), *made = NULL, *preview = NULL,
                      *again = NULL, *stored = NULL, *standing = NULL, *gone = NULL,
                      *resumed = NULL;
    const struct syncsets_options labelled = { .label_selector = "a" };
    rig_open(&r);

    must(syncsets_create_cluster(r.c, &r.ctx, cluster, NULL, &made, &err), &err);
    must(syncsets_preview_selector_sync_set(r.c, &r.ctx, "o", set, &preview, &err), &err);
    must(syncsets_create_selector_sync_set(r.c, &r.ctx, set, NULL, &stored, &err), &err);
    must(syncsets_preview_selector_sync_set(r.c, &r.ctx, "o", NULL, &again, &err), &err);
    must(syncsets_status_selector_sync_set(r.c, &r.ctx, "o", &standing, &err), &err);
    assert_int_equal(syncsets_resume_selector_sync_set(r.c, &r.ctx, "o", &resumed, &err), -1);
    assert_true(error_is(err, ERR_UNPROCESSABLE)); /* it has no roll-out */
    error_clear(&err);
    must(syncsets_delete_all_selector_sync_set(r.c, &r.ctx, &labelled, &gone, &err), &err);

    assert_int_equal(json_path_int(preview, "matched", 0), 1);
    assert_true(json_equal(preview, again));
    assert_int_equal(json_path_int(standing, "pending", 0), 1);
    rig_close(&r);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 2] = {
        CASE("clusters can be acted on", clusters_can_be_acted_on),
        CASE("sets can be looked at", sets_can_be_looked_at),
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[2 + i] = (struct CMUnitTest)CASE_OF(cases[i].name, check_type, &cases[i]);
    return RUN_CASES("client", tests);
}
