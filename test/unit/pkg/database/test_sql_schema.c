#include "pkg/database/sql_schema.h"
#include "test/unit/support/pkg/sql/sql_fixture.h"
#include "test/unit/support/test.h"

static int64_t count_tables(struct sql_fixture *f, struct sql_db *db)
{
    cleanup_sql struct sql *c = NULL;
    cleanup_sql_rows struct sql_rows rows = { 0 };
    assert_int_equal(sql_acquire(&f->ctx, db, SQL_READ, &c, NULL), 0);
    assert_int_equal(sql_query(&f->ctx, c,
                               "SELECT count(*) FROM sqlite_schema WHERE name <> 'schema_versions'"
                               " AND name NOT LIKE 'sqlite_%'",
                               NULL, 0, &rows, NULL),
                     0);
    assert_int_equal(sql_next(&rows, NULL), 1);
    return sql_row_int(&rows, 0);
}

static void check_up_and_down(void **state)
{
    (void)state;
    struct sql_fixture f;
    sql_fixture_init(&f);
    struct sql_db *db = sql_fixture_open(&f, NULL);

    assert_int_equal(sql_migrate_up(&f.ctx, db, &documents_schema, SQL_LATEST, NULL), 0);
    assert_true(count_tables(&f, db) > 3);
    assert_int_equal(sql_migrate_down(&f.ctx, db, &documents_schema, 0, NULL), 0);
    assert_int_equal(count_tables(&f, db), 0);
    assert_int_equal(sql_migrate_up(&f.ctx, db, &documents_schema, SQL_LATEST, NULL), 0);

    sql_close(db);
    sql_fixture_release(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("goes up, leaves nothing when it goes down, and up again", check_up_and_down),
    };
    return RUN_CASES("sql_schema", tests);
}
