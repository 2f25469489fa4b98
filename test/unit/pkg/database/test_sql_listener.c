#include <stdatomic.h>

#include "pkg/base/strv.h"
#include "pkg/database/sql_store.h"
#include "test/unit/support/pkg/sql/postgres_rig.h"
#include "test/unit/support/test.h"

static void play(void *arg, const char *statement, struct fake_reply *reply)
{
    (void)arg;
    if (str_starts(statement, "LISTEN "))
        reply->notify = "Billing";
}

/* The listener hints at everything when it begins; then at what it is told. */
static void check_hints(void **state)
{
    (void)state;
    struct postgres_rig r;
    struct store *store;
    postgres_rig_init(&r, play, NULL);
    assert_int_equal(store_open_postgresql(&r.ctx, fake_postgres_dsn(r.server), &store, NULL), 0);
    const struct opctx limited = opctx_with_timeout_ms(&r.ctx, 60000);

    for (uint64_t seen = 0; seen < 2; seen++)
        assert_int_equal(store_hint_wait(&limited, store, COLL_BILLING, seen, 60000, NULL), 0);

    assert_int_equal(store_hint(store, COLL_BILLING), 2);
    assert_int_equal(store_hint(store, COLL_PORTAL), 1);
    store_close(store);
    postgres_rig_release(&r);
}

static void check_none_on_sqlite(void **state)
{
    (void)state;
    struct sql_fixture f;
    sql_fixture_init(&f);
    struct sql_db *db = sql_fixture_open(&f, NULL);
    cleanup_error struct error *err = NULL;
    cleanup_sql struct sql *c = NULL;
    assert_int_equal(sql_acquire(&f.ctx, db, SQL_READ, &c, NULL), 0);

    assert_int_equal(sql_listen(&f.ctx, c, "x", &err), -1);

    assert_true(error_is(err, ERR_UNSUPPORTED));
    sql_release(take(c));
    sql_close(db);
    sql_fixture_release(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("hints at what other processes wrote", check_hints),
        CASE("cannot listen on SQLite", check_none_on_sqlite),
    };
    return RUN_CASES("sql_listener", tests);
}
