#include "test/unit/support/pkg/sql/sql_fixture.h"
#include "test/unit/support/test.h"

static const struct sql_migration migrations[] = {
    { "one", { [SQL_SQLITE] = "CREATE TABLE one (a INT);" }, { [SQL_SQLITE] = "DROP TABLE one;" } },
    { "two",
      { [SQL_SQLITE] = "ALTER TABLE one ADD COLUMN b INT; CREATE TABLE two (a INT);" },
      { [SQL_SQLITE] = "DROP TABLE two; ALTER TABLE one DROP COLUMN b;" } },
};
static const struct sql_migration broken[] = {
    { "one", { [SQL_SQLITE] = "CREATE TABLE one (a INT);" }, { [SQL_SQLITE] = "DROP TABLE one;" } },
    { "two", { [SQL_SQLITE] = "CREATE TABLE one (a INT);" }, { [SQL_SQLITE] = "" } },
};
static const struct sql_schema schema = { "test", migrations, 2 };
static const struct sql_schema older = { "test", migrations, 1 };
static const struct sql_schema bad = { "test", broken, 2 };

struct rig {
    struct sql_fixture f;
    struct sql_db *db;
};

static void set_up(struct rig *r)
{
    sql_fixture_init(&r->f);
    r->db = sql_fixture_open(&r->f, NULL);
}

static void tear_down(struct rig *r)
{
    sql_close(r->db);
    sql_fixture_release(&r->f);
}

static size_t version(struct rig *r)
{
    size_t v = 99;
    assert_int_equal(sql_schema_version(&r->f.ctx, r->db, &schema, &v, NULL), 0);
    return v;
}

static bool works(struct rig *r, const char *text)
{
    cleanup_sql struct sql *c = NULL;
    assert_int_equal(sql_acquire(&r->f.ctx, r->db, SQL_WRITE, &c, NULL), 0);
    return sql_exec(&r->f.ctx, c, text, NULL, 0, NULL, NULL) == 0;
}

static void check_up(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r);
    assert_int_equal(version(&r), 0);

    assert_int_equal(sql_migrate_up(&r.f.ctx, r.db, &schema, 1, NULL), 0);
    assert_int_equal(version(&r), 1);
    assert_false(works(&r, "SELECT a FROM two"));

    assert_int_equal(sql_migrate_up(&r.f.ctx, r.db, &schema, SQL_LATEST, NULL), 0);
    assert_int_equal(version(&r), 2);
    assert_true(works(&r, "SELECT b FROM one"));

    assert_int_equal(sql_migrate_up(&r.f.ctx, r.db, &schema, SQL_LATEST, NULL), 0);
    assert_int_equal(version(&r), 2);
    tear_down(&r);
}

static void check_down(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r);
    assert_int_equal(sql_migrate_up(&r.f.ctx, r.db, &schema, SQL_LATEST, NULL), 0);

    assert_int_equal(sql_migrate_down(&r.f.ctx, r.db, &schema, 1, NULL), 0);
    assert_int_equal(version(&r), 1);
    assert_true(works(&r, "SELECT a FROM one"));
    assert_false(works(&r, "SELECT b FROM one"));

    assert_int_equal(sql_migrate_down(&r.f.ctx, r.db, &schema, 0, NULL), 0);
    assert_int_equal(version(&r), 0);
    assert_false(works(&r, "SELECT a FROM one"));
    tear_down(&r);
}

static void check_failure(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r);

    assert_int_equal(sql_migrate_up(&r.f.ctx, r.db, &bad, SQL_LATEST, NULL), -1);

    assert_int_equal(version(&r), 0);
    assert_false(works(&r, "SELECT a FROM one"));
    tear_down(&r);
}

static void check_newer(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r);
    assert_int_equal(sql_migrate_up(&r.f.ctx, r.db, &schema, SQL_LATEST, NULL), 0);

    assert_int_equal(sql_migrate_up(&r.f.ctx, r.db, &older, SQL_LATEST, NULL), 0);
    assert_int_equal(version(&r), 2);
    cleanup_error struct error *err = NULL;
    assert_int_equal(sql_migrate_down(&r.f.ctx, r.db, &older, 0, &err), -1);
    assert_true(error_is(err, ERR_UNSUPPORTED));
    assert_int_equal(version(&r), 2);
    tear_down(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("goes up step by step, and no further than wanted", check_up),
        CASE("goes down again", check_down),
        CASE("leaves everything as it was when a step fails", check_failure),
        CASE("works on the schema of a newer program, but takes nothing of it away", check_newer),
    };
    return RUN_CASES("migrate", tests);
}
