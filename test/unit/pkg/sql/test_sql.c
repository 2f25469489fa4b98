#include "pkg/base/mem.h"
#include "test/unit/support/pkg/sql/sql_fixture.h"
#include "test/unit/support/test.h"

struct rig {
    struct sql_fixture f;
    struct sql_db *db;
    struct sql *c;
};

static void set_up(struct rig *r)
{
    sql_fixture_init(&r->f);
    r->db = sql_fixture_open(&r->f, NULL);
    assert_int_equal(sql_acquire(&r->f.ctx, r->db, SQL_WRITE, &r->c, NULL), 0);
    assert_int_equal(sql_script(&r->f.ctx, r->c,
                                "CREATE TABLE t (a BIGINT, b TEXT); CREATE UNIQUE INDEX u ON t (b)",
                                NULL),
                     0);
}

static void tear_down(struct rig *r)
{
    sql_release(r->c);
    sql_close(r->db);
    sql_fixture_release(&r->f);
}

static int insert(struct rig *r, int64_t a, const char *b, struct error **err)
{
    const struct sql_param params[] = { sql_text(b), sql_int(a) };
    return sql_exec(&r->f.ctx, r->c, "INSERT INTO t (a, b) VALUES ($2, $1)", params, 2, NULL, err);
}

static int64_t count(struct rig *r)
{
    cleanup_sql_rows struct sql_rows rows = { 0 };
    assert_int_equal(sql_query(&r->f.ctx, r->c, "SELECT count(*) FROM t", NULL, 0, &rows, NULL), 0);
    assert_int_equal(sql_next(&rows, NULL), 1);
    return sql_row_int(&rows, 0);
}

static void check_values(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r);
    assert_int_equal(insert(&r, INT64_MIN, "grün 'x' ; --", NULL), 0);
    assert_int_equal(insert(&r, 7, NULL, NULL), 0);

    struct sql_rows rows;
    assert_int_equal(
        sql_query(&r.f.ctx, r.c, "SELECT a, b FROM t ORDER BY a", NULL, 0, &rows, NULL), 0);

    size_t len;
    assert_int_equal(sql_next(&rows, NULL), 1);
    assert_int_equal(sql_row_int(&rows, 0), INT64_MIN);
    assert_string_equal(sql_row_text(&rows, 1, &len), "grün 'x' ; --");
    assert_int_equal(len, 14);
    assert_int_equal(sql_next(&rows, NULL), 1);
    assert_true(sql_row_is_null(&rows, 1));
    assert_string_equal(sql_row_text(&rows, 1, NULL), "");
    assert_int_equal(sql_next(&rows, NULL), 0);
    sql_rows_end(&rows);
    tear_down(&r);
}

static void check_changed(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r);
    assert_int_equal(insert(&r, 1, "a", NULL), 0);
    assert_int_equal(insert(&r, 2, "b", NULL), 0);
    int64_t changed = -1;

    assert_int_equal(sql_exec(&r.f.ctx, r.c, "UPDATE t SET a = a + 1", NULL, 0, &changed, NULL), 0);
    assert_int_equal(changed, 2);
    assert_int_equal(
        sql_exec(&r.f.ctx, r.c, "UPDATE t SET a = 0 WHERE a = 9", NULL, 0, &changed, NULL), 0);
    assert_int_equal(changed, 0);
    tear_down(&r);
}

static void check_unique(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r);
    assert_int_equal(insert(&r, 1, "a", NULL), 0);

    cleanup_error struct error *err = NULL;
    assert_int_equal(insert(&r, 2, "a", &err), -1);
    assert_true(error_is(err, ERR_EXISTS));
    tear_down(&r);
}

static void check_transactions(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r);

    assert_int_equal(sql_begin(&r.f.ctx, r.c, NULL), 0);
    assert_int_equal(sql_begin(&r.f.ctx, r.c, NULL), -1);
    assert_int_equal(insert(&r, 1, "a", NULL), 0);
    sql_rollback(r.c);
    assert_int_equal(count(&r), 0);

    assert_int_equal(sql_begin(&r.f.ctx, r.c, NULL), 0);
    assert_int_equal(insert(&r, 1, "a", NULL), 0);
    assert_int_equal(sql_commit(&r.f.ctx, r.c, NULL), 0);
    assert_int_equal(sql_commit(&r.f.ctx, r.c, NULL), -1);
    assert_int_equal(count(&r), 1);
    assert_false(sql_is_unknown(r.c));
    tear_down(&r);
}

static void check_context(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r);
    stop_request(r.f.stop);

    cleanup_error struct error *err = NULL;
    assert_int_equal(insert(&r, 1, "a", &err), -1);
    assert_true(error_is(err, ERR_CANCELLED));
    tear_down(&r);
}

static void check_dialects(void **state)
{
    (void)state;
    enum sql_dialect d;
    assert_true(sql_dsn_dialect("sqlite:/x", &d));
    assert_int_equal(d, SQL_SQLITE);
    assert_true(sql_dsn_dialect("postgresql://h/x", &d));
    assert_int_equal(d, SQL_POSTGRESQL);
    assert_true(sql_dsn_dialect("postgres://h/x", &d));
    assert_int_equal(d, SQL_POSTGRESQL);
    d = SQL_SQLITE;
    assert_true(sql_dsn_dialect("user=postgres dbname=syncsets host=localhost", &d));
    assert_int_equal(d, SQL_POSTGRESQL);
    assert_false(sql_dsn_dialect("mysql://h/x", &d));
    assert_false(sql_dsn_dialect(NULL, &d));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("carries numbers, texts and NULL there and back", check_values),
        CASE("tells how many rows a statement changed", check_changed),
        CASE("tells a broken unique constraint", check_unique),
        CASE("commits and rolls back, one transaction at a time", check_transactions),
        CASE("does nothing once the context has ended", check_context),
        CASE("knows the dialect of a DSN", check_dialects),
    };
    return RUN_CASES("sql", tests);
}
