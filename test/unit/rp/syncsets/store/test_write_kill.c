/* A process that is killed while it writes: what it committed has its events, what it did not has none. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "pkg/base/mem.h"
#include "rp/syncsets/store/impl.h"
#include "test/unit/support/rp/syncsets/sets_rig.h"

#define KILLS 6

/* A set, and the one before goes. */
static int write_set(const struct opctx *ctx, struct sets_store *st, const char *name,
                     const char *before)
{
    cleanup_json json *object = json_make("{'spec':{'clusterDeploymentRefs':[]}}");
    struct sets_write w = { .type = &api_types[TYPE_SYNCSETS],
                            .nspace = "n",
                            .name = name,
                            .object = object,
                            .actor = "test" };
    if (sets_create(ctx, st, &w, NULL, NULL) < 0)
        return -1;
    w.name = before;
    return before ? sets_delete(ctx, st, &w, NULL, NULL) : 0;
}

static void write_for_ever(const char *dsn, int turn)
{
    struct opctx ctx = opctx_root(clock_system(), rng_system(), NULL, NULL);
    const struct sql_config cfg = { .dsn = dsn };
    struct sql_db *db;
    struct keyring *keys;
    if (sql_open(&ctx, &cfg, &db, NULL) < 0 || keyring_parse(RIG_KEYS, &keys, NULL) < 0)
        _exit(1);
    const struct sets_store_config store = { .db = db, .keys = keys };
    struct sets_store *st = sets_store_new(&store);
    for (int i = 0;; i++) {
        cleanup_free char *name = xasprintf("c%d-%d", turn, i);
        json *object = json_make("{'spec':{}}");
        const struct sets_write w = { .type = &api_types[TYPE_CLUSTERS],
                                      .nspace = "n",
                                      .name = name,
                                      .object = object,
                                      .actor = "test" };
        cleanup_free char *before = i ? xasprintf("c%d-%d", turn, i - 1) : NULL;
        if (sets_create(&ctx, st, &w, NULL, NULL) < 0 || write_set(&ctx, st, name, before) < 0)
            _exit(1);
        json_free(object);
    }
}

static int64_t number(struct sets_rig *r, const char *text)
{
    cleanup_sql struct sql *c = NULL;
    int64_t n = -1;
    assert_int_equal(sql_acquire(&r->ctx, r->db, SQL_READ, &c, NULL), 0);
    assert_int_equal(sets_number(&r->ctx, c, text, NULL, 0, &n, NULL), 0);
    return n;
}

static int count_event(void *arg, const struct sets_event *e, struct error **err)
{
    (void)err;
    int64_t *last = arg;
    assert_int_equal(e->revision, ++*last);
    return 0;
}

static void kill_one(struct sets_rig *r, int turn)
{
    int64_t before = 0;
    assert_int_equal(sets_revision(&r->ctx, r->store, &before, NULL), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        write_for_ever(r->dsn, turn);
    for (int64_t now = before; now < before + 6 + turn;)
        assert_int_equal(sets_revision(&r->ctx, r->store, &now, NULL), 0);
    assert_int_equal(kill(child, SIGKILL), 0);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
}

static void what_was_committed_has_its_event(void **state)
{
    (void)state;
    struct sets_rig r;
    int64_t seen = 0, last;
    sets_rig_init(&r);
    for (int i = 0; i < KILLS; i++)
        kill_one(&r, i);
    do
        assert_int_equal(sets_events(&r.ctx, r.store, seen, 1000, count_event, &seen, &last, NULL),
                         0);
    while (last < number(&r, "SELECT last FROM revision WHERE type = ''"));
    assert_int_equal(seen, number(&r, "SELECT last FROM revision WHERE type = ''"));
    assert_int_equal(
        number(&r, "SELECT count(*) FROM clusters c WHERE NOT EXISTS (SELECT 1 FROM events e"
                   " WHERE e.uid = c.uid AND e.revision = c.resource_version AND e.op = 'ADDED')"),
        0);
    assert_int_equal(number(&r, "SELECT count(*) FROM events e WHERE e.type = 'clusters'"
                                " AND NOT EXISTS (SELECT 1 FROM clusters c WHERE c.uid = e.uid)"),
                     0);
    assert_int_equal(
        number(&r, "SELECT (SELECT count(*) FROM clusters) - (SELECT count(*) FROM clustersyncs)"),
        0);
    assert_int_equal(
        number(&r, "SELECT (SELECT CAST(coalesce(sum(data_bytes), 0) AS BIGINT) FROM syncsets) -"
                   " (SELECT bytes FROM set_bytes WHERE namespace = 'n')"),
        0);
    sets_rig_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("what was committed has its event, whenever its writer is killed",
             what_was_committed_has_its_event),
    };
    return RUN_CASES("write_kill", tests);
}
