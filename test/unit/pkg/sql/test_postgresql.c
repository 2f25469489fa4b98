#include <stdio.h>
#include <string.h>

#include "pkg/base/strv.h"
#include "test/unit/support/pkg/sql/postgres_rig.h"
#include "test/unit/support/test.h"

/* The statement that one case is about, and its reply; everything else succeeds. */
struct script {
    const char *statement;
    struct fake_reply reply;
};

static void play(void *arg, const char *statement, struct fake_reply *reply)
{
    const struct script *s = arg;
    if (s->statement && str_eq(statement, s->statement))
        *reply = s->reply;
}

static void check_rows(void **state)
{
    (void)state;
    struct script s = { "SELECT x", { .value = "42", .tag = "SELECT 1" } };
    struct postgres_rig r;
    struct sql_rows rows;
    size_t len;
    postgres_rig_init(&r, play, &s);
    for (int i = 0; i < 2; i++) { /* prepared, then prepared already */
        assert_int_equal(sql_query(&r.ctx, r.c, "SELECT x", NULL, 0, &rows, NULL), 0);
        assert_int_equal(sql_next(&rows, NULL), 1);
        assert_int_equal(sql_row_int(&rows, 0), 42);
        assert_string_equal(sql_row_text(&rows, 0, &len), "42");
        assert_int_equal(len, 2);
        assert_false(sql_row_is_null(&rows, 0));
        assert_int_equal(sql_next(&rows, NULL), 0);
        sql_rows_end(&rows);
    }
    postgres_rig_release(&r);
}

static void check_changed(void **state)
{
    (void)state;
    struct script s = { "UPDATE x", { .tag = "UPDATE 3" } };
    struct postgres_rig r;
    int64_t changed;
    postgres_rig_init(&r, play, &s);
    assert_int_equal(sql_exec(&r.ctx, r.c, "UPDATE x", NULL, 0, &changed, NULL), 0);
    assert_int_equal(changed, 3);
    postgres_rig_release(&r);
}

static void check_error(void **state)
{
    (void)state;
    struct script s = { "INSERT x", { .sqlstate = "23505" } };
    struct postgres_rig r;
    postgres_rig_init(&r, play, &s);

    assert_int_equal(sql_exec(&r.ctx, r.c, "INSERT x", NULL, 0, NULL, &r.err), -1);

    assert_true(error_is(r.err, ERR_EXISTS));
    assert_null(strstr(error_text(r.err), "s3cret")); /* the detail repeats values */
    assert_false(sql_is_broken(r.c));
    assert_int_equal(sql_exec(&r.ctx, r.c, "SELECT y", NULL, 0, NULL, NULL), 0);
    postgres_rig_release(&r);
}

static void check_full_disk(void **state)
{
    (void)state;
    struct script s = { "INSERT x", { .sqlstate = "53100" } };
    struct postgres_rig r;
    postgres_rig_init(&r, play, &s);

    assert_int_equal(sql_exec(&r.ctx, r.c, "INSERT x", NULL, 0, NULL, &r.err), -1);

    assert_true(error_is(r.err, ERR_UNAVAILABLE));
    assert_string_equal(error_get_code(r.err), SQL_CODE_FULL);
    assert_true(str_starts(error_text(r.err), SQL_FULL_TEXT ": "));
    assert_non_null(strstr(error_text(r.err), "53100"));
    assert_false(sql_is_broken(r.c)); /* what only reads goes on */
    postgres_rig_release(&r);
}

static void check_limit(void **state)
{
    (void)state;
    struct script s = { "INSERT x", { .sqlstate = "54000" } };
    struct postgres_rig r;
    postgres_rig_init(&r, play, &s);

    assert_int_equal(sql_exec(&r.ctx, r.c, "INSERT x", NULL, 0, NULL, &r.err), -1);

    assert_true(error_is(r.err, ERR_TOO_LARGE));
    assert_string_equal(error_get_code(r.err), SQL_CODE_REFUSED);
    assert_false(sql_is_broken(r.c));
    postgres_rig_release(&r);
}

static void check_lost_statement(void **state)
{
    (void)state;
    struct script s = { "SELECT x", { .hang_up = true } };
    struct postgres_rig r;
    postgres_rig_init(&r, play, &s);

    assert_int_equal(sql_exec(&r.ctx, r.c, "SELECT x", NULL, 0, NULL, &r.err), -1);

    assert_true(error_is(r.err, ERR_UNAVAILABLE));
    assert_true(sql_is_broken(r.c));
    assert_null(strstr(error_text(r.err), "s3cret"));
    sql_release(r.c);
    assert_int_equal(sql_acquire(&r.ctx, r.db, SQL_WRITE, &r.c, NULL), 0);
    assert_int_equal(sql_exec(&r.ctx, r.c, "SELECT y", NULL, 0, NULL, NULL), 0);
    assert_int_equal(fake_postgres_connections(r.server), 2);
    postgres_rig_release(&r);
}

static void check_lost_commit(void **state)
{
    (void)state;
    struct script s = { "COMMIT", { .hang_up = true } };
    struct postgres_rig r;
    postgres_rig_init(&r, play, &s);
    assert_int_equal(sql_begin(&r.ctx, r.c, NULL), 0);

    assert_int_equal(sql_commit(&r.ctx, r.c, &r.err), -1);

    assert_true(sql_is_unknown(r.c));
    assert_true(sql_is_broken(r.c));
    postgres_rig_release(&r);
}

static void check_refused_commit(void **state)
{
    (void)state;
    static const struct fake_reply replies[] = { { .sqlstate = "40001" }, { .tag = "ROLLBACK" } };
    for (size_t i = 0; i < ARRAY_LEN(replies); i++) {
        struct script s = { "COMMIT", replies[i] };
        struct postgres_rig r;
        postgres_rig_init(&r, play, &s);
        assert_int_equal(sql_begin(&r.ctx, r.c, NULL), 0);
        assert_int_equal(sql_commit(&r.ctx, r.c, &r.err), -1);
        assert_false(sql_is_unknown(r.c));
        assert_false(sql_is_broken(r.c));
        postgres_rig_release(&r);
    }
}

static void check_idle_loss(void **state)
{
    (void)state;
    struct script s = { 0 };
    struct postgres_rig r;
    postgres_rig_init(&r, play, &s);
    sql_release(r.c);

    fake_postgres_hang_up(r.server);

    assert_int_equal(sql_acquire(&r.ctx, r.db, SQL_WRITE, &r.c, NULL), 0);
    assert_int_equal(sql_exec(&r.ctx, r.c, "SELECT y", NULL, 0, NULL, NULL), 0);
    assert_int_equal(fake_postgres_connections(r.server), 2);
    postgres_rig_release(&r);
}

static void check_notifications(void **state)
{
    (void)state;
    struct script s = { "LISTEN news", { .notify = "Billing" } };
    struct postgres_rig r;
    cleanup_free char *payload = NULL;
    postgres_rig_init(&r, play, &s);
    assert_int_equal(sql_listen(&r.ctx, r.c, "news", NULL), 0);

    assert_int_equal(sql_notified(&r.ctx, r.c, &payload, NULL), 0);

    assert_string_equal(payload, "Billing");
    postgres_rig_release(&r);
}

/* The statements that a connection began with, one behind another. */
static void note(void *arg, const char *statement, struct fake_reply *reply)
{
    (void)reply;
    char *seen = arg;
    size_t len = strlen(seen);
    (void)snprintf(seen + len, 1024 - len, "%s\n", statement);
}

static void check_session(void **state)
{
    (void)state;
    static const char *const sessions[] = { NULL, "SET enable_seqscan = off" };
    for (size_t i = 0; i < ARRAY_LEN(sessions); i++) {
        char seen[1024] = "";
        struct sql_fixture f;
        sql_fixture_init(&f);
        const struct opctx ctx = opctx_root(clock_system(), rng_system(), NULL, NULL);
        struct fake_postgres *server = fake_postgres_start(f.dir, note, seen);
        const struct sql_config cfg = { .dsn = fake_postgres_dsn(server), .session = sessions[i] };
        struct sql_db *db = NULL;

        assert_int_equal(sql_open(&ctx, &cfg, &db, NULL), 0);

        sql_close(db);
        fake_postgres_stop(server);
        assert_non_null(strstr(seen, "SET client_connection_check_interval"));
        assert_true((strstr(seen, "\nSET enable_seqscan = off\n") != NULL) == (i == 1));
        assert_true((strstr(seen, "enable_") != NULL) == (i == 1));
        sql_fixture_release(&f);
    }
}

static void check_no_server(void **state)
{
    (void)state;
    struct sql_fixture f;
    sql_fixture_init(&f);
    const struct opctx ctx = opctx_root(clock_system(), rng_system(), NULL, NULL);
    cleanup_error struct error *err = NULL;
    struct sql_db *db;
    char dsn[256];
    (void)snprintf(dsn, sizeof(dsn), "postgresql:///x?host=%s&password=s3cret", f.dir);
    const struct sql_config cfg = { .dsn = dsn };

    assert_int_equal(sql_open(&ctx, &cfg, &db, &err), -1);

    assert_true(error_is(err, ERR_UNAVAILABLE));
    assert_null(strstr(error_text(err), "s3cret"));
    sql_fixture_release(&f);
}

static void check_dsn_that_cannot_be_parsed(void **state)
{
    (void)state;
    static const char *const dsns[] = { "host=localhost user=u password=secret with dbname=x",
                                        "postgresql://u:secret@[::1/x",
                                        "host=localhost password='secret" };
    struct opctx ctx = opctx_root(clock_system(), rng_system(), NULL, NULL);
    for (size_t i = 0; i < ARRAY_LEN(dsns); i++) {
        const struct sql_config cfg = { .dsn = dsns[i] };
        struct sql_db *db = NULL;
        struct error *err = NULL;
        assert_int_equal(sql_open(&ctx, &cfg, &db, &err), -1);
        assert_int_equal(error_kind(err), ERR_INVALID);
        assert_null(strstr(error_text(err), "with\""));
        assert_null(strstr(error_text(err), "secret"));
        assert_non_null(strstr(error_text(err), "keyword=value"));
        error_free(err);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("reads rows of a prepared statement", check_rows),
        CASE("tells how many rows a statement changed", check_changed),
        CASE("tells an error without the values in it", check_error),
        CASE("tells of a full disk", check_full_disk),
        CASE("a limit of the database is told of as its own", check_limit),
        CASE("connects anew after a lost connection", check_lost_statement),
        CASE("does not know what became of a commit whose answer was lost", check_lost_commit),
        CASE("knows that a refused commit did not happen", check_refused_commit),
        CASE("connects anew when an idle connection was ended", check_idle_loss),
        CASE("receives notifications", check_notifications),
        CASE("begins a connection as its user wants, and no other", check_session),
        CASE("tells nothing of a DSN that cannot be parsed", check_dsn_that_cannot_be_parsed),
        CASE("tells that there is no server", check_no_server),
    };
    return RUN_CASES("postgresql", tests);
}
