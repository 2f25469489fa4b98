/*
 * The conformance suite on SQLite in memory and in a file; with STORE_DSN set, on that PostgreSQL database instead, whose
 * server's process stands in STORE_SERVER_PID (a file) and comes back when it is killed: make store-check. With COSMOS_URL
 * set, on that server: make cosmos-check.
 */
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/base/file.h"
#include "pkg/base/mem.h"
#include "pkg/base/thread.h"
#include "pkg/database/sql_schema.h"
#include "pkg/database/sql_statement.h"
#include "pkg/database/sql_store.h"
#include "test/unit/support/fake_clock.h"
#include "test/unit/support/left_out.h"
#include "test/unit/support/pkg/database/cosmos_subject.h"
#include "test/unit/support/pkg/database/store_suite.h"
#include "test/unit/support/pkg/sql/sql_fixture.h"

/* ---- SQLite ---- */

struct sqlite_arg {
    struct sql_fixture *f;
    const char *dsn;
};

static int open_sqlite(void *arg, const struct opctx *ctx, struct store **ret, struct error **err)
{
    const struct sqlite_arg *a = arg;
    struct opctx own = *ctx;
    own.clock = &a->f->clock.base;
    return store_open_sqlite(&own, a->dsn, ret, err);
}

static void pass_fake_s(void *arg, struct store *store, int64_t s)
{
    (void)store;
    const struct sqlite_arg *a = arg;
    fake_clock_advance_ms(&a->f->clock, s * 1000);
}

static int run_sqlite(void)
{
    struct sql_fixture f;
    sql_fixture_init(&f);
    struct sqlite_arg memory = { &f, "sqlite::memory:" }, file = { &f, f.dsn };
    const struct store_subject subjects[] = {
        { .name = "sqlite in memory",
          .open = open_sqlite,
          .pass_s = pass_fake_s,
          .arg = &memory,
          .keeps_numbers = true },
        { .name = "sqlite in a file",
          .open = open_sqlite,
          .pass_s = pass_fake_s,
          .arg = &file,
          .keeps_numbers = true,
          .is_shared = true },
    };
    int failed = 0;
    for (size_t i = 0; i < ARRAY_LEN(subjects); i++) {
        struct CMUnitTest tests[STORE_SUITE_MAX];
        size_t n = store_suite_list(&subjects[i], tests, 0);
        failed += _cmocka_run_group_tests(subjects[i].name, tests, n, NULL, NULL);
        if (subjects[i].is_shared)
            cases_left_out(n, BY_STORE_CHECK);
    }
    sql_fixture_release(&f);
    return failed;
}

/* ---- PostgreSQL ---- */

struct server {
    const char *dsn, *pid_file;
};

static int open_postgresql(void *arg, const struct opctx *ctx, struct store **ret,
                           struct error **err)
{
    const struct server *server = arg;
    return store_open_postgresql(ctx, server->dsn, ret, err);
}

static void pass_real_s(void *arg, struct store *store, int64_t s)
{
    (void)arg;
    const struct opctx ctx = opctx_root(clock_system(), rng_system(), NULL, NULL);
    int64_t from, now;
    if (store_now_s(&ctx, store, &from, NULL) < 0)
        abort();
    do {
        if (opctx_sleep_ms(&ctx, 50, NULL) < 0 || store_now_s(&ctx, store, &now, NULL) < 0)
            abort();
    } while (now < from + s);
}

static long server_pid(const struct server *server)
{
    cleanup_free char *text = NULL;
    size_t len;
    return file_read(server->pid_file, 4096, &text, &len, NULL) < 0 ? 0 : strtol(text, NULL, 10);
}

/* SIGQUIT ends every session in the middle of whatever it does; the server recovers from its log when it starts again. */
static void crash_server(void *arg)
{
    const struct opctx ctx = opctx_root(clock_system(), rng_system(), NULL, NULL);
    const struct server *server = arg;
    long pid;
    while ((pid = server_pid(server)) <= 0)
        if (opctx_sleep_ms(&ctx, 10, NULL) < 0)
            abort();
    if (kill((pid_t)pid, SIGQUIT) < 0)
        abort();
    while (kill((pid_t)pid, 0) == 0)
        if (opctx_sleep_ms(&ctx, 10, NULL) < 0)
            abort();
}

/* ---- PostgreSQL's own ---- */

struct own {
    struct opctx ctx;
    struct store *store;
    struct sql_store *sql;
    struct error *err;
};

static void own_begin(struct own *o)
{
    *o = (struct own){ .ctx = opctx_root(clock_system(), rng_system(), NULL, NULL) };
    assert_int_equal(store_open_postgresql(&o->ctx, getenv("STORE_DSN"), &o->store, NULL), 0);
    o->sql = sql_store_of(o->store);
}

static void own_end(struct own *o)
{
    store_close(o->store);
    error_free(o->err);
}

static bool happened(struct own *o, const char *token)
{
    bool is = false;
    assert_int_equal(sql_outcome_find(&o->ctx, o->sql, token, &is, NULL), 0);
    return is;
}

static void check_outcomes(void **state)
{
    (void)state;
    struct own o;
    own_begin(&o);
    char id[UUID_LEN + 1], unknown[UUID_LEN + 1];
    cleanup_doc struct doc d = { 0 };
    rng_uuid(rng_system(), id);
    rng_uuid(rng_system(), unknown);
    cleanup_free char *body = xasprintf("{\"id\":\"%s\"}", id);
    const struct doc_write w = { id, id, body, strlen(body), 0 };
    assert_int_equal(store_create(&o.ctx, o.store, COLL_GATEWAY, &w, &d, NULL), 0);

    assert_true(happened(&o, d.etag));
    assert_false(happened(&o, unknown));
    assert_false(happened(&o, unknown)); /* its own fence is no success */
    own_end(&o);
}

/* Many subscriptions of one cluster each, whose keys are long: the index of the keys is the larger one, and each of them
 * promises one row. */
#define FILL \
    "INSERT INTO documents (coll, part, id, etag, ts_s, lsn, unique1, unique2, unique3, lease_s," \
    " run_after_s, body) SELECT 'OpenShiftClusters', 'plan' || n, 'plan' || n, 'e', 0, -n," \
    " 'plan' || n || repeat('k', 400), 'plan' || n, 'plan' || n, 0, 0, '{}'" \
    " FROM generate_series(1, 3000) AS n"

static char *give_plan(struct own *o, struct sql *c, const struct store_query *q)
{
    cleanup_sql_statement struct sql_statement st;
    cleanup_sql_rows struct sql_rows rows = { 0 };
    struct buf plan = BUF_INIT(BUF_UNBOUNDED);
    sql_statement_page(&st, SQL_POSTGRESQL, q, &(struct sql_position){ 0 });
    cleanup_free char *text = xasprintf("EXPLAIN (COSTS OFF) %s", buf_str(&st.text));
    assert_int_equal(sql_query(&o->ctx, c, text, st.params, st.n, &rows, &o->err), 0);
    while (sql_next(&rows, NULL) > 0)
        buf_addf(&plan, "%s\n", sql_row_text(&rows, 0, NULL));
    return buf_give(&plan);
}

static void check_plans(void **state)
{
    (void)state;
    static const struct {
        enum query query;
        const char *index;
    } cases[] = {
        { QUERY_CLUSTERS_BY_KEY, "Index Scan using documents_unique1" },
        { QUERY_CLUSTERS_BY_PREFIX, "Index Scan using documents_unique1" },
        { QUERY_CLUSTERS_BY_RESOURCE_GROUP, "Index Scan using documents_unique2" },
        { QUERY_CLUSTERS_BY_CLIENT_ID, "Index Scan using documents_unique3" },
    };
    static const char *const tables[] = { "DELETE FROM documents", FILL, "ANALYZE documents" };
    struct own o;
    own_begin(&o);
    struct sql *c; /* its transaction is never committed */
    assert_int_equal(sql_acquire(&o.ctx, o.sql->db, SQL_WRITE, &c, NULL), 0);
    assert_int_equal(sql_begin(&o.ctx, c, NULL), 0);
    for (size_t t = 0; t < ARRAY_LEN(tables); t++) {
        assert_int_equal(sql_exec(&o.ctx, c, tables[t], NULL, 0, NULL, &o.err), 0);
        for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
            const struct store_query q = { .query = cases[i].query,
                                           .coll = COLL_OPENSHIFT_CLUSTERS,
                                           .partition = "plan7",
                                           .args = { "plan7" },
                                           .page = 10 };
            cleanup_free char *plan = give_plan(&o, c, &q);
            if (!strstr(plan, cases[i].index) || strstr(plan, "Sort"))
                fail_msg("%s after %s:\n%s", queries[q.query].name, tables[t], plan);
        }
    }
    sql_release(c);
    own_end(&o);
}

struct question {
    struct own *o;
    const char *token;
    bool answer;
};

static void ask_outcome(void *arg)
{
    struct question *q = arg;
    if (sql_outcome_find(&q->o->ctx, q->o->sql, q->token, &q->answer, NULL) < 0)
        q->answer = false;
}

/* How many sessions wait for a lock: the one that asks. */
static bool somebody_waits(struct own *o)
{
    cleanup_sql struct sql *c = NULL;
    int64_t n;
    assert_int_equal(sql_acquire(&o->ctx, o->sql->db, SQL_READ, &c, NULL), 0);
    assert_int_equal(sql_store_number(&o->ctx, c,
                                      "SELECT count(*) FROM pg_stat_activity"
                                      " WHERE wait_event_type = 'Lock'",
                                      NULL, 0, 0, &n, NULL),
                     0);
    return n > 0;
}

/* The transaction of which nothing is known may still be about to commit. */
static void check_outcome_waits(void **state)
{
    (void)state;
    struct own o;
    own_begin(&o);
    char token[UUID_LEN + 1];
    rng_uuid(rng_system(), token);
    const struct sql_param p = sql_text(token);
    struct question q = { &o, token, false };
    struct sql *c;
    pthread_t thread;
    assert_int_equal(sql_acquire(&o.ctx, o.sql->db, SQL_WRITE, &c, NULL), 0);
    assert_int_equal(sql_begin(&o.ctx, c, NULL), 0);
    assert_int_equal(sql_exec(&o.ctx, c,
                              "INSERT INTO writes (token, ts_s, fence) VALUES ($1, 0, 0)", &p, 1,
                              NULL, NULL),
                     0);

    assert_int_equal(thread_start(&thread, "asker", ask_outcome, &q, NULL), 0);
    while (!somebody_waits(&o))
        sched_yield();
    assert_int_equal(sql_commit(&o.ctx, c, NULL), 0);
    pthread_join(thread, NULL);

    assert_true(q.answer);
    sql_release(c);
    own_end(&o);
}

/* A write that comes after its fence fails: nobody reports a failure that happens later. */
static void check_fence_holds(void **state)
{
    (void)state;
    struct own o;
    own_begin(&o);
    char token[UUID_LEN + 1];
    rng_uuid(rng_system(), token);
    const struct sql_param p = sql_text(token);
    cleanup_sql struct sql *c = NULL;
    assert_false(happened(&o, token));

    assert_int_equal(sql_acquire(&o.ctx, o.sql->db, SQL_WRITE, &c, NULL), 0);
    assert_int_equal(sql_exec(&o.ctx, c,
                              "INSERT INTO writes (token, ts_s, fence) VALUES ($1, 0, 0)", &p, 1,
                              NULL, &o.err),
                     -1);

    assert_true(error_is(o.err, ERR_EXISTS));
    sql_release(take(c));
    own_end(&o);
}

/* What another process writes is heard of: the other handle has a listener of its own. */
static void check_notifications(void **state)
{
    (void)state;
    struct own a, b;
    own_begin(&a);
    own_begin(&b);
    const struct opctx limited = opctx_with_timeout_ms(&b.ctx, 60000);
    char id[UUID_LEN + 1];
    rng_uuid(rng_system(), id);
    cleanup_free char *body = xasprintf("{\"id\":\"%s\"}", id);
    const struct doc_write w = { id, id, body, strlen(body), 0 };
    /* The first hint tells that it listens. */
    assert_int_equal(store_hint_wait(&limited, b.store, COLL_GATEWAY, 0, 60000, NULL), 0);
    uint64_t seen = store_hint(b.store, COLL_GATEWAY);

    assert_int_equal(store_create(&a.ctx, a.store, COLL_GATEWAY, &w, NULL, NULL), 0);

    assert_int_equal(store_hint_wait(&limited, b.store, COLL_GATEWAY, seen, 3600000, NULL), 0);
    assert_true(store_hint(b.store, COLL_GATEWAY) > seen);
    own_end(&a);
    own_end(&b);
}

static void check_migrations(void **state)
{
    (void)state;
    const struct opctx ctx = opctx_root(clock_system(), rng_system(), NULL, NULL);
    const struct sql_config cfg = { .dsn = getenv("STORE_DSN") };
    struct sql_db *db;
    size_t version = 99;
    assert_int_equal(sql_open(&ctx, &cfg, &db, NULL), 0);

    assert_int_equal(sql_migrate_down(&ctx, db, &documents_schema, 0, NULL), 0);
    assert_int_equal(sql_schema_version(&ctx, db, &documents_schema, &version, NULL), 0);
    assert_int_equal(version, 0);
    assert_int_equal(sql_migrate_up(&ctx, db, &documents_schema, SQL_LATEST, NULL), 0);

    assert_int_equal(sql_schema_version(&ctx, db, &documents_schema, &version, NULL), 0);
    assert_int_equal(version, documents_schema.len);
    sql_close(db);
}

static int run_postgresql(const char *dsn)
{
    struct server server = { dsn, getenv("STORE_SERVER_PID") };
    const struct store_subject subject = {
        .name = "postgresql",
        .open = open_postgresql,
        .pass_s = pass_real_s,
        .crash = server.pid_file ? crash_server : NULL,
        .arg = &server,
        .keeps_numbers = true,
        .is_shared = true,
    };
    struct CMUnitTest tests[STORE_SUITE_MAX];
    size_t n = store_suite_list(&subject, tests, 0);
    int failed = _cmocka_run_group_tests(subject.name, tests, n, NULL, NULL);
    const struct CMUnitTest own[] = {
        CASE("finds whether a write happened", check_outcomes),
        CASE("waits for a transaction that may yet commit", check_outcome_waits),
        CASE("lets no write commit behind its fence", check_fence_holds),
        CASE("hears of what other processes write", check_notifications),
        CASE("finds keys by their own indexes, whatever it knows of the table", check_plans),
        CASE("goes down and up again", check_migrations),
    };
    return failed + RUN_CASES("postgresql's own", own);
}

int main(void)
{
    const char *cosmos = getenv("COSMOS_URL");
    const char *dsn = getenv("STORE_DSN");
    if (cosmos)
        return cosmos_subject_run(cosmos);
    return dsn ? run_postgresql(dsn) : run_sqlite();
}
