#include "test/unit/support/rp/backend/backend_rig.h"

#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/database/asyncoperations.h"
#include "pkg/database/openshiftclusters.h"
#include "pkg/database/subscriptions.h"
#include "rp/backend/openshiftcluster.h"
#include "rp/backend/subscription.h"
#include "test/unit/support/test.h"

#define FROZEN_MS 120000

/* ---- the store ---- */

static struct crash_store *store_of(struct store *s)
{
    return container_of(s, struct crash_store, base);
}

static int reach(struct store *s, struct error **err)
{
    struct crash_store *c = store_of(s);
    return atomic_load(&c->crashed) ? error_set(err, ERR_UNAVAILABLE, "nothing can be reached") : 0;
}

static int reach_write(struct store *s, enum collection coll, struct error **err)
{
    struct crash_store *c = store_of(s);
    if (reach(s, err) < 0)
        return -1;
    if (atomic_load(&c->fail) && coll == c->fail_coll)
        return error_set(err, ERR_UNAVAILABLE, "as the test wants");
    int left = atomic_load(&c->writes);
    if (left > 0)
        atomic_store(&c->writes, left - 1);
    if (left != 0)
        return 0;
    if (c->meanwhile) {
        atomic_store(&c->writes, -1);
        fake_clock_advance_ms(c->clock, FROZEN_MS);
        c->meanwhile(c->arg);
        return 0;
    }
    atomic_store(&c->crashed, true);
    fake_clock_advance_ms(c->clock, FROZEN_MS);
    return reach(s, err);
}

static int crash_create(const struct opctx *ctx, struct store *s, enum collection coll,
                        const struct doc_write *w, struct doc *ret, struct error **err)
{
    return reach_write(s, coll, err) < 0 ? -1
                                         : store_create(ctx, store_of(s)->inner, coll, w, ret, err);
}

static int crash_get(const struct opctx *ctx, struct store *s, enum collection coll,
                     const char *partition, const char *id, struct doc *ret, struct error **err)
{
    return reach(s, err) < 0 ? -1
                             : store_get(ctx, store_of(s)->inner, coll, partition, id, ret, err);
}

static int crash_replace(const struct opctx *ctx, struct store *s, enum collection coll,
                         const struct doc_write *w, const char *etag, struct doc *ret,
                         struct error **err)
{
    return reach_write(s, coll, err) < 0 ? -1
                                         : store_replace(ctx, store_of(s)->inner, coll, w,
                                                         etag ? etag : STORE_ANY_ETAG, ret, err);
}

static int crash_remove(const struct opctx *ctx, struct store *s, enum collection coll,
                        const char *partition, const char *id, const char *etag, struct error **err)
{
    return reach_write(s, coll, err) < 0 ? -1
                                         : store_delete(ctx, store_of(s)->inner, coll, partition,
                                                        id, etag ? etag : STORE_ANY_ETAG, err);
}

static int crash_query(const struct opctx *ctx, struct store *s, const struct store_query *q,
                       struct doc_page *ret, struct error **err)
{
    return reach(s, err) < 0 ? -1 : store_query(ctx, store_of(s)->inner, q, ret, err);
}

static int crash_count(const struct opctx *ctx, struct store *s, const struct store_query *q,
                       int64_t *ret, struct error **err)
{
    return reach(s, err) < 0 ? -1 : store_count(ctx, store_of(s)->inner, q, ret, err);
}

static int crash_changes(const struct opctx *ctx, struct store *s, enum collection coll,
                         const char *position, size_t max, struct doc_page *ret, struct error **err)
{
    return reach(s, err) < 0
               ? -1
               : store_changes(ctx, store_of(s)->inner, coll, position, max, ret, err);
}

static int crash_now_s(const struct opctx *ctx, struct store *s, int64_t *ret, struct error **err)
{
    return store_now_s(ctx, store_of(s)->inner, ret, err);
}

static void crash_close(struct store *s)
{
    store_close(store_of(s)->inner);
    store_release(s);
    free(store_of(s));
}

static const struct store_ops crash_ops = {
    .name = "crash",
    .create = crash_create,
    .get = crash_get,
    .replace = crash_replace,
    .remove = crash_remove,
    .query = crash_query,
    .count = crash_count,
    .changes = crash_changes,
    .now_s = crash_now_s,
    .close = crash_close,
};

/* ---- the steps ---- */

struct manager {
    struct backend_rig *r;
    struct cluster_job job;
    struct step steps[4];
};

static const char *const words[CLUSTER_OPERATIONS] = { "install", "update", "admin update",
                                                       "delete" };

static int next_phase(json *tree, void *arg, struct error **err)
{
    (void)arg;
    int64_t phase = json_path_int(tree, "openShiftCluster.properties.install.phase", 0);
    return json_path_put(tree, "openShiftCluster.properties.install.phase", json_new_int(phase + 1),
                         err);
}

static int end_install(json *tree, void *arg, struct error **err)
{
    (void)arg;
    (void)err;
    (void)json_path_del(tree, "openShiftCluster.properties.install");
    return 0;
}

static int take_over(json *tree, void *arg, struct error **err)
{
    (void)arg;
    (void)err;
    json_put(tree, "leaseOwner", json_new_str("another"));
    json_put(tree, "dequeues", json_new_int(2));
    return 0;
}

static void hear(struct backend_rig *r, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void hear(struct backend_rig *r, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    cleanup_free char *text = xvasprintf(fmt, ap);
    va_end(ap);
    pthread_mutex_lock(&r->mu);
    strv_add(&r->heard, text);
    pthread_cond_broadcast(&r->cv);
    pthread_mutex_unlock(&r->mu);
}

static void block(struct backend_rig *r)
{
    pthread_mutex_lock(&r->mu);
    r->blocked++;
    pthread_cond_broadcast(&r->cv);
    while (!r->released)
        pthread_cond_wait(&r->cv, &r->mu);
    r->blocked--;
    pthread_mutex_unlock(&r->mu);
}

static int play(struct manager *m, size_t i, const struct opctx *ctx, struct error **err)
{
    struct backend_rig *r = m->r;
    hear(r, "%s %zu", words[m->job.operation], i);
    switch (r->steps[i]) {
    case 'i':
        return error_set(err, ERR_CONN, "a secret name was not found");
    case 'u':
        (void)error_set(err, ERR_INVALID, "The subnet is too small.");
        error_code(err, "InvalidLinkedVNet");
        error_target(err, "properties.masterProfile.subnetId");
        return -1;
    case 'n':
    case 'e':
        return openshiftclusters_patch_with_lease(ctx, r->db, m->job.key, m->job.lease,
                                                  r->steps[i] == 'n' ? next_phase : end_install,
                                                  NULL, NULL, err);
    case 'h':
        atomic_store(&r->hand_over, true);
        return 0;
    case 'z':
        fake_clock_await(&r->clock, 1); /* the heartbeat sleeps, too */
        fake_clock_advance_ms(&r->clock, FROZEN_MS);
        return 0;
    case 't':
        return openshiftclusters_patch(ctx, r->db, m->job.key, take_over, NULL, NULL, err);
    case 'b':
        block(r);
        return 0;
    case 'r':
        if (r->healed)
            return 0;
        r->healed = true;
        return error_set(err, ERR_CONN, "lost");
    default:
        return 0;
    }
}

#define ACT(i) \
    static int act_##i(void *arg, const struct opctx *ctx, struct error **err) \
    { \
        return play(arg, i, ctx, err); \
    }
ACT(0)
ACT(1)
ACT(2)
ACT(3)

static int open_manager(void *arg, const struct opctx *ctx, const struct cluster_job *job,
                        void **ret, struct error **err)
{
    struct backend_rig *r = arg;
    (void)ctx;
    if (r->open_code) {
        (void)error_set(err, ERR_INVALID, "no such identity");
        error_code(err, r->open_code);
        return -1;
    }
    struct manager *m = xnew(struct manager);
    *m = (struct manager){ r,
                           *job,
                           { { .name = "zero", .act = act_0 },
                             { .name = "one", .act = act_1 },
                             { .name = "two", .act = act_2 },
                             { .name = "three", .act = act_3 } } };
    *ret = m;
    return 0;
}

static int give_steps(void *manager, const struct step **ret, size_t *ret_len, struct error **err)
{
    struct manager *m = manager;
    (void)err;
    *ret = m->steps;
    *ret_len = strlen(m->r->steps);
    for (size_t i = 0; i < *ret_len; i++)
        m->steps[i].kind = m->r->steps[i] == 'r' ? STEP_RETRYING : STEP_ACTION;
    return 0;
}

static void close_manager(void *manager)
{
    struct manager *m = manager;
    hear(m->r, "close");
    free(m);
}

static const struct cluster_manager_ops ops = {
    .open = open_manager,
    .steps = give_steps,
    .close = close_manager,
};

/* ---- the rig ---- */

void backend_rig_open(struct backend_rig *r)
{
    memset(r, 0, sizeof(*r));
    fake_clock_init(&r->clock);
    fake_rng_init(&r->rng, 1);
    assert_int_equal(pthread_mutex_init(&r->mu, NULL), 0);
    assert_int_equal(pthread_cond_init(&r->cv, NULL), 0);
    log_capture_init(&r->capture, &r->clock.base);
    r->log = log_root(&r->capture.base);
    r->ctx = opctx_root(&r->clock.base, &r->rng.base, NULL, &r->log);
    r->store = xnew(struct crash_store);
    store_init(&r->store->base, &crash_ops);
    r->store->clock = &r->clock;
    atomic_store(&r->store->writes, -1);
    assert_int_equal(store_open_sqlite(&r->ctx, "sqlite::memory:", &r->store->inner, NULL), 0);
    r->db = database_new(&r->store->base, NULL);
    r->cfg = (struct backend_config){
        .db = r->db,
        .clock = &r->clock.base,
        .rng = &r->rng.base,
        .log = &r->log,
        .settings = { .workers = 4,
                      .child_after = 2,
                      .tick_ms = 10000,
                      .heartbeat_ms = 10000,
                      .trust_ms = 50000,
                      .child_grace_ms = 100,
                      .queue_length_ms = 60000 },
        .manager = &ops,
        .manager_arg = r,
    };
    r->steps = "..";
    assert_int_equal(
        subscriptions_create(
            &r->ctx, r->db,
            backend_rig_tree("{'id':'" RIG_SUBSCRIPTION "','subscription':{'state':'Registered'}}"),
            NULL, NULL),
        0);
}

void backend_rig_close(struct backend_rig *r)
{
    database_close(r->db);
    pthread_cond_destroy(&r->cv);
    pthread_mutex_destroy(&r->mu);
    strv_release(&r->heard);
    log_capture_release(&r->capture);
    fake_clock_release(&r->clock);
}

json *backend_rig_tree(const char *quoted)
{
    cleanup_free char *text = xstrdup(quoted);
    for (char *p = text; *p; p++)
        if (*p == '\'')
            *p = '"';
    json *tree = NULL;
    assert_int_equal(json_parse_object(text, strlen(text), &tree, NULL), 0);
    return tree;
}

void backend_rig_cluster(struct backend_rig *r, const char *name, const char *state,
                         const char *more)
{
    cleanup_free char *text =
        xasprintf("{'id':'id-%s','key':'" RIG_KEY(
                      "%s") "','clusterResourceGroupIdKey':'rg-%s',"
                            "'clientIdKey':'client-%s','asyncOperationId':'async-%s',"
                            "'correlationData':{'correlationId':'c-%s',"
                            "'requestTime':'2024-02-03T04:05:00Z'},"
                            "'openShiftCluster':{'location':'eastus',"
                            "'properties':{%s'provisioningState':'%s',"
                            "'kubeadminPassword':'sealed'}}}",
                  name, name, name, name, name, name, more, state);
    cleanup_free char *async =
        xasprintf("{'id':'async-%s','asyncOperation':{'name':'async-%s','status':'%s',"
                  "'initialStatus':'%s'}}",
                  name, name, state, state);
    assert_int_equal(openshiftclusters_create(&r->ctx, r->db, backend_rig_tree(text), NULL, NULL),
                     0);
    assert_int_equal(asyncoperations_create(&r->ctx, r->db, backend_rig_tree(async), NULL, NULL),
                     0);
}

/* ---- working ---- */

static bool work_next(struct backend_rig *r,
                      int (*dequeue)(const struct opctx *ctx, struct database *db, char **ret_lease,
                                     struct document *ret, struct error **err),
                      const char *member, void (*work)(const struct work *w))
{
    cleanup_free char *token = NULL;
    cleanup_document struct document d = { 0 };
    int64_t since_ns = clock_mono_ns(&r->clock.base);
    assert_int_equal(dequeue(&r->ctx, r->db, &token, &d, NULL), 0);
    if (!d.tree)
        return false;
    const struct work w = { .cfg = &r->cfg,
                            .key = json_path_str(d.tree, member),
                            .token = token,
                            .since_ns = since_ns,
                            .hand_over = &r->hand_over };
    work(&w);
    return true;
}

bool backend_rig_work(struct backend_rig *r)
{
    return work_next(r, openshiftclusters_dequeue, "key", openshiftcluster_work);
}

bool backend_rig_work_subscription(struct backend_rig *r)
{
    return work_next(r, subscriptions_dequeue, "id", subscription_work);
}

void backend_rig_await_blocked(struct backend_rig *r, size_t n)
{
    pthread_mutex_lock(&r->mu);
    while (r->blocked < n)
        pthread_cond_wait(&r->cv, &r->mu);
    pthread_mutex_unlock(&r->mu);
}

void backend_rig_await_heard(struct backend_rig *r, size_t n)
{
    pthread_mutex_lock(&r->mu);
    while (r->heard.len < n)
        pthread_cond_wait(&r->cv, &r->mu);
    pthread_mutex_unlock(&r->mu);
}

void backend_rig_release(struct backend_rig *r)
{
    pthread_mutex_lock(&r->mu);
    r->released = true;
    pthread_cond_broadcast(&r->cv);
    pthread_mutex_unlock(&r->mu);
}

void backend_rig_expire(struct backend_rig *r)
{
    atomic_store(&r->store->writes, -1);
    atomic_store(&r->store->crashed, false);
    fake_clock_advance_ms(&r->clock, 61000);
}

/* ---- looking ---- */

static char *give_text(const json *tree, const char *path)
{
    const json *j = json_path(tree, path);
    if (!j)
        return NULL;
    return json_str(j) ? xstrdup(json_str(j)) : json_give_sorted(j);
}

char *backend_rig_cluster_text(struct backend_rig *r, const char *name, const char *path)
{
    cleanup_free char *key = xasprintf(RIG_KEY("%s"), name);
    cleanup_document struct document d = { 0 };
    if (openshiftclusters_get(&r->ctx, r->db, key, &d, NULL) < 0)
        return NULL;
    return give_text(d.tree, path);
}

char *backend_rig_async_text(struct backend_rig *r, const char *name, const char *path)
{
    cleanup_free char *id = xasprintf("async-%s", name);
    cleanup_document struct document d = { 0 };
    if (asyncoperations_get(&r->ctx, r->db, id, &d, NULL) < 0)
        return NULL;
    return give_text(d.tree, path);
}

static void assert_text(const char *is, const char *want, const char *what, const char *path)
{
    if (!str_eq(is, want))
        fail_msg("%s: %s is %s instead of %s", what, path, is ? is : "absent",
                 want ? want : "absent");
}

void backend_rig_assert_cluster(struct backend_rig *r, const char *name, const char *path,
                                const char *want)
{
    cleanup_free char *is = backend_rig_cluster_text(r, name, path);
    assert_text(is, want, name, path);
}

void backend_rig_assert_state(struct backend_rig *r, const char *name, const char *want)
{
    backend_rig_assert_cluster(r, name, "openShiftCluster.properties.provisioningState", want);
}

void backend_rig_assert_async(struct backend_rig *r, const char *name, const char *path,
                              const char *want)
{
    cleanup_free char *is = backend_rig_async_text(r, name, path);
    assert_text(is, want, name, path);
}

void backend_rig_assert_heard(const struct backend_rig *r, const char *want)
{
    cleanup_free char *heard = strv_give_joined(&r->heard, ", ");
    assert_string_equal(heard, want);
}
