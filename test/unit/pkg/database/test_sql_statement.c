#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/database/sql_schema.h"
#include "pkg/database/sql_statement.h"
#include "test/unit/support/pkg/sql/sql_fixture.h"
#include "test/unit/support/test.h"

/* Which index SQLite finds the rows with, and that it has nothing to sort. */
struct plan_case {
    const char *name;
    enum query query;
    const char *index; /* and its terms */
    bool goes_on;      /* a later page */
};
static struct plan_case plan_cases[] = {
    { "finds a cluster by its key", QUERY_CLUSTERS_BY_KEY, "documents_unique1 (unique1=?)", false },
    { "lists clusters along their keys", QUERY_CLUSTERS_BY_PREFIX,
      "documents_unique1 (unique1>? AND unique1<?)", false },
    { "lists on along their keys", QUERY_CLUSTERS_BY_PREFIX, "documents_unique1 (", true },
    { "finds a cluster by its resource group", QUERY_CLUSTERS_BY_RESOURCE_GROUP,
      "documents_unique2 (unique2=?)", false },
    { "finds a cluster by its client", QUERY_CLUSTERS_BY_CLIENT_ID, "documents_unique3 (unique3=?)",
      false },
    { "lists everything along the ids", QUERY_ALL,
      "sqlite_autoindex_documents_1 (coll=? AND part=?)", false },
};

static void check_plan(void **state)
{
    const struct plan_case *pc = *state;
    struct sql_fixture f;
    sql_fixture_init(&f);
    struct sql_db *db = sql_fixture_open(&f, NULL);
    assert_int_equal(sql_migrate_up(&f.ctx, db, &documents_schema, SQL_LATEST, NULL), 0);
    const struct store_query q = { .query = pc->query,
                                   .coll = COLL_OPENSHIFT_CLUSTERS,
                                   .partition = "p",
                                   .args = { "/a" },
                                   .page = 10 };
    cleanup_sql_position struct sql_position from = { .part = pc->goes_on ? xstrdup("p") : NULL,
                                                      .key = "/ab" };
    cleanup_sql_statement struct sql_statement st;
    sql_statement_page(&st, SQL_SQLITE, &q, &from);
    cleanup_free char *text = xasprintf("EXPLAIN QUERY PLAN %s", buf_str(&st.text));
    cleanup_buf struct buf plan = BUF_INIT(BUF_UNBOUNDED);
    {
        cleanup_sql struct sql *c = NULL;
        cleanup_sql_rows struct sql_rows rows = { 0 };
        assert_int_equal(sql_acquire(&f.ctx, db, SQL_READ, &c, NULL), 0);
        assert_int_equal(sql_query(&f.ctx, c, text, st.params, st.n, &rows, NULL), 0);
        while (sql_next(&rows, NULL) > 0)
            buf_addf(&plan, "%s\n", sql_row_text(&rows, 3, NULL));
    }

    assert_non_null(strstr(buf_str(&plan), pc->index));
    assert_null(strstr(buf_str(&plan), "TEMP B-TREE"));
    sql_close(db);
    sql_fixture_release(&f);
}

static void counts_without_a_page(void **state)
{
    (void)state;
    const struct store_query q = { .query = QUERY_CLUSTERS_BY_KEY,
                                   .coll = COLL_OPENSHIFT_CLUSTERS,
                                   .args = { "/a" } };
    cleanup_sql_statement struct sql_statement st;

    sql_statement_count(&st, SQL_SQLITE, &q);

    assert_string_equal(buf_str(&st.text),
                        "SELECT count(*) FROM documents AS d WHERE d.coll || '' = $1"
                        " AND d.unique1 = $2");
    assert_int_equal(st.n, 2);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(plan_cases) + 1] = {
        CASE("counts without a page", counts_without_a_page),
    };
    for (size_t i = 0; i < ARRAY_LEN(plan_cases); i++)
        tests[1 + i] = (struct CMUnitTest)CASE_OF(plan_cases[i].name, check_plan, &plan_cases[i]);
    return RUN_CASES("sql_statement", tests);
}
