#include <stdatomic.h>
#include <string.h>

#include "pkg/base/thread.h"
#include "test/unit/support/pkg/sql/sql_fixture.h"
#include "test/unit/support/test.h"

struct rig {
    struct sql_fixture f;
    struct sql_db *db;
};

static void set_up(struct rig *r, bool file)
{
    sql_fixture_init(&r->f);
    r->db = sql_fixture_open(&r->f, file ? r->f.dsn : NULL);
}

static void tear_down(struct rig *r)
{
    sql_close(r->db);
    sql_fixture_release(&r->f);
}

static void check_reuse(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r, true);
    struct sql *a, *b, *again;
    assert_int_equal(sql_acquire(&r.f.ctx, r.db, SQL_READ, &a, NULL), 0);
    assert_int_equal(sql_acquire(&r.f.ctx, r.db, SQL_READ, &b, NULL), 0);
    assert_ptr_not_equal(a, b);

    sql_release(a);

    assert_int_equal(sql_acquire(&r.f.ctx, r.db, SQL_READ, &again, NULL), 0);
    assert_ptr_equal(again, a);
    sql_release(again);
    sql_release(b);
    tear_down(&r);
}

/* It works until then, and nobody has it afterwards. */
static void check_abandoned(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r, true);
    struct sql *c;
    assert_int_equal(sql_acquire(&r.f.ctx, r.db, SQL_WRITE, &c, NULL), 0);
    sql_abandon(c);

    assert_false(sql_is_broken(c));
    assert_int_equal(sql_begin(&r.f.ctx, c, NULL), 0);
    assert_int_equal(
        sql_exec(&r.f.ctx, c, "CREATE TEMP TABLE of_this_one (x)", NULL, 0, NULL, NULL), 0);
    assert_int_equal(sql_commit(&r.f.ctx, c, NULL), 0);
    sql_release(c);

    assert_int_equal(sql_acquire(&r.f.ctx, r.db, SQL_WRITE, &c, NULL), 0);
    assert_int_equal(
        sql_exec(&r.f.ctx, c, "INSERT INTO of_this_one VALUES (1)", NULL, 0, NULL, NULL), -1);
    sql_release(c);
    tear_down(&r);
}

static void check_deadline(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r, false);
    r.f.clock.auto_advance = true;
    struct opctx soon = opctx_with_timeout_ms(&r.f.ctx, 1000);
    struct sql *only, *none;
    assert_int_equal(sql_acquire(&r.f.ctx, r.db, SQL_WRITE, &only, NULL), 0);

    cleanup_error struct error *err = NULL;
    assert_int_equal(sql_acquire(&soon, r.db, SQL_READ, &none, &err), -1);
    assert_true(error_is(err, ERR_TIMEOUT));

    /* Who gave up left the queue. */
    sql_release(only);
    assert_int_equal(sql_acquire(&r.f.ctx, r.db, SQL_READ, &only, NULL), 0);
    sql_release(only);
    tear_down(&r);
}

static void check_release_rolls_back(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r, false);
    struct sql *c;
    assert_int_equal(sql_acquire(&r.f.ctx, r.db, SQL_WRITE, &c, NULL), 0);
    assert_int_equal(sql_script(&r.f.ctx, c, "CREATE TABLE t (a INT)", NULL), 0);
    assert_int_equal(sql_begin(&r.f.ctx, c, NULL), 0);
    assert_int_equal(sql_exec(&r.f.ctx, c, "INSERT INTO t VALUES (1)", NULL, 0, NULL, NULL), 0);

    sql_release(c);

    struct sql_rows rows;
    assert_int_equal(sql_acquire(&r.f.ctx, r.db, SQL_WRITE, &c, NULL), 0);
    assert_int_equal(sql_query(&r.f.ctx, c, "SELECT a FROM t", NULL, 0, &rows, NULL), 0);
    assert_int_equal(sql_next(&rows, NULL), 0);
    sql_rows_end(&rows);
    sql_release(c);
    tear_down(&r);
}

#define THREADS 12
#define ROUNDS 20

struct crowd {
    struct rig *r;
    atomic_int failed;
};

static void add_rows(void *arg)
{
    struct crowd *crowd = arg;
    const struct opctx ctx = opctx_root(clock_system(), rng_system(), NULL, NULL);
    for (int i = 0; i < ROUNDS; i++) {
        cleanup_sql struct sql *c = NULL;
        if (sql_acquire(&ctx, crowd->r->db, SQL_WRITE, &c, NULL) < 0 ||
            sql_begin(&ctx, c, NULL) < 0 ||
            sql_exec(&ctx, c, "UPDATE t SET a = a + 1", NULL, 0, NULL, NULL) < 0 ||
            sql_commit(&ctx, c, NULL) < 0)
            atomic_fetch_add(&crowd->failed, 1);
    }
}

/* The busy time of the fixture is 1 ms: only the queue lets all of them through. */
static void check_crowd(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r, true);
    struct sql *c;
    struct sql_rows rows;
    pthread_t threads[THREADS];
    struct crowd crowd = { .r = &r };
    assert_int_equal(sql_acquire(&r.f.ctx, r.db, SQL_WRITE, &c, NULL), 0);
    assert_int_equal(
        sql_script(&r.f.ctx, c, "CREATE TABLE t (a INT); INSERT INTO t VALUES (0)", NULL), 0);
    sql_release(c);

    for (int i = 0; i < THREADS; i++)
        assert_int_equal(thread_start(&threads[i], "writer", add_rows, &crowd, NULL), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);

    assert_int_equal(crowd.failed, 0);
    assert_int_equal(sql_acquire(&r.f.ctx, r.db, SQL_READ, &c, NULL), 0);
    assert_int_equal(sql_query(&r.f.ctx, c, "SELECT a FROM t", NULL, 0, &rows, NULL), 0);
    assert_int_equal(sql_next(&rows, NULL), 1);
    assert_int_equal(sql_row_int(&rows, 0), THREADS * ROUNDS);
    sql_rows_end(&rows);
    sql_release(c);
    tear_down(&r);
}

static void check_bad_dsn(void **state)
{
    (void)state;
    struct sql_fixture f;
    sql_fixture_init(&f);
    cleanup_error struct error *err = NULL;
    struct sql_db *db;
    const struct sql_config cfg = { .dsn = "mysql://secret@host" };

    assert_int_equal(sql_open(&f.ctx, &cfg, &db, &err), -1);

    assert_true(error_is(err, ERR_INVALID));
    assert_null(strstr(error_text(err), "secret"));
    sql_close(NULL);
    sql_release(NULL);
    sql_fixture_release(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("what is abandoned works, and is not reused", check_abandoned),
        CASE("hands out a connection again that was given back", check_reuse),
        CASE("waits for a connection until the deadline", check_deadline),
        CASE("rolls back what is open when a connection comes back", check_release_rolls_back),
        CASE("lets a crowd of writers through one after the other", check_crowd),
        CASE("refuses an unknown DSN without repeating it", check_bad_dsn),
    };
    return RUN_CASES("pool", tests);
}
