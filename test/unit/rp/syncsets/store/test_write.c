#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/thread.h"
#include "rp/syncsets/store/impl.h"
#include "test/unit/support/left_out.h"
#include "test/unit/support/rp/syncsets/sets_rig.h"

static struct sets_write write_of(json *object, const json *secrets)
{
    return (struct sets_write){ .type = &api_types[TYPE_CLUSTERS],
                                .nspace = "n",
                                .name = "a",
                                .object = object,
                                .secrets = secrets,
                                .actor = "test" };
}

static void an_equal_replacement_is_none(void **state)
{
    (void)state;
    struct sets_rig r;
    bool created;
    sets_rig_init(&r);
    cleanup_json json *o =
        sets_rig_parse("{'metadata':{'name':'a','namespace':'n'},'spec':{'installed':true}}");
    cleanup_json json *secrets = sets_rig_parse("{'kubeconfig':'k'}"),
                      *other = sets_rig_parse("{'kubeconfig':'l'}");
    cleanup_json json *one = NULL, *two = NULL, *three = NULL;
    struct sets_write w = write_of(o, secrets);
    w.upsert = true;
    assert_int_equal(sets_replace(&r.ctx, r.store, &w, &created, &one, NULL), 0);
    assert_true(created);
    assert_int_equal(sets_replace(&r.ctx, r.store, &w, &created, &two, NULL), 0);
    assert_false(created);
    assert_string_equal(json_path_str(one, "metadata.resourceVersion"),
                        json_path_str(two, "metadata.resourceVersion"));
    w.secrets = other;
    assert_int_equal(sets_replace(&r.ctx, r.store, &w, &created, &three, NULL), 0);
    assert_int_equal(json_path_int(three, "metadata.generation", 0), 2);
    sets_rig_release(&r);
}

static void labels_do_not_raise_the_generation(void **state)
{
    (void)state;
    struct sets_rig r;
    sets_rig_init(&r);
    cleanup_json json *o = sets_rig_create(&r, TYPE_CLUSTERS,
                                           "{'metadata':{'name':'a','namespace':'n','labels':{'env'"
                                           ":'prod'}},'spec':{'kubeconfig':'foobar'}}");
    cleanup_json json *made = NULL;
    (void)json_path_put(o, "metadata.labels.env", json_new_str("dev"), NULL);
    const struct sets_write w = write_of(o, NULL);
    assert_int_equal(sets_replace(&r.ctx, r.store, &w, NULL, &made, NULL), 0);
    assert_int_equal(json_path_int(made, "metadata.generation", 0), 1);
    assert_string_not_equal(json_path_str(made, "metadata.resourceVersion"), "2");
    sets_rig_release(&r);
}

static void an_old_version_is_refused(void **state)
{
    (void)state;
    struct sets_rig r;
    cleanup_error struct error *err = NULL;
    sets_rig_init(&r);
    cleanup_json json *o = sets_rig_create(&r, TYPE_CLUSTERS,
                                           "{'metadata':{'name':'a','namespace':'n','labels':{'env'"
                                           ":'prod'}},'spec':{'kubeconfig':'foobar'}}");
    struct sets_write w = write_of(o, NULL);
    w.if_version = 1;
    assert_int_equal(sets_replace(&r.ctx, r.store, &w, NULL, NULL, &err), -1);
    assert_true(error_is(err, ERR_CONFLICT));
    assert_int_equal(sets_delete(&r.ctx, r.store, &w, NULL, &err), -1);
    sets_rig_release(&r);
}

static void a_key_creates_once(void **state)
{
    (void)state;
    struct sets_rig r;
    sets_rig_init(&r);
    cleanup_json json *o = sets_rig_parse("{'metadata':{'name':'a','namespace':'n'},'spec':{}}");
    cleanup_json json *one = NULL, *two = NULL;
    cleanup_error struct error *err = NULL;
    struct sets_write w = write_of(o, NULL);
    w.idempotency_key = "k";
    w.request_hash = "h";
    assert_int_equal(sets_create(&r.ctx, r.store, &w, &one, NULL), 0);
    assert_int_equal(sets_create(&r.ctx, r.store, &w, &two, NULL), 0);
    assert_string_equal(json_path_str(one, "metadata.uid"), json_path_str(two, "metadata.uid"));
    {
        cleanup_sql struct sql *c = NULL;
        int64_t n = -1;
        assert_int_equal(sql_acquire(&r.ctx, r.db, SQL_READ, &c, NULL), 0);
        assert_int_equal(
            sets_number(&r.ctx, c, "SELECT count(*) FROM idempotency WHERE request_hash LIKE 'a:%'",
                        NULL, 0, &n, NULL),
            0);
        assert_int_equal(n, 1); /* by the key a */
    }
    /* With another key before it, the old one still knows the request. */
    struct keyring *keys = NULL;
    assert_int_equal(keyring_parse(RIG_NEWER_KEYS, &keys, NULL), 0);
    const struct sets_store_config newer = { .db = r.db, .keys = keys };
    struct sets_store *st = sets_store_new(&newer);
    cleanup_json json *three = NULL;
    assert_int_equal(sets_create(&r.ctx, st, &w, &three, NULL), 0);
    assert_string_equal(json_path_str(one, "metadata.uid"), json_path_str(three, "metadata.uid"));
    sets_store_free(st);
    keyring_free(keys);
    w.request_hash = "other";
    assert_int_equal(sets_create(&r.ctx, r.store, &w, NULL, &err), -1);
    assert_true(error_is(err, ERR_UNPROCESSABLE));
    sets_rig_release(&r);
}

static void a_deleted_cluster_leaves_nothing(void **state)
{
    (void)state;
    struct sets_rig r;
    cleanup_json json *o = NULL, *last = NULL, *none = NULL;
    sets_rig_init(&r);
    o = sets_rig_create(&r, TYPE_CLUSTERS,
                        "{'metadata':{'name':'a','namespace':'n','labels':{'env':'prod'}},'spec':{'"
                        "kubeconfig':'foobar'}}");
    struct sets_write w = write_of(NULL, NULL);
    w.cleanup = true;
    assert_int_equal(sets_delete(&r.ctx, r.store, &w, &last, NULL), 0);
    assert_non_null(json_path_str(last, "metadata.deletionTimestamp"));
    w.cleanup = false;
    assert_int_equal(sets_delete(&r.ctx, r.store, &w, NULL, NULL), 0);
    assert_int_equal(
        sets_get(&r.ctx, r.store, &api_types[TYPE_CLUSTERSYNCS], "n", "a", &none, NULL), -1);
    assert_int_equal(sets_delete(&r.ctx, r.store, &w, NULL, NULL), -1);
    sets_rig_release(&r);
}

#define WRITERS 8
#define ROUNDS 15
struct writer {
    struct sets_rig *r;
    int done;
};

/* Adds one to a number in an annotation, again until nobody came between. */
static void count_up(void *arg)
{
    struct writer *w = arg;
    while (w->done < ROUNDS) {
        cleanup_json json *o = NULL;
        long long version = 0, n = 0;
        if (sets_get(&w->r->ctx, w->r->store, &api_types[TYPE_CLUSTERS], "n", "a", &o, NULL) < 0)
            return;
        (void)str_to_int(json_path_str(o, "metadata.resourceVersion"), 0, INT64_MAX, &version);
        (void)str_to_int(json_path_str(o, "metadata.annotations.n"), 0, INT64_MAX, &n);
        cleanup_free char *text = xasprintf("%lld", n + 1);
        (void)json_set_str(o, "metadata.annotations.n", text, NULL);
        struct sets_write write = write_of(o, NULL);
        write.if_version = version;
        if (sets_replace(&w->r->ctx, w->r->store, &write, NULL, NULL, NULL) == 0)
            w->done++;
    }
}

static int check_order(void *arg, const struct sets_event *e, struct error **err)
{
    (void)err;
    int64_t *last = arg;
    assert_int_equal(e->revision, *last + 1); /* no hole: what is read is never filled in behind */
    *last = e->revision;
    return 0;
}

static void no_update_is_lost_and_the_log_has_no_holes(void **state)
{
    (void)state;
    struct sets_rig r;
    struct writer writers[WRITERS];
    pthread_t threads[WRITERS];
    sets_rig_init(&r);
    json_free(sets_rig_create(&r, TYPE_CLUSTERS,
                              "{'metadata':{'name':'a','namespace':'n','annotations':{'n':'0'}}}"));
    for (int i = 0; i < WRITERS; i++) {
        writers[i] = (struct writer){ &r, 0 };
        assert_int_equal(thread_start(&threads[i], "writer", count_up, &writers[i], NULL), 0);
    }
    int64_t seen = 0, last = 0;
    while (seen < 3 + WRITERS * ROUNDS)
        assert_int_equal(sets_events(&r.ctx, r.store, seen, 7, check_order, &seen, &last, NULL), 0);
    for (int i = 0; i < WRITERS; i++)
        pthread_join(threads[i], NULL);
    cleanup_json json *o = NULL;
    assert_int_equal(sets_get(&r.ctx, r.store, &api_types[TYPE_CLUSTERS], "n", "a", &o, NULL), 0);
    assert_string_equal(json_path_str(o, "metadata.annotations.n"), "120");
    sets_rig_release(&r);
}

struct deleter {
    struct sets_rig *r;
    int status;
};

static void delete_it(void *arg)
{
    struct deleter *d = arg;
    const struct sets_write w = write_of(NULL, NULL);
    d->status = sets_delete(&d->r->ctx, d->r->store, &w, NULL, NULL);
}

static int64_t number(struct sets_rig *r, struct sql *c, const char *text)
{
    int64_t n = -1;
    assert_int_equal(sets_number(&r->ctx, c, text, NULL, 0, &n, NULL), 0);
    return n;
}

/* On PostgreSQL only: as whoever works on the cluster, so that neither waits for the other. */
static void a_deletion_waits_for_work_without_any_other_row(void **state)
{
    (void)state;
    static const char *const others[] = { "SELECT count(*) FROM (SELECT 1 FROM clusters FOR UPDATE "
                                          "NOWAIT) x",
                                          "SELECT count(*) FROM (SELECT 1 FROM clustersyncs FOR "
                                          "UPDATE NOWAIT) x",
                                          "SELECT count(*) FROM (SELECT 1 FROM revision FOR UPDATE "
                                          "NOWAIT) x" };
    struct sets_rig r;
    struct sql *worker = NULL, *watcher = NULL;
    struct deleter d = { &r, -1 };
    pthread_t thread;
    sets_rig_init(&r);
    json_free(sets_rig_create(&r, TYPE_CLUSTERS, "{'metadata':{'name':'a','namespace':'n'}}"));
    sets_rig_script(&r, "INSERT INTO cluster_work (cluster_uid, namespace, dirty_revision, due_at) "
                        "SELECT uid, namespace, 1, 0 FROM clusters");
    assert_int_equal(sql_acquire(&r.ctx, r.db, SQL_WRITE, &worker, NULL), 0);
    assert_int_equal(sql_acquire(&r.ctx, r.db, SQL_READ, &watcher, NULL), 0);
    assert_int_equal(sql_begin(&r.ctx, worker, NULL), 0);
    assert_int_equal(
        number(&r, worker, "SELECT count(*) FROM (SELECT 1 FROM cluster_work FOR UPDATE) x"), 1);
    assert_int_equal(thread_start(&thread, "deleter", delete_it, &d, NULL), 0);
    while (number(&r, watcher,
                  "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'") == 0)
        (void)opctx_sleep_ms(&r.ctx, 10, NULL);
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        assert_true(number(&r, worker, others[i]) > 0);
    sql_release(worker);
    pthread_join(thread, NULL);
    assert_int_equal(d.status, 0);
    assert_int_equal(number(&r, watcher, "SELECT count(*) FROM cluster_work"), 0);
    sql_release(watcher);
    sets_rig_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("an equal replacement is none", an_equal_replacement_is_none),
        CASE("labels do not raise the generation", labels_do_not_raise_the_generation),
        CASE("an old version is refused", an_old_version_is_refused),
        CASE("a key creates once", a_key_creates_once),
        CASE("a deleted cluster leaves nothing", a_deleted_cluster_leaves_nothing),
        CASE("no update is lost and the log has no holes",
             no_update_is_lost_and_the_log_has_no_holes),
        CASE("a deletion waits for work without any other row",
             a_deletion_waits_for_work_without_any_other_row),
    };
    return RUN_CASES_IF(getenv("STORE_DSN") != NULL, ARRAY_LEN(tests) - 1, "write", tests,
                        BY_SYNCSETS_CHECK);
}
