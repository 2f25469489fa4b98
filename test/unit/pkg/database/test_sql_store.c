#include <string.h>

#include "test/unit/support/pkg/database/store_fixture.h"
#include "test/unit/support/pkg/sql/fake_postgres.h"
#include "test/unit/support/pkg/sql/sql_fixture.h"
#include "test/unit/support/test.h"

static void check_get(void **state)
{
    (void)state;
    struct store_fixture f;
    store_fixture_init(&f, NULL);
    cleanup_doc struct doc made = { 0 }, got = { 0 };
    const char *body = "{\"id\":\"a\",\"n\":1.50}";
    assert_int_equal(store_fixture_create(&f, COLL_BILLING, body, &made, NULL), 0);

    assert_int_equal(store_get(&f.ctx, f.store, COLL_BILLING, "a", "a", &got, NULL), 0);

    assert_string_equal(got.id, "a");
    assert_string_equal(got.partition, "a");
    assert_string_equal(got.etag, made.etag);
    assert_int_equal(got.ts_s, FAKE_NOW_S);
    assert_string_equal(got.body, body);
    assert_int_equal(got.body_len, strlen(body));
    store_fixture_release(&f);
}

static void check_absent(void **state)
{
    (void)state;
    struct store_fixture f;
    store_fixture_init(&f, NULL);
    cleanup_doc struct doc got = { 0 };
    cleanup_error struct error *err = NULL;

    assert_int_equal(store_get(&f.ctx, f.store, COLL_BILLING, "a", "a", &got, &err), -1);

    assert_true(error_is(err, ERR_NOT_FOUND));
    assert_null(got.body);
    store_fixture_release(&f);
}

/* A file outlives the store; the host's clock may be behind when it is opened again. */
static void check_reopen(void **state)
{
    (void)state;
    struct sql_fixture file;
    struct store_fixture f;
    int64_t now_s;
    cleanup_doc struct doc got = { 0 };
    sql_fixture_init(&file);
    store_fixture_init(&f, file.dsn);
    assert_int_equal(store_fixture_create(&f, COLL_BILLING, "{\"id\":\"a\"}", NULL, NULL), 0);
    store_close(f.store);
    fake_clock_set_wall_ns(&f.clock, FAKE_WALL_NS - 3600 * NS_PER_S);

    assert_int_equal(store_open_sqlite(&f.ctx, file.dsn, &f.store, NULL), 0);

    assert_int_equal(store_get(&f.ctx, f.store, COLL_BILLING, "a", "a", &got, NULL), 0);
    assert_int_equal(store_now_s(&f.ctx, f.store, &now_s, NULL), 0);
    assert_int_equal(now_s, FAKE_NOW_S);
    store_fixture_release(&f);
    sql_fixture_release(&file);
}

static void check_bad_dsn(void **state)
{
    (void)state;
    struct store_fixture f;
    store_fixture_init(&f, NULL);
    struct store *none;
    cleanup_error struct error *err = NULL;

    assert_int_equal(store_open_sqlite(&f.ctx, "postgresql://x", &none, &err), -1);

    assert_true(error_is(err, ERR_INVALID));
    store_fixture_release(&f);
}

/* Lets nobody further than to its session. */
static void refuse_session(void *arg, const char *statement, struct fake_reply *reply)
{
    bool *seen = arg;
    if (!strstr(statement, "enable_seqscan = off"))
        return;
    *seen = true;
    reply->sqlstate = "57P01";
}

static void check_session(void **state)
{
    (void)state;
    bool seen = false;
    struct sql_fixture f;
    sql_fixture_init(&f);
    const struct opctx ctx = opctx_root(clock_system(), rng_system(), NULL, NULL);
    struct fake_postgres *server = fake_postgres_start(f.dir, refuse_session, &seen);
    struct store *none = NULL;

    assert_int_equal(store_open_postgresql(&ctx, fake_postgres_dsn(server), &none, NULL), -1);

    fake_postgres_stop(server);
    assert_true(seen);
    sql_fixture_release(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("reads a document as it was written", check_get),
        CASE("tells that a document is absent", check_absent),
        CASE("keeps documents and time in a file", check_reopen),
        CASE("keeps PostgreSQL to the indexes", check_session),
        CASE("refuses a DSN of another driver", check_bad_dsn),
    };
    return RUN_CASES("sql_store", tests);
}
